import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../config/settings.ts";
import { recordRun } from "./runs.ts";
import { openSource } from "./source.ts";

const figures = { listing: false, done: 1, total: 2, failed: 0, documentsPerSecond: 1 };
/** Older than any run that goes on. */
const longAgo = new Date(Date.now() - 3_600_000);

/** A data folder that is a person's own: the program's files lie among documents. */
function folder(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), "isthmus-runs-"));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const write = (name: string, time?: Date) => {
    writeFileSync(join(dataDir, name), '{ "result": 41 }');
    if (time !== undefined) utimesSync(join(dataDir, name), time, time);
  };
  return { dataDir, settings: { dataDir, gcs: {} } as unknown as Settings, write };
}

async function recorded(dataDir: string): Promise<string[]> {
  for (;;) {
    const names = readdirSync(dataDir).filter((name) => name.includes(String(process.pid)) && name.endsWith(".json"));
    if (names.length > 0) return names;
    await sleep(5);
  }
}

test("a person's file is never taken for the record of a run: it stays, and it is a document", async (t) => {
  const { dataDir, settings, write } = folder(t);
  write("run-7.json", longAgo);
  const record = recordRun(settings, () => figures);
  const [name = ""] = await recorded(dataDir);
  const source = await openSource(dataDir, settings);
  const uris: string[] = [];
  for await (const listed of source.list()) if (listed.kind === "object") uris.push(listed.ref.uri);
  await source.close();
  assert.deepEqual(
    uris.map((uri) => uri.slice(source.scope.length)),
    ["run-7.json"],
  );
  await record.end();
  assert.ok(existsSync(join(dataDir, "run-7.json")));
  assert.ok(!existsSync(join(dataDir, name)), "a run that has ended leaves nothing");
});

test("the record of a run that was killed goes with the next one", async (t) => {
  const { dataDir, settings, write } = folder(t);
  const first = recordRun(settings, () => figures);
  const [name = ""] = await recorded(dataDir);
  await first.end();
  const left = name.replace(String(process.pid), "1");
  write(left, longAgo);
  const next = recordRun(settings, () => figures);
  await recorded(dataDir);
  await next.end();
  assert.ok(!existsSync(join(dataDir, left)));
});
