import { createHash } from "node:crypto";

interface PdfOptions {
  readonly title?: string;
  /** What stands in the dictionary of the font, in place of Helvetica. */
  readonly font?: string;
  /** Names of files that are attached. */
  readonly attached?: readonly string[];
  /** Locks the file: nothing of it can be read without this password (standard security handler, 40-bit RC4). */
  readonly userPassword?: string;
}

const padding = Buffer.from("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a", "hex");

function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const swap = (a: number, b: number): void => {
    const kept = state[a] ?? 0;
    state[a] = state[b] ?? 0;
    state[b] = kept;
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  return Buffer.from(data).map((byte) => {
    i = (i + 1) & 255;
    j = (j + (state[i] ?? 0)) & 255;
    swap(i, j);
    return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
  }) as Buffer;
}

const md5 = (...parts: Uint8Array[]): Buffer => createHash("md5").update(Buffer.concat(parts)).digest();

/** The Encrypt dictionary of revision 2 (PDF 1.7, section 7.6.3). */
function encryptDictionary(userPassword: string, fileId: Buffer): string {
  const padded = (password: string): Buffer =>
    Buffer.concat([Buffer.from(password, "latin1"), padding]).subarray(0, 32);
  const owner = rc4(md5(padded("owner")).subarray(0, 5), padded(userPassword));
  const permissions = Buffer.alloc(4);
  permissions.writeInt32LE(-4);
  const key = md5(padded(userPassword), owner, permissions, fileId).subarray(0, 5);
  const user = rc4(key, padding);
  return `<< /Filter /Standard /V 1 /R 2 /O <${owner.toString("hex")}> /U <${user.toString("hex")}> /P -4 >>`;
}

/** A piece of text at its place: points from the lower left corner of the page. */
export interface PlacedText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Of the font, in points; 12 where it is not given. */
  readonly size?: number;
  /** Degrees, counterclockwise. */
  readonly turned?: number;
  /** Between letters, in points. */
  readonly spacing?: number;
}

interface PlacedPage {
  readonly texts: readonly PlacedText[];
  /** The whole page is a grey picture of so many pixels across and down. */
  readonly picture?: readonly [number, number];
  /** Operators that draw: lines, shapes. */
  readonly drawing?: string;
  /** What of the page is shown: left, bottom, right, top. */
  readonly crop?: readonly [number, number, number, number];
  /** Bodies of annotation dictionaries. */
  readonly annotations?: readonly string[];
  /** What is drawn where the annotations are: operators, for each of them. */
  readonly appearance?: string;
}

/** One text line a string, or texts at their places; a page without lines has no text layer. */
export type PdfPage = readonly string[] | PlacedPage;

const literal = (text: string): string => `(${text.replace(/[\\()]/g, "\\$&")})`;

function linesContent(lines: readonly string[]): string {
  const operators = lines.map((line) => `${literal(line)} Tj T*`).join("\n");
  return lines.length === 0 ? "" : `BT /F1 12 Tf 14 TL 72 720 Td\n${operators}\nET`;
}

function placedContent({ texts, picture, drawing = "" }: PlacedPage): string {
  const shown = texts.map(({ x, y, text, size = 12, turned = 0, spacing = 0 }) => {
    const [cosine, sine] = [Math.cos((turned * Math.PI) / 180), Math.sin((turned * Math.PI) / 180)];
    const matrix = [cosine, sine, -sine, cosine, x, y].map((value) => value.toFixed(4)).join(" ");
    return `BT /F1 ${size} Tf ${spacing} Tc ${matrix} Tm ${literal(text)} Tj ET`;
  });
  return [picture ? "q 612 0 0 792 0 0 cm /P Do Q" : "", drawing, ...shown].join("\n");
}

export function makePdf(pages: readonly PdfPage[], options: PdfOptions = {}): Buffer {
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const stream = (dictionary: string, content: string): number =>
    add(`<< ${dictionary} /Length ${content.length} >>\nstream\n${content}\nendstream`);
  const names = options.attached?.map((name) => {
    const file = stream("/Type /EmbeddedFile", "attached");
    return `${literal(name)} << /Type /Filespec /F ${literal(name)} /EF << /F ${file} 0 R >> >>`;
  });
  const first = objects.length;
  const embedded = names ? ` /Names << /EmbeddedFiles << /Names [${names.join(" ")}] >> >>` : "";
  const tree = first + 2;
  const catalog = add(`<< /Type /Catalog /Pages ${tree} 0 R${embedded} >>`);
  add("");
  const font = add(
    `<< /Type /Font ${options.font ?? "/Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding"} >>`,
  );
  const kids = pages.map((page) => {
    const placed = "texts" in page ? page : undefined;
    const content = stream("", placed ? placedContent(placed) : linesContent(page as readonly string[]));
    const [width, height] = placed?.picture ?? [0, 0];
    const picture = placed?.picture
      ? ` /XObject << /P ${stream(`/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 1`, "\0".repeat(Math.ceil(width / 8) * height))} 0 R >>`
      : "";
    const drawn = placed?.appearance
      ? ` /AP << /N ${stream(`/Type /XObject /Subtype /Form /BBox [0 0 150 20] /Resources << /Font << /F1 ${font} 0 R >> >>`, placed.appearance)} 0 R >>`
      : "";
    const annotations = (placed?.annotations ?? []).map((body) => `${add(`<< /Type /Annot ${body}${drawn} >>`)} 0 R`);
    const crop = placed?.crop ? ` /CropBox [${placed.crop.join(" ")}]` : "";
    const resources = `<< /Font << /F1 ${font} 0 R >>${picture} >>`;
    return add(
      `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 612 792]${crop} /Resources ${resources} /Contents ${content} 0 R /Annots [${annotations.join(" ")}] >>`,
    );
  });
  objects[tree - 1] = `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(" ")}] >>`;
  const info = add(`<< /Title ${literal(options.title ?? "")} >>`);
  const fileId = md5(Buffer.from("fixed"));
  const encrypt =
    options.userPassword === undefined ? "" : ` /Encrypt ${add(encryptDictionary(options.userPassword, fileId))} 0 R`;

  let body = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n";
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const id = fileId.toString("hex");
  const trailer = `<< /Size ${objects.length + 1} /Root ${catalog} 0 R /Info ${info} 0 R /ID [<${id}> <${id}>]${encrypt} >>`;
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  return Buffer.from(`${body}${table}trailer\n${trailer}\nstartxref\n${body.length}\n%%EOF\n`, "latin1");
}
