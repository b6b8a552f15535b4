import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openCaseRegistry, parseCase } from "../../../test/support/parser/case.ts";
import { documentsOf } from "../../../test/support/parser/parse.ts";
import { countTokens } from "../../../test/support/tokenizer.ts";
import { chunkDocument } from "../../core/chunking/chunk.ts";

const registry = openCaseRegistry();
after(() => registry.close());

const texts: Record<string, string | RegExp> = {
  "code-minified": /^!function\(\)\{var a=1;.*\}\(\);?\s*$/s,
  "html-math": "Energy E=mc^2 done",
  "html-nbsp-pre": "10 000 zebras, 5 kg",
  "txt-dat": "zebra 1\nokapi 2\n",
  "txt-emoji": "Zebra 🦓 herd 👩‍💻 👨‍👩‍👧 🇦🇹 ok\n",
  "txt-longline": /^zebra x+ okapi\s*$/,
  "txt-nbsp": "zebra crossing 10 000  5\n",
};

test("what each case says", async () => {
  for (const [name, expected] of Object.entries(texts)) {
    const [document] = documentsOf(await parseCase(registry, name));
    const text = document?.text.replaceAll(/[\u00a0\u202f]/g, " ") ?? "";
    if (typeof expected === "string") assert.equal(text, expected, name);
    else assert.match(text, expected, name);
  }
});

async function chunksOf(name: string) {
  const [document] = documentsOf(await parseCase(registry, name));
  assert.ok(document, name);
  const options = { maxTokens: 256, overlapTokens: 32, countTokens: (text: string) => countTokens(text) };
  return [...chunkDocument(document, options)];
}

test("each chunk of a long table of Markdown knows the columns", async () => {
  const chunks = await chunksOf("md-big-table");
  assert.ok(chunks.length > 5);
  for (const { embedded } of chunks) assert.match(embedded, /^Staff\n(?:# Staff\n\n)?\| name \| room \| phone \|\n/);
});

test("one line without a space is cut into chunks, minified code too", async () => {
  for (const name of ["txt-longline", "code-minified"]) {
    const chunks = await chunksOf(name);
    assert.ok(chunks.length > 10, name);
    for (const { embedded } of chunks) assert.ok(countTokens(embedded, true) <= 256, name);
  }
});
