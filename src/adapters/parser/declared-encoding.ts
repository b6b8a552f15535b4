// Where a text says what it is in, within its first lines: XML, CSS, and Python or Emacs (PEP 263).
const declarations = [
  /^<\?xml[^>]{1,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/,
  /^@charset "([\w.:-]{1,40})";/,
  /^(?:[^\n]{0,200}\n)?[^\n]{0,200}?#[^\n]{0,200}?coding[:=][ \t]*([-\w.]{1,40})/,
];
const declarationBytes = 512;

/** The encoding that a plain text names for itself, as it spells it; undefined where it names none. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, declarationBytes))
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  for (const declaration of declarations) {
    const label = declaration.exec(head)?.[1];
    if (label !== undefined) return label;
  }
  return undefined;
}
