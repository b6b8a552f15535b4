import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { makeZip } from "../../../../test/support/parser/make-docx.ts";
import { failsWith } from "../../../../test/support/parser/parse.ts";
import { openArchive } from "./archive.ts";

const megabyte = 1024 * 1024;

function* zeros(megabytes: number): Generator<Buffer> {
  for (let count = 0; count < megabytes; count += 1) yield Buffer.alloc(megabyte);
}

test("parts are found whatever their case, and read as they are", async () => {
  const archive = await openArchive(await makeZip({ "Word/Document.xml": "abc", "b.txt": "" }), "x");
  assert.deepEqual(archive.names, ["Word/Document.xml", "b.txt"]);
  assert.equal((await archive.read("word/document.XML")).toString(), "abc");
  assert.deepEqual([archive.has("B.TXT"), archive.has("c.txt")], [true, false]);
  assert.equal((await archive.read("c.txt")).length, 0);
});

test("bytes after the end of the zip do no harm", async () => {
  const zip = await makeZip({ a: "abc" });
  const archive = await openArchive(Buffer.concat([zip, Buffer.from("\r\n\0")]), "x");
  assert.equal((await archive.read("a")).toString(), "abc");
});

test("what is inflated is counted over all parts, and so are the entries", async () => {
  const zip = await makeZip({ a: Readable.from(zeros(3)), b: Readable.from(zeros(3)) });
  const archive = await openArchive(zip, "x", { maxBytes: 5 * megabyte });
  assert.equal((await archive.read("a")).length, 3 * megabyte);
  await assert.rejects(archive.read("b"), failsWith("parse_limit", /5242880 bytes/));
  await assert.rejects(openArchive(zip, "x", { maxEntries: 1 }), failsWith("parse_limit", /1 files/));
});

test("a part that expands without end stops early", async () => {
  const archive = await openArchive(await makeZip({ a: Readable.from(zeros(64)) }), "x");
  let seen = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of archive.stream("a")) seen += chunk.length;
  };
  await assert.rejects(read, failsWith("parse_limit", /200 times its size/));
  assert.ok(seen < 20 * megabyte);
});

test("a header that lies about the size does not get past the count, and a changed byte not past its checksum", async () => {
  const zip = await makeZip({ a: Readable.from(zeros(3)) });
  const directory = zip.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  // The checksum and the inflated size in the central directory.
  const lying = Buffer.from(zip);
  lying.writeUInt32LE(10, directory + 24);
  await assert.rejects((await openArchive(lying, "x")).read("a"));
  const changed = Buffer.from(zip);
  changed.writeUInt32LE(10, directory + 16);
  await assert.rejects((await openArchive(changed, "x")).read("a"), /checksum/);
});
