import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deskFor } from "../support/cli.ts";
import { makeArchiveZip } from "../support/parser/make-archive.ts";

interface ShowAnswer {
  readonly files: readonly {
    readonly parser?: string;
    readonly records: number;
    readonly chunks: number;
    readonly documents: readonly {
      readonly id?: string;
      readonly title: string;
      readonly text: string;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly sections: readonly { readonly heading: string; readonly start: number; readonly end: number }[];
      readonly chunks: readonly { readonly start: number; readonly end: number; readonly tokens: number }[];
    }[];
    readonly faults: readonly { readonly id: string; readonly code: string }[];
    readonly error?: { readonly code: string };
  }[];
}

test("--show prints what is read, with headings, records and chunks, and makes no index", async (context) => {
  const { write, run, folder } = deskFor(context);
  const guide = write("guide.md", "# Guide\n\nHello.\n\n## Install\n\nRun \u0007it.\n");
  const people = write("people.csv", "id,name\n1,Ada\n2,Grace\n");
  const shown = await run("ingest", "--show", guide, people);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /guide\.md.*read as markdown/);
  // The terminal is not steered by what a file holds.
  assert.match(shown.stdout, /\[29–37\] Guide > Install\nRun \\u0007it\./);
  assert.match(shown.stdout, /#2 .*\n(?:.*\n)*name: Grace/);
  assert.match(shown.stdout, /chunk 1 {2}\[0–9\] {2}\d+ tokens {2}name: Ada/);
  assert.match(shown.stdout, /2 documents, 2 chunks\./);
  const { files } = (await run("ingest", "--show", guide, people, "--json")).json<ShowAnswer>();
  assert.deepEqual(
    files.map(({ parser, records, chunks }) => [parser, records, chunks]),
    [
      ["markdown", 1, 2],
      ["csv", 2, 2],
    ],
  );
  const [document] = files[0]?.documents ?? [];
  assert.deepEqual(
    document?.sections.map(({ heading, start, end }) => [heading, document.text.slice(start, end)]),
    [
      ["Guide", "Hello."],
      ["Guide > Install", "Run \u0007it."],
    ],
  );
  assert.equal(existsSync(join(folder, "data")), false);
});

test("--show tells what cannot be read and what is passed over, and refuses a folder", async (context) => {
  const { write, run } = deskFor(context);
  const zip = await makeArchiveZip([
    { name: "a.txt", content: "zebra" },
    { name: "photo.png", content: Buffer.from("\x89PNG\r\n\x1a\n", "latin1") },
  ]);
  const archive = write("all.zip", zip);
  const passed = await run("ingest", "--show", archive, "--json");
  assert.equal(passed.code, 0, passed.stderr);
  const [file] = passed.json<ShowAnswer>().files;
  assert.deepEqual(
    file?.faults.map(({ id, code }) => [id, code]),
    [["photo.png", "content_skipped"]],
  );
  const broken = await run("ingest", "--show", write("bad.pdf", "%PDF-1.7 and nothing behind it"), archive);
  assert.equal(broken.code, 2);
  assert.match(broken.stdout, /parse_failed: .*bad\.pdf/);
  assert.match(broken.stdout, /#a\.txt/);
  assert.match(broken.stdout, /passed over: photo\.png: .*kind that is not read/);
  const whole = await run("ingest", "--show", "documents");
  assert.equal(whole.code, 1);
  assert.match(whole.stderr, /documents is a folder; --show reads files/);
});
