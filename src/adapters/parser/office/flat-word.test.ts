import assert from "node:assert/strict";
import { after, test } from "node:test";
import { namespace } from "../../../../test/support/parser/make-docx.ts";
import { documentsOf, parseWith, sectionTexts } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

async function read(name: string, xml: string | Buffer): Promise<string[]> {
  const [document] = documentsOf(await parseWith(registry, name, Buffer.from(xml as string)));
  assert.ok(document);
  return sectionTexts(document);
}
const style = '<w:style w:type="paragraph" w:styleId="Kopf"><w:name w:val="heading 1"/></w:style>';
const body = `<w:body><w:p><w:pPr><w:pStyle w:val="Kopf"/></w:pPr><w:r><w:t>Herds</w:t></w:r></w:p><w:p><w:r><w:t>Zebras </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:t>graze über Gräser.</w:t></w:r></w:p></w:body>`;
const wanted = ["Herds: Zebras graze über Gräser."];

test("the XML of Word 2003 is read as the document that it is", async () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" xmlns:o="urn:schemas-microsoft-com:office:office"><o:DocumentProperties><o:TotalTime>4711</o:TotalTime></o:DocumentProperties><w:binData w:name="p">iVBORw0KGgo=</w:binData><w:styles>${style}</w:styles>${body}</w:wordDocument>`;
  for (const name of ["a.xml", "a.doc"]) assert.deepEqual(await read(name, xml), wanted);
  assert.deepEqual(await read("a.xml", Buffer.from(`\ufeff${xml.replace("UTF-8", "UTF-16")}`, "utf16le")), wanted);
});

test("a DOCX in the flat form is read by its parts", async () => {
  const kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const part = (name: string, inside: string): string =>
    `<pkg:part pkg:name="${name}"><pkg:xmlData>${inside}</pkg:xmlData></pkg:part>`;
  const relations = (type: string, target: string): string =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="${kinds}/${type}" Target="${target}"/></Relationships>`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">${part("/_rels/.rels", relations("officeDocument", "word/document.xml"))}${part("/word/_rels/document.xml.rels", relations("styles", "styles.xml"))}${part("/word/document.xml", `<w:document ${namespace}>${body}</w:document>`)}${part("/word/styles.xml", `<w:styles ${namespace}>${style}</w:styles>`)}<pkg:part pkg:name="/word/media/i.png"><pkg:binaryData>iVBORw0KGgo=</pkg:binaryData></pkg:part></pkg:package>`;
  for (const name of ["a.xml", "a.docx"]) assert.deepEqual(await read(name, xml), wanted);
});
