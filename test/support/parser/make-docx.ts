import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

interface DocxParagraph {
  /** `Heading1` to `Heading6`, `Title`, or none for body text. */
  readonly style?: string;
  readonly text: string;
}

const namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

function paragraph({ style, text }: DocxParagraph): string {
  const properties = style === undefined ? "" : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${properties}<w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
}

function tableRow(cells: readonly string[]): string {
  return `<w:tr>${cells.map((text) => `<w:tc>${paragraph({ text })}</w:tc>`).join("")}</w:tr>`;
}

function styles(): string {
  const names = ["Title", ...[1, 2, 3, 4, 5, 6].map((level) => `Heading${level}`)];
  const one = (id: string): string =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${id.replace(/(\d)/, " $1").toLowerCase().replace("title", "Title")}"/></w:style>`;
  return `${xml}<w:styles ${namespace}>${names.map(one).join("")}</w:styles>`;
}

/** A zip with the given entries; a stream is deflated as it is read. */
export async function makeZip(entries: Readonly<Record<string, string | Readable>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) {
    if (typeof content === "string") zip.addBuffer(Buffer.from(content), name);
    else zip.addReadStream(content, name);
  }
  zip.end();
  return buffer(Readable.from(zip.outputStream));
}

interface DocxOptions {
  readonly table?: readonly (readonly string[])[];
  /** More entries of the zip. */
  readonly extra?: Readonly<Record<string, string | Readable>>;
}

/** A Word document of paragraphs, followed by a table. */
export function makeDocx(paragraphs: readonly DocxParagraph[], options: DocxOptions = {}): Promise<Buffer> {
  const table = options.table ? `<w:tbl>${options.table.map(tableRow).join("")}</w:tbl>` : "";
  const relations = "http://schemas.openxmlformats.org/package/2006/relationships";
  const kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
  return makeZip({
    "[Content_Types].xml": `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    "_rels/.rels": `${xml}<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${kinds}/officeDocument" Target="word/document.xml"/></Relationships>`,
    "word/_rels/document.xml.rels": `${xml}<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${kinds}/styles" Target="styles.xml"/></Relationships>`,
    "word/styles.xml": styles(),
    "word/document.xml": `${xml}<w:document ${namespace}><w:body>${paragraphs.map(paragraph).join("")}${table}</w:body></w:document>`,
    ...options.extra,
  });
}
