// Messages that break the rules, as mail programs and exports write them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { documentsOf, failsWith, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const read = async (content: string | Uint8Array, name = "a.eml"): Promise<string[]> =>
  documentsOf(await parseWith(registry, name, Buffer.from(content as Uint8Array))).map(({ text }) => text.trim());
const head = "From: ann@example.org\nSubject: Zebras\nMIME-Version: 1.0\n";

test("UTF-8 under a charset that has no such letters, or that nobody knows", async () => {
  for (const charset of ["us-ascii", '"US-ASCII"', "x-unknown", "unknown-8bit"])
    assert.deepEqual(await read(`${head}Content-Type: text/plain; charset=${charset}\n\nein Café`), ["ein Café"]);
  const koi8 = Buffer.concat([
    Buffer.from(`${head}Content-Type: text/plain; charset=koi8-r\n\n`),
    Buffer.from("f0d2c9d7c5d4", "hex"),
  ]);
  assert.deepEqual(await read(koi8), ["Привет"]);
});

test("lines that end in CR alone", async () => {
  assert.deepEqual(await read(`${head}\nfirst\nsecond`.replaceAll("\n", "\r")), ["first\nsecond"]);
});

test("a message that says it has parts, and has none, is read as it stands", async () => {
  assert.deepEqual(await read(`${head}Content-Type: multipart/mixed\n\nwords without a boundary`), [
    "words without a boundary",
  ]);
});

test("the form of a text for one mail program is no attachment", async () => {
  const part = (type: string, text: string): string => `--b\nContent-Type: ${type}\n\n${text}\n`;
  const parts =
    part("text/plain", "the words") +
    part("text/x-amp-html", "<html>amp</html>") +
    part("text/html", "<p>the words</p>");
  assert.deepEqual(await read(`${head}Content-Type: multipart/alternative; boundary=b\n\n${parts}--b--\n`), [
    "the words",
  ]);
});

test("a mailbox that begins with a byte order mark keeps its first message", async () => {
  const message = (words: string): string =>
    `From ann@example.org Thu Nov 26 10:00:00 2026\nSubject: Zebras\n\n${words}\n\n`;
  assert.deepEqual(await read(`\ufeff${message("one")}${message("two")}`, "a.mbox"), ["one", "two"]);
});

test("a message that is nothing but files that are not read says so", async () => {
  const picture = "Content-Type: image/png; name=p.png\nContent-Disposition: attachment\n\n\x89PNG\n";
  await assert.rejects(
    read(`From: ann@example.org\nMIME-Version: 1.0\n${picture}`),
    failsWith("content_empty", /the file in it is empty or of a kind that is not read/),
  );
});
