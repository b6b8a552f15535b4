import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createHashEmbedder } from "../../../test/support/hash-embedder.ts";
import { openRuntime } from "../../compose/runtime.ts";
import { parseSettings } from "../../config/parse.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Embedder } from "../../core/ports.ts";
import { createOutput } from "../terminal/output.ts";
import { serve } from "./serving.ts";

test("a server begins to load its model before anyone asks, and a failure is told and can pass", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-serving-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const embedder = createHashEmbedder();
  const outcomes = ["fails", "fails", "loads"];
  const loading: Embedder = {
    ...embedder,
    async load() {
      if (outcomes.shift() === "fails") throw new IsthmusError("embedder_unavailable", "no thread to be had");
      return await embedder.load();
    },
  };
  const settings = parseSettings({ ISTHMUS_DATA_DIR: folder, PORT: "0" });
  const runtime = { ...(await openRuntime(settings)), embedder: loading };
  const serving = await serve(runtime, createOutput(true));
  context.after(() => serving.close());
  context.after(() => runtime.close());
  assert.equal(outcomes.length, 2, "begun");
  assert.equal((await fetch(`${serving.url}/healthz`)).status, 200);
  await assert.rejects(serving.ready(), { code: "embedder_unavailable" });
  await serving.ready();
});
