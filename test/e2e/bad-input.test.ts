import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync, symlinkSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { IngestSummary } from "../../src/core/ingest-types.ts";
import { createDesk } from "../support/cli.ts";
import { makeDocx } from "../support/parser/make-docx.ts";
import { makePdf } from "../support/parser/make-pdf.ts";

interface Status {
  readonly documents: number;
  readonly failures: readonly {
    readonly uri: string;
    readonly failure?: { readonly code: string; readonly reason: string };
    readonly bad_records?: number;
  }[];
  readonly list: readonly { readonly uri: string; readonly chunks?: number }[];
}

const megabyte = 2 ** 20;

/** The codes that files of these names must fail with, each with a reason that a person can act on. */
const expected: Readonly<Record<string, string>> = {
  "hundred-megabytes.txt": "source_too_large",
  "binary.txt": "content_unsupported",
  "corrupt.pdf": "parse_failed",
  "locked.pdf": "parse_encrypted",
  "scan.pdf": "content_no_text",
  "bomb.docx": "parse_limit",
};

test("a folder of bad input: each gets a clear error, and everything good is found", {
  timeout: 600_000,
}, async (context) => {
  const desk = createDesk();
  context.after(() => desk.clear());
  const { write, run, folder } = desk;
  write("good.md", "# Herons\n\nThe heron waits in shallow water.\n");
  write("good.pdf", makePdf([["A heron may stand still for an hour."]]));
  write(
    "good.docx",
    await makeDocx([{ style: "Heading1", text: "Nests" }, { text: "The heron nests in tall trees." }]),
  );
  write("empty.txt", "");
  // Sparse: a hundred megabytes that take no room on the disk.
  const large = openSync(write("hundred-megabytes.txt", ""), "w");
  writeSync(large, "The beginning is text. ".repeat(500));
  ftruncateSync(large, 100 * megabyte);
  closeSync(large);
  write(
    "binary.txt",
    new Uint8Array(4096).map((_, index) => (index * 7919) % 256),
  );
  write("invalid-utf8.txt", new Uint8Array([0x74, 0x65, 0x78, 0x74, 0xc3, 0x28, 0x80, 0x21]));
  write("corrupt.pdf", "%PDF-1.7\nnot one object of it is whole");
  write("locked.pdf", makePdf([["secret heron"]], { userPassword: "hidden" }));
  write("scan.pdf", makePdf([{ texts: [], picture: [100, 100] }]));
  const zeros = Readable.from(
    (function* () {
      for (let count = 0; count < 64; count++) yield Buffer.alloc(megabyte);
    })(),
  );
  write("bomb.docx", await makeDocx([{ text: "x" }], { extra: { "word/styles.xml": zeros } }));
  write("deep.html", `${"<div>".repeat(100_000)}The heron at the bottom.${"</div>".repeat(100_000)}`);
  write(
    "records.jsonl",
    `{"id":"ok","text":"A record about the heron."}\n{"id":"long","text":"${"x".repeat(10 * megabyte)}"}\nnot json\n`,
  );
  write("línea 🐦\nname.txt", "The heron flies slowly.");
  symlinkSync(".", join(dirname(write("loop/inside.txt", "The heron turns.")), "again"));

  const first = await run("ingest", "documents", "--json");
  assert.equal(first.code, 2, first.stderr);
  const summary = first.json<IngestSummary>();
  assert.equal(summary.failed, Object.keys(expected).length, first.stderr);
  // Two records. The bytes that are no UTF-8 are read as what they may be.
  assert.deepEqual([summary.empty, summary.faults], [1, 2]);

  const status = (await run("status", "--failed", "--documents", "--json")).json<Status>();
  const failures = new Map(
    status.failures.map((entry) => [entry.uri.slice(entry.uri.lastIndexOf("/") + 1), entry.failure]),
  );
  for (const [name, code] of Object.entries(expected)) {
    assert.equal(failures.get(name)?.code, code, name);
    assert.match(failures.get(name)?.reason ?? "", /[a-z].{20,}/s, `${name}: a sentence says what to do`);
    assert.match(first.stderr, new RegExp(`failed: .*${name}`));
  }
  assert.equal(status.list.filter((entry) => entry.uri.includes("/loop/")).length, 1, "a loop adds nothing twice");
  assert.doesNotMatch(first.stderr + JSON.stringify(status), /secret heron|hidden/, "no document text, no password");

  const asked = await run("query", "heron", "--mode", "keyword", "--k", "50", "--json");
  const contents = asked
    .json<{ results: { content: string }[] }>()
    .results.map((result) => result.content)
    .sort();
  assert.deepEqual(contents, [
    "A heron may stand still for an hour.",
    "A record about the heron.",
    "The heron at the bottom.",
    "The heron flies slowly.",
    "The heron nests in tall trees.",
    "The heron turns.",
    "The heron waits in shallow water.",
  ]);
  assert.equal((await run("ingest", join(folder, "no-such-folder"))).code, 1);
});

test("a ten-megabyte line in a text file is one document, cut into chunks that can be cited", {
  timeout: 600_000,
}, async (context) => {
  // A remote embedder that answers at once: the model itself would need minutes, and is not what is tested here.
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const { input }: { input: string[] } = JSON.parse(body);
      const data = input.map((text, index) => ({ index, embedding: [text.length % 7, 1, 0, 0] }));
      response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const desk = createDesk({
    ISTHMUS_EMBEDDING_URL: `http://127.0.0.1:${port}/v1`,
    ISTHMUS_EMBEDDING_MODEL: "test",
    ISTHMUS_EMBEDDING_DIMENSIONS: "4",
  });
  context.after(async () => {
    await desk.clear();
    server.close();
  });
  desk.write("line.txt", `needle ${"word after word without an end ".repeat((10 * megabyte) / 31)}`);
  const { code, stderr, json } = await desk.run("ingest", "documents", "--json");
  assert.equal(code, 0, stderr);
  const { added, chunks } = json<IngestSummary>();
  assert.equal(added, 1);
  assert.ok(chunks > 5000, `${chunks} chunks`);
  const asked = await desk.run("query", "needle", "--mode", "keyword", "--json");
  assert.equal(asked.json<{ results: { source: { start: number } }[] }>().results[0]?.source.start, 0);
});
