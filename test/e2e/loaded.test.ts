import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../support/cli.ts";

/** In the main thread, whose modules a person waits for: as it ends, the packages that it has loaded. */
const hook = `
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";
import { writeFileSync } from "node:fs";
if (isMainThread) {
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name !== undefined) packages.add(name);
      return next(url, context);
    },
  });
  process.on("exit", () => writeFileSync(process.env.LOADED_FILE, JSON.stringify([...packages].sort())));
}`;

/** With what has few words that English alone has, and letters and short words that are words elsewhere: no detector is asked. */
const english = `# Gannets

The gannets of the northern cliff come back in the first week of March.

# Record of 2026

2026-03-04, accepted.

# 15. A lean client for Pub/Sub

Date: 2026-11-28. State: accepted.

# What model is used for embeddings?

The model is all-MiniLM-L6-v2, it ships in a repository, runs in the process, and knows English alone.

# The answer of the service, word for word

"chunk": 1, "version": "9f2c1a-d3-e-4a8abc7f2cfc35e2f3fef549d0878", "score": 1, "took_ms": 38.55, "trace_id": "4a8abc7f2cfc35e2f3fef549d0878"
`;

test("a command loads no package that it does not use: each takes its time at every start", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-loaded-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const hookFile = join(folder, "hook.mjs");
  const loaded = join(folder, "loaded.json");
  const document = join(folder, "gannet.md");
  writeFileSync(hookFile, hook);
  writeFileSync(document, english);
  const packagesOf = (...words: string[]): string[] => {
    const words_ = ["--disable-warning=ExperimentalWarning", "--import", pathToFileURL(hookFile).href];
    const { status, stderr } = spawnSync(execPath, [...words_, join(root, "src", "entry", "cli.ts"), ...words], {
      encoding: "utf8",
      env: { ...process.env, ISTHMUS_DATA_DIR: join(folder, "data"), LOADED_FILE: loaded, NO_COLOR: "1" },
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(readFileSync(loaded, "utf8"));
  };
  const reading = ["@huggingface/tokenizers", "stemmer"];
  assert.deepEqual(packagesOf("ingest", document), ["@orama/stopwords", ...reading].sort());
  const question = ["ask", "When do the gannets of the northern cliff come back?"];
  assert.deepEqual(packagesOf(...question), reading);
  assert.deepEqual(packagesOf("status"), ["stemmer"]);
});
