import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { attempt, index, rejectsWith, visible } from "../contract/harness.ts";
import { assertConsistent } from "./integrity.testing.ts";
import { createSqliteStore } from "./store.ts";

const identity = { model: "test/model", dimensions: 16, revision: "r1" };

test("a writer that lost its lock to another process writes nothing more, and says so", {
  skip: process.platform === "win32" ? "locks go with their handle there" : false,
}, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const store = createSqliteStore({ directory });
  const writer = await store.openWriter(identity);
  const reader = await store.openReader(identity);
  const bench = { store, identity, writer, reader };
  await index(bench, attempt("file:///first"), [{}, {}]);

  // POSIX: closing any descriptor of a file drops all the locks that the process has on it.
  closeSync(openSync(join(directory, "writer.lock"), "r"));
  const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const second = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `const { createSqliteStore } = await import(${module("store.ts")});
       const { attempt, index } = await import(${module("../contract/harness.ts")});
       const identity = ${JSON.stringify(identity)};
       const store = createSqliteStore({ directory: ${JSON.stringify(directory)} });
       const writer = await store.openWriter(identity);
       await index({ store, identity, writer }, attempt("file:///second"), [{}, {}, {}]);
       console.log("written");
       process.stdin.on("data", async () => {
         await index({ store, identity, writer }, attempt("file:///second", 2), [{}]);
         await writer.close();
         process.exit();
       });`,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  t.after(() => second.kill("SIGKILL"));
  await once(second.stdout, "data");

  await assert.rejects(index(bench, attempt("file:///late"), [{}]), rejectsWith("store_locked"));
  await assert.rejects(index(bench, attempt("file:///first", 2), [{}]), rejectsWith("store_locked"));
  assert.deepEqual(await visible(bench, "file:///"), [
    "file:///first v1 0",
    "file:///first v1 1",
    "file:///second v1 0",
    "file:///second v1 1",
    "file:///second v1 2",
  ]);
  second.stdin.write("on");
  await once(second, "exit");
  await reader.close();
  await writer.close();
  assert.deepEqual(assertConsistent(join(directory, "index.sqlite"), identity), { documents: 2, chunks: 3 });
});
