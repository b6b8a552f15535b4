import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

interface DocxParagraph {
  /** `Heading1` to `Heading6`, `Title`, or none for body text. */
  readonly style?: string;
  readonly text: string;
}

const openXml = "http://schemas.openxmlformats.org";
/** The namespaces that the parts of a document declare. */
export const namespace = [
  `xmlns:w="${openXml}/wordprocessingml/2006/main"`,
  `xmlns:m="${openXml}/officeDocument/2006/math"`,
  `xmlns:r="${openXml}/officeDocument/2006/relationships"`,
  `xmlns:mc="${openXml}/markup-compatibility/2006"`,
  `xmlns:wp="${openXml}/drawingml/2006/wordprocessingDrawing"`,
  `xmlns:a="${openXml}/drawingml/2006/main"`,
  `xmlns:c="${openXml}/drawingml/2006/chart"`,
  `xmlns:dgm="${openXml}/drawingml/2006/diagram"`,
  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
  'xmlns:v="urn:schemas-microsoft-com:vml"',
].join(" ");
const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

function paragraph({ style, text }: DocxParagraph): string {
  const properties = style === undefined ? "" : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${properties}<w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
}

function tableRow(cells: readonly string[]): string {
  return `<w:tr>${cells.map((text) => `<w:tc>${paragraph({ text })}</w:tc>`).join("")}</w:tr>`;
}

function styles(more: string): string {
  const names = ["Title", ...[1, 2, 3, 4, 5, 6].map((level) => `Heading${level}`)];
  const one = (id: string): string =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${id.replace(/(\d)/, " $1").toLowerCase().replace("title", "Title")}"/></w:style>`;
  return `${xml}<w:styles ${namespace}>${names.map(one).join("")}${more}</w:styles>`;
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
  /** More entries of the zip, or others in place of ours. */
  readonly extra?: Readonly<Record<string, string | Readable>>;
  /** WordprocessingML after the paragraphs and the table. */
  readonly xml?: string;
  /** More styles, as `w:style` elements. */
  readonly styles?: string;
  /** Further parts that the document refers to: type of relationship (its last segment), part under `word/`, content. */
  readonly parts?: readonly (readonly [id: string, type: string, part: string, content: string])[];
}

/** A Word document of paragraphs, followed by a table. */
export function makeDocx(paragraphs: readonly DocxParagraph[], options: DocxOptions = {}): Promise<Buffer> {
  const table = options.table ? `<w:tbl>${options.table.map(tableRow).join("")}</w:tbl>` : "";
  const relations = `${openXml}/package/2006/relationships`;
  const kinds = `${openXml}/officeDocument/2006/relationships`;
  const parts = options.parts ?? [];
  const references = parts.map(
    ([id, type, part]) => `<Relationship Id="${id}" Type="${kinds}/${type}" Target="${part}"/>`,
  );
  const main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
  return makeZip({
    "[Content_Types].xml": `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    "_rels/.rels": `${xml}<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${kinds}/officeDocument" Target="word/document.xml"/></Relationships>`,
    "word/_rels/document.xml.rels": `${xml}<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${kinds}/styles" Target="styles.xml"/>${references.join("")}</Relationships>`,
    "word/styles.xml": styles(options.styles ?? ""),
    "word/document.xml": `${xml}<w:document ${namespace}><w:body>${paragraphs.map(paragraph).join("")}${table}${options.xml ?? ""}</w:body></w:document>`,
    ...Object.fromEntries(parts.map(([, , part, content]) => [`word/${part}`, content])),
    ...options.extra,
  });
}
