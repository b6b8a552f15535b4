import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { makeDocx } from "../../../test/support/parser/make-docx.ts";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import { documentsOf, failsWith, objectRef, parseWith } from "../../../test/support/parser/parse.ts";
import { extensionsOf, kindOfExtension } from "./file-kinds.ts";
import { createParserRegistry } from "./registry.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
const lines = createParserRegistry({ format: "lines", ...limits });
after(() => Promise.all([registry.close(), lines.close()]));

const png = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");

/** The parser's name and content type, `skip`, or the error's code. */
function choice(uri: string, head: string | Uint8Array, contentType?: string, from = registry): string {
  try {
    const selected = from.select(objectRef(uri, contentType), Buffer.from(head));
    if ("skip" in selected) return selected.skip.code === "content_unsupported" ? "skip" : selected.skip.code;
    return `${selected.parser.name} ${selected.contentType}`;
  } catch (error) {
    assert.ok(failsWith("content_unsupported")(error));
    return "throws";
  }
}

test("by name, whatever its case and its encoding", () => {
  const expected: Record<string, string> = {
    "a.txt": "text text/plain",
    "a.TS": "text text/plain",
    "a.yaml": "text text/plain",
    "a.b.MD": "markdown text/markdown",
    "a%20b%0Ac%F0%9F%98%80.htm": "html text/html",
    "a.csv": "csv text/csv",
    "a.tsv": "csv text/tab-separated-values",
    "a.ndjson": "jsonl application/jsonl",
    "a.pdf": "pdf application/pdf",
    "100%.md": "markdown text/markdown",
    README: "text text/plain",
    ".gitignore": "text text/plain",
    "a.unknown": "text text/plain",
    "a%2Epng": "skip",
  };
  for (const [name, kind] of Object.entries(expected))
    assert.equal(choice(`file:///folder/x.pdf/${name}`, "some words"), kind);
  // An object's name is in its URI as it is.
  assert.equal(choice("gs://bucket/x.pdf/a%2Epng", "some words"), "text text/plain");
  assert.equal(choice("gs://bucket/x.pdf/100%.md", "some words"), "markdown text/markdown");
});

test("by a declared type that says something, else by name", () => {
  assert.equal(choice("gs://b/object", "x", "Text/HTML; charset=utf-8"), "html text/html");
  assert.equal(choice("gs://b/a.md", "x", "text/plain"), "markdown text/markdown");
  assert.equal(choice("gs://b/a.csv", "x", "application/octet-stream"), "csv text/csv");
  assert.equal(choice("gs://b/a.jsonl", "x", "application/json"), "jsonl application/jsonl");
  assert.equal(choice("gs://b/object", "x", "application/json"), "json application/json");
  assert.equal(choice("gs://b/object", "x", "image/png"), "skip");
});

test("by the first bytes where neither says anything", async () => {
  const docx = (await makeDocx([{ text: "x" }])).subarray(0, 4096);
  assert.equal(choice("file:///object", makePdf([["x"]])), "pdf application/pdf");
  assert.match(choice("file:///object", docx), /^docx /);
  assert.equal(choice("file:///object", "\ufeff\n<!DOCTYPE html><p>"), "html text/html");
  assert.equal(choice("file:///object", '<?xml version="1.0"?>\n<!-- a page --><html xmlns="x">'), "html text/html");
  assert.equal(choice("file:///object", png), "skip");
  assert.equal(choice("file:///object.unknown", Buffer.of(1, 2, 3, 4, 5, 6)), "skip");
  assert.equal(choice("file:///object", Buffer.from("\ufeffhi", "utf16le")), "text text/plain");
  assert.equal(choice("file:///object", ""), "text text/plain");
});

test("what is called an Office document, by its bytes", async () => {
  const docx = (await makeDocx([{ text: "x" }])).subarray(0, 4096);
  const ole = Buffer.from("d0cf11e0a1b11ae1000000", "hex");
  for (const [name, head, kind] of [
    ["a.doc", docx, /^docx /],
    ["a.doc", "<html><body>", /^html /],
    ["a.doc", "words", /^text /],
    ["a.doc", ole, /^docx /],
    ["a.docm", docx, /^docx /],
    ["a.docx", Buffer.from("PK\x03\x04 nothing"), /^docx /],
    ["a.docx", "", /^docx /],
    ["a.xls", docx, /^docx /],
    ["a.xls", ole, /^xlsx /],
    ["a.xls", "name\tcity\n", /^csv text\/tab/],
    ["a.xls", "name;city\n", /^csv text\/csv/],
    ["a.xls", "<html><table>", /^html /],
    ["a.xlsx", "PK\x03\x04", /^xlsx /],
  ] as const) {
    assert.match(choice(`file:///${name}`, head), kind);
  }
});

test("foreign files are passed over, whatever they hold", () => {
  for (const name of ["a.png", "a.7z", "a.exe", "a.mobi"]) assert.equal(choice(`file:///${name}`, "text"), "skip");
  assert.equal(choice("file:///a.mobi", Buffer.from("\ufeff<html><body>", "utf16le")), "html text/html");
});

test("UTF-16 without a mark and a log with holes are text; a hole alone is so under a name that says so", () => {
  assert.equal(choice("file:///a.txt", Buffer.from("Zebras eat grass.", "utf16le")), "text text/plain");
  assert.equal(choice("file:///a.log", `one\n${"\0".repeat(300)}\ntwo`), "text text/plain");
  assert.equal(choice("file:///a.log", Buffer.alloc(4096)), "text text/plain");
  assert.equal(choice("file:///image", Buffer.alloc(4096)), "skip");
});

test("a binary under a name that promises text is an error with a sentence", () => {
  for (const name of ["a.txt", "a.md", "a.csv", "a.json", "a.html", "a.jsonl"]) {
    assert.equal(choice(`file:///${name}`, png), "throws");
    // Their parsers take it out.
    const oneNul = choice(`file:///${name}`, `${"long text ".repeat(20)}\0with one NUL`);
    assert.notEqual(oneNul, "throws", name);
  }
  assert.equal(choice("file:///a.txt", makePdf([["x"]])), "throws");
  assert.equal(choice("file:///a.txt", "{\\rtf1 x}"), "throws");
  assert.equal(choice("gs://b/object", png, "text/plain"), "throws");
  const select = () => registry.select(objectRef("file:///my%0Afile.txt"), png);
  assert.throws(
    select,
    failsWith("content_unsupported", /^"my\\nfile\.txt" should be text\/plain, but holds a PNG picture/),
  );
  assert.equal(choice("file:///a.txt", "\x1b[31mred\x1b[0m\f"), "text text/plain");
  assert.equal(choice("file:///a.txt", Buffer.from("\ufeffhi", "utf16le")), "text text/plain");
});

test(".json is JSONL only where it holds an object a line", () => {
  assert.equal(choice("file:///a.json", '{"text":"a"}\n{"text":"b"}'), "jsonl application/jsonl");
  assert.equal(choice("file:///a.json", '{"text":"a"}\n'), "json application/json");
  assert.equal(choice("file:///a.json", '{\n"text":"a"}\n{'), "json application/json");
});

test("format lines makes plain text lines and leaves the rest", () => {
  assert.equal(choice("file:///a.txt", "x", undefined, lines), "lines text/plain");
  assert.equal(choice("file:///unknown", "x", undefined, lines), "lines text/plain");
  assert.equal(choice("file:///a.md", "x", undefined, lines), "markdown text/markdown");
  assert.equal(choice("file:///a.jsonl", "x", undefined, lines), "jsonl application/jsonl");
});

test("the fingerprint names format, record limit and every parser", () => {
  assert.match(
    registry.fingerprint,
    /^format=auto;record<=1048576(?:[;,](?:common|choice|text|markdown|html|pdf|docx|xlsx|ods|pptx|odt|odp|epub|rtf|csv|json|jsonl|subtitles|notebook|xml|feed|mail|msg|mbox|zip|tar|gzip|rst|asciidoc|org|latex)@\d+)+$/,
  );
  assert.match(lines.fingerprint, /^format=lines;.*lines@\d/);
});

test("every kind is read end to end, under names with line breaks and emoji", async () => {
  const files: Record<string, Uint8Array> = {
    "two\nlines 😀.txt": Buffer.from("words"),
    "two\nlines 😀.md": Buffer.from("words"),
    "two\nlines 😀.html": Buffer.from("<p>words"),
    "two\nlines 😀.pdf": makePdf([["words"]]),
    "two\nlines 😀.docx": await makeDocx([{ text: "words" }]),
  };
  for (const [name, content] of Object.entries(files)) {
    const [document] = documentsOf(await parseWith(registry, name, content));
    assert.deepEqual([document?.title, document?.text], ["two lines 😀", "words"]);
  }
  const [row] = documentsOf(await parseWith(registry, "a.csv", Buffer.from("text\nwords")));
  assert.deepEqual([row?.id, row?.text], ["1", "words"]);
});

test("the table of formats in the docs names every extension that is read, and no other", async () => {
  const page = await readFile(new URL("../../../docs/formats.md", import.meta.url), "utf8");
  const [, table = ""] = page.split("| format | names |");
  const rows = table.split("\n\n")[0] ?? "";
  const told = [...rows.matchAll(/`\.([a-z0-9.]+)`/g)].map(([, extension = ""]) => extension.split(".").at(-1) ?? "");
  assert.deepEqual(
    told.filter((extension) => kindOfExtension(extension) === "foreign"),
    [],
  );
  // Of text and source code there are too many, and any other text is read too.
  const { text: _text, foreign: _foreign, ...named } = extensionsOf;
  const read = Object.values(named).flatMap((extensions) => extensions.split(" "));
  assert.deepEqual(
    read.filter((extension) => !told.includes(extension)),
    [],
  );
});
