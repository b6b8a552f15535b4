import { makeZip } from "./make-docx.ts";

const openXml = "http://schemas.openxmlformats.org";
const xml = '<?xml version="1.0" encoding="UTF-8"?>';
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

/** `A1` for column 0 and row 1; up to 26 columns. */
const place = (column: number, row: number): string => String.fromCharCode(65 + column) + row;

/** A number with the index of its style, or words; `""` is no cell. */
type Value = string | { readonly number: number; readonly style?: number };

interface XlsxSheet {
  readonly name: string;
  readonly rows: readonly (readonly Value[])[];
  readonly state?: "hidden";
  /** SpreadsheetML after the rows. */
  readonly after?: string;
  /** More rows, as SpreadsheetML. */
  readonly xml?: string;
  /** Parts that the sheet refers to: type of relationship (its last segment) and content. */
  readonly parts?: readonly (readonly [type: string, content: string])[];
}

interface XlsxOptions {
  /** Patterns of the styles 1, 2, … */
  readonly formats?: readonly string[];
  readonly since1904?: boolean;
}

/** A workbook; every other string is shared. */
export function makeXlsx(sheets: readonly XlsxSheet[], options: XlsxOptions = {}): Promise<Buffer> {
  const strings: string[] = [];
  const cell = (value: Value, column: number, row: number): string => {
    const at = place(column, row);
    if (typeof value !== "string") return `<c r="${at}" s="${value.style ?? 0}"><v>${value.number}</v></c>`;
    if (value === "") return "";
    if (column % 2 === 1)
      return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
    return `<c r="${at}" t="s"><v>${strings.push(`<si><t xml:space="preserve">${escaped(value)}</t></si>`) - 1}</v></c>`;
  };
  const parts = sheets.map(({ rows, after = "", xml: more = "" }) => {
    const data = rows.map((row, index) => {
      const cells = row.map((value, column) => cell(value, column, index + 1)).join("");
      return `<row r="${index + 1}">${cells}</row>`;
    });
    return `${xml}<worksheet xmlns="${openXml}/spreadsheetml/2006/main"><sheetData>${data.join("")}${more}</sheetData>${after}</worksheet>`;
  });
  const list = sheets.map(({ name, state }, index) => {
    const hidden = state === undefined ? "" : ` state="${state}"`;
    return `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="s${index}"${hidden}/>`;
  });
  const formats = options.formats ?? [];
  const kinds = `${openXml}/officeDocument/2006/relationships`;
  const main = `xmlns="${openXml}/spreadsheetml/2006/main" xmlns:r="${kinds}"`;
  const relations = (all: readonly (readonly [string, string, string])[]): string =>
    `${xml}<Relationships xmlns="${openXml}/package/2006/relationships">${all.map(([id, type, target]) => `<Relationship Id="${id}" Type="${kinds}/${type}" Target="${target}"/>`).join("")}</Relationships>`;
  return makeZip({
    "_rels/.rels": relations([["r1", "officeDocument", "xl/workbook.xml"]]),
    "xl/workbook.xml": `${xml}<workbook ${main}><workbookPr date1904="${options.since1904 ? 1 : 0}"/><sheets>${list.join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations([
      ["a", "styles", "styles.xml"],
      ["b", "sharedStrings", "/xl/sharedStrings.xml"],
      ...sheets.map((_, index): [string, string, string] => [`s${index}`, "worksheet", `worksheets/sheet${index}.xml`]),
    ]),
    "xl/sharedStrings.xml": `${xml}<sst ${main}>${strings.join("")}</sst>`,
    "xl/styles.xml": `${xml}<styleSheet ${main}><numFmts>${formats.map((code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${escaped(code)}"/>`).join("")}</numFmts><cellXfs><xf numFmtId="0"/>${formats.map((_, index) => `<xf numFmtId="${200 + index}"/>`).join("")}<xf numFmtId="14"/></cellXfs></styleSheet>`,
    ...Object.fromEntries(parts.map((part, index) => [`xl/worksheets/sheet${index}.xml`, part])),
    ...Object.fromEntries(
      sheets.flatMap(({ parts: own = [] }, index) => [
        [
          `xl/worksheets/_rels/sheet${index}.xml.rels`,
          relations(own.map(([type], at) => [`p${at}`, type, `../own/${index}-${at}.xml`])),
        ],
        ...own.map(([, content], at) => [`xl/own/${index}-${at}.xml`, content]),
      ]),
    ),
  });
}

const office = "urn:oasis:names:tc:opendocument:xmlns";

/** An OpenDocument file of a kind (`spreadsheet`) around the content of its body. */
export function makeOdf(
  kind: string,
  body: string,
  styles = "",
  more: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const names = ["office", "text", "table", "style", "presentation"]
    .map((name) => `xmlns:${name}="${office}:${name}:1.0"`)
    .concat(`xmlns:draw="${office}:drawing:1.0"`, 'xmlns:xlink="http://www.w3.org/1999/xlink"')
    .join(" ");
  return makeZip({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    "content.xml": `${xml}<office:document-content ${names}><office:automatic-styles>${styles}</office:automatic-styles><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    ...more,
  });
}

/** A sheet of OpenDocument in which every value is words. */
export function odsTable(name: string, rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string =>
    text === ""
      ? "<table:table-cell/>"
      : `<table:table-cell office:value-type="string"><text:p>${escaped(text)}</text:p></table:table-cell>`;
  const line = (row: readonly string[]): string => `<table:table-row>${row.map(cell).join("")}</table:table-row>`;
  return `<table:table table:name="${escaped(name)}">${rows.map(line).join("")}</table:table>`;
}
