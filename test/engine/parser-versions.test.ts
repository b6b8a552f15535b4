import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createParserRegistry } from "../../src/adapters/parser/registry.ts";
import { surveySources } from "../../src/core/plan/survey.ts";
import type { ParserRegistry } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";

function openRegistry(context: TestContext): ParserRegistry {
  const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 20, maxRecordBytes: 2 ** 16 });
  context.after(() => registry.close());
  return registry;
}

/** The registry of the next release, in which one part has another version. */
function raised(registry: ParserRegistry, name: string): ParserRegistry {
  const next = (words: string) => words.replaceAll(new RegExp(`\\b${name}@(\\d+)`, "g"), `${name}@$1.next`);
  return {
    select: registry.select,
    fingerprint: next(registry.fingerprint),
    fingerprints: new Map([...registry.fingerprints].map(([parser, words]) => [parser, next(words)])),
  };
}

const head = "From: a@example.org\nTo: b@example.org\nSubject: zebra\nMIME-Version: 1.0\n";
const mail = `${head}Content-Type: text/plain\n\nzebra in a mail\n`;
const withTable = [
  `${head}Content-Type: multipart/mixed; boundary=x\n`,
  "--x\nContent-Type: text/plain\n\nzebra with a table\n",
  "--x\nContent-Type: text/csv\nContent-Disposition: attachment; filename=t.csv\n\nname,what\nzebra,attached\n--x--\n",
].join("\n");

const files: Readonly<Record<string, string>> = {
  "a.txt": "zebra in a text",
  "b.csv": "name,what\nzebra,in a table",
  "c.md": "# Zebra\n\nin Markdown",
  "d.html": "<p>zebra in a page</p>",
  "e.eml": mail,
  "f.eml": withTable,
  "g.mbox": `From a@example.org Thu Nov 26 10:00:00 2026\n${mail}`,
  "h.json": '{"name": "zebra"}',
};

async function openFull(context: TestContext) {
  const registry = openRegistry(context);
  const engine = await openBucketEngine(context, { registry });
  const bucket = createBucket();
  for (const [name, content] of Object.entries(files)) bucket.put(name, content);
  assert.equal((await engine.ingest(bucket.source)).added, Object.keys(files).length);
  const nameOf = (key: string) => key.replace(/^.*\/|@.*$/g, "");
  return {
    registry,
    engine,
    bucket,
    /** The files that a run of this registry reads, and the texts it embeds. */
    async readBy(other: ParserRegistry) {
      const before = bucket.reads.length;
      const { embedded } = await engine.withRegistry(other).ingest(bucket.source);
      return { files: bucket.reads.slice(before).map(nameOf).sort().join(" "), embedded };
    },
  };
}

for (const [name, read] of [
  ["csv", "b.csv f.eml g.mbox"],
  ["markdown", "c.md f.eml g.mbox"],
  // HTML is in mail by itself, whatever is attached.
  ["html", "d.html e.eml f.eml g.mbox"],
  ["mail", "e.eml f.eml g.mbox"],
  ["mbox", "f.eml g.mbox"],
  ["common", "a.txt b.csv c.md d.html e.eml f.eml g.mbox h.json"],
] as const) {
  test(`a new version of ${name} has what it reads, and what holds files of any kind, read anew: ${read}`, async (context) => {
    const { registry, readBy } = await openFull(context);
    const next = raised(registry, name);
    assert.notEqual(next.fingerprint, registry.fingerprint);
    assert.deepEqual(await readBy(next), { files: read, embedded: 0 }, "the texts are as before");
    assert.deepEqual(await readBy(next), { files: "", embedded: 0 }, "once");
  });
}

test("an index whose rows name the whole registry, as all once did, goes on unread until a version is raised", async (context) => {
  const { registry, readBy } = await openFull(context);
  const whole = { ...registry, fingerprints: new Map() };
  const all = Object.keys(files).sort().join(" ");
  assert.equal((await readBy(raised(whole, "csv"))).files, all, "every row is made by the whole");
  const next = raised(registry, "csv");
  assert.equal((await readBy(next)).files, "", "the same versions");
  assert.equal((await readBy(raised(next, "markdown"))).files, all, "once more than needed, and then by format");
  assert.equal((await readBy(raised(raised(next, "markdown"), "json"))).files, "f.eml g.mbox h.json");
});

test("a file that failed, or was skipped, is tried again under any new version", async (context) => {
  const { registry, bucket, readBy } = await openFull(context);
  bucket.put("bad.pdf", "%PDF-1.7 and no more");
  bucket.put("picture.png", "\x89PNG\r\n\x1a\n");
  assert.equal((await readBy(registry)).files, "bad.pdf picture.png");
  assert.equal((await readBy(raised(registry, "csv"))).files, "b.csv bad.pdf f.eml g.mbox picture.png");
});

test("a plan tells which documents are read again for a new version alone", async (context) => {
  const { registry, engine, bucket } = await openFull(context);
  const next = raised(registry, "csv");
  bucket.put("a.txt", "zebra in another text");
  const { fingerprints } = engine.withRegistry(next).pipeline;
  const parts = { registry: next, fingerprints, manifest: engine.store, maxFileBytes: 2 ** 20 };
  const { added, changed, outdated, unchanged } = await surveySources([bucket.source], parts, { drawn: 10 });
  assert.deepEqual({ added, changed, outdated, unchanged }, { added: 0, changed: 4, outdated: 3, unchanged: 4 });
});
