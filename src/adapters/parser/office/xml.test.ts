import assert from "node:assert/strict";
import { test } from "node:test";
import { readXml, textOf, xmlTree } from "./xml.ts";

async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
const word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

test("names follow the namespace, not the prefix, and prefixes end where they were declared", async () => {
  const root = await xmlTree(
    bytes(
      `<?xml version="1.0"?><n:a xmlns:n="${word}" n:val="1" val="2"><b xmlns="${word}"/><n:b/><c xmlns:n="other"><n:d/></c><n:e/></n:a>`,
    ),
  );
  assert.deepEqual([root?.name, root?.attributes], ["w:a", { "w:val": "1", val: "2" }]);
  const names = root?.children.map((child) => (typeof child === "string" ? child : child.name));
  assert.deepEqual(names, ["w:b", "w:b", "c", "w:e"]);
});

test("a document in the strict form and one in UTF-16 read alike", async () => {
  const strict = "http://purl.oclc.org/ooxml/wordprocessingml/main";
  assert.equal((await xmlTree(bytes(`<a xmlns="${strict}"/>`)))?.name, "w:a");
  const utf16 = Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?><a xmlns="${word}">ä</a>`, "utf16le");
  const root = await xmlTree(bytes(utf16.subarray(0, 33), utf16.subarray(33)));
  assert.deepEqual([root?.name, textOf(root)], ["w:a", "ä"]);
});

test("entities of its own are not expanded, and nothing is fetched", async () => {
  const bomb = '<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;"><!ENTITY z SYSTEM "file:///etc/passwd">]>';
  assert.equal(textOf(await xmlTree(bytes(`${bomb}<a>&y;&z;&amp;&#x41;</a>`))), "&y;&z;&A");
});

test("XML that ends early, or is nested wrongly or too deeply, is an error", async () => {
  for (const broken of ["<a><b>x</b>", "<a><b>x</a>", "<a>", "<a"])
    await assert.rejects(xmlTree(bytes(broken)), broken);
  await assert.rejects(xmlTree(bytes("<a>".repeat(600), "</a>".repeat(600))), RangeError);
  assert.equal(await xmlTree(bytes()), undefined);
});

test("only what is asked for is kept", async () => {
  const found: string[] = [];
  await readXml(bytes("<t><row>1<c/></row><skip><row>2</row></skip>", "<row>3</row></t>"), {
    open: (name) => name === "row",
    element: (element) => found.push(textOf(element)),
    close: (name) => found.push(`/${name}`),
  });
  assert.deepEqual(found, ["1", "2", "/skip", "3", "/t"]);
});
