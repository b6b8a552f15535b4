/** A file that stands in a text as mail programs of before MIME wrote it. */
export interface UuencodedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const begins = /^begin [0-7]{3,4} (.{1,255})$/;

/** The bytes of one line; undefined for what is none. Spaces at its end may be lost, and a sum may stand there. */
function bytesOfLine(line: string): number[] | undefined {
  const length = (line.charCodeAt(0) - 32) & 63;
  const signs = Math.ceil(length / 3) * 4;
  if (line.length < 2 || line.length > signs + 2 || !/^[ -`]+$/.test(line)) return undefined;
  const value = (at: number): number => ((at > signs ? 32 : line.charCodeAt(at) || 32) - 32) & 63;
  const bytes: number[] = [];
  for (let at = 1; at <= signs; at += 4) {
    const whole = (value(at) << 18) | (value(at + 1) << 12) | (value(at + 2) << 6) | value(at + 3);
    bytes.push(whole >> 16, (whole >> 8) & 255, whole & 255);
  }
  return bytes.slice(0, length);
}

/** Reads a file of which `lines[start]` is the first line, `begin …`; undefined where it is none, or does not end. */
function fileAt(lines: readonly string[], start: number): { file: UuencodedFile; end: number } | undefined {
  const name = begins.exec(lines[start] ?? "")?.[1];
  if (name === undefined) return undefined;
  const bytes: number[][] = [];
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (/^end\s*$/.test(line)) return { file: { name: name.trim(), bytes: Uint8Array.from(bytes.flat()) }, end: at };
    if (/^[`\s]?\s*$/.test(line)) continue;
    const some = bytesOfLine(line);
    if (some === undefined) return undefined;
    bytes.push(some);
  }
  return undefined;
}

/** Takes the files out of a text that are written into it in uuencode. */
export function takeUuencoded(text: string): { text: string; files: UuencodedFile[] } {
  if (!/^begin /m.test(text)) return { text, files: [] };
  const lines = text.split(/\r?\n/);
  const kept: string[] = [];
  const files: UuencodedFile[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const found = fileAt(lines, at);
    if (found) files.push(found.file);
    else kept.push(lines[at] ?? "");
    at = found?.end ?? at;
  }
  return { text: kept.join("\n"), files };
}
