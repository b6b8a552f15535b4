import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { seeded } from "../../../../test/support/seeded.ts";
import { attempt, chunk, vectorOf, write } from "../contract/harness.ts";
import { storeFailure } from "./failures.ts";
import { neverInterrupted } from "./interrupt.ts";
import { createReader } from "./reader.ts";
import { createSqliteStore } from "./store.ts";

const identity = { model: "test/model", dimensions: 16, revision: "r1" };
const corruptions = 300;

test(`${corruptions} random corruptions of the file: every one is an answer or a damaged index, never a riddle`, async (context) => {
  const random = seeded(context);
  const folder = mkdtempSync(join(tmpdir(), "isthmus-corrupt-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const writer = await createSqliteStore({ directory: folder }).openWriter(identity);
  for (let number = 0; number < 20; number++) {
    const of = attempt(`file:///${number}`);
    const chunks = [0, 1, 2].map((at) =>
      chunk(of, at, 16, { metadata: { n: at, tag: "x" }, terms: `common w${number}` }),
    );
    await write(writer, of, chunks);
  }
  await writer.close();
  const good = join(folder, "good.sqlite");
  copyFileSync(join(folder, "index.sqlite"), good);
  const bytes = readFileSync(good);
  const codes = new Map<string, number>();
  for (let run = 0; run < corruptions; run++) {
    const bad = Buffer.from(bytes);
    const flips = 1 + Math.floor(random() * 40);
    // Behind the header, which has a test of its own.
    for (let flip = 0; flip < flips; flip++)
      bad[100 + Math.floor(random() * (bad.length - 100))] = Math.floor(random() * 256);
    const file = join(folder, `bad-${run}.sqlite`);
    writeFileSync(file, bad);
    for (const [name, look] of looks) {
      const code = outcomeOf(file, look);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      assert.ok(
        ["fine", "store_corrupt", "store_mismatch", "store_newer"].includes(code),
        `run ${run}, ${name}: ${code}`,
      );
    }
    rmSync(file);
  }
  context.diagnostic(JSON.stringify(Object.fromEntries(codes)));
  assert.ok((codes.get("store_corrupt") ?? 0) > 20, "some of them are seen");
});

type Look = (reader: ReturnType<typeof createReader>) => unknown;

const looks: readonly (readonly [string, Look])[] = [
  ["hybrid", (reader) => reader.search({ mode: "hybrid", limit: 10, vector: vectorOf("q", 16), terms: ["common"] })],
  [
    "keyword",
    (reader) => reader.search({ mode: "keyword", limit: 10, terms: ["w7"], filter: { metadata: { tag: "x" } } }),
  ],
  ["entries", (reader) => reader.entries(Array.from({ length: 20 }, (_, number) => `file:///${number}`))],
  ["page", (reader) => reader.page("file:///", undefined, 100)],
  ["count", (reader) => reader.count("")],
];

function outcomeOf(file: string, look: Look): string {
  let reader: ReturnType<typeof createReader> | undefined;
  try {
    reader = createReader({ file, identity, rangeKeys: [], cacheBytes: 2 ** 20 }, neverInterrupted);
    look(reader);
    return "fine";
  } catch (thrown) {
    const { code, message } = storeFailure(thrown, file);
    return code === "internal" ? `internal: ${message}` : code;
  } finally {
    reader?.close();
  }
}
