interface MailPart {
  readonly type: string;
  readonly content: string | Uint8Array;
  /** `base64` unless the content is to stand as it is. */
  readonly encoding?: "base64" | "quoted-printable" | "8bit";
  readonly name?: string;
  readonly disposition?: "attachment" | "inline";
}

const bytesOf = (content: string | Uint8Array): Buffer => Buffer.from(content as Uint8Array);

function quotedPrintable(content: Buffer): string {
  const escaped = [...content]
    .map((byte) => {
      const plain = byte === 0x0a || (byte >= 0x20 && byte < 0x7f && byte !== 0x3d);
      return plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
  const lines = escaped.split("\n").map((line) => line.replace(/ $/, "=20"));
  // A line break may stand anywhere but inside an escape.
  return lines.map((line) => (line.match(/(?:=..|.){1,70}/g) ?? [""]).join("=\n")).join("\n");
}

function partText({ type, content, encoding = "base64", name, disposition }: MailPart): string {
  const encoded = {
    base64: () => bytesOf(content).toString("base64").replace(/.{76}/g, "$&\n"),
    "quoted-printable": () => quotedPrintable(bytesOf(content)),
    "8bit": () => bytesOf(content).toString("latin1"),
  }[encoding]();
  const parameters = name === undefined ? "" : `; filename*=utf-8''${encodeURIComponent(name)}`;
  const shown = disposition ?? (name === undefined ? undefined : "attachment");
  const headers = [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`];
  if (shown) headers.push(`Content-Disposition: ${shown}${parameters}`);
  return `${headers.join("\n")}\n\n${encoded}`;
}

// `=_` occurs neither in base64 nor in quoted-printable text.
export function multipart(subtype: string, parts: readonly (MailPart | string)[], boundary = "=_b"): string {
  const body = parts.map((part) => `--${boundary}\n${typeof part === "string" ? part : partText(part)}\n`).join("");
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\n\n${body}--${boundary}--\n`;
}

/** A message of one part or of many; the headers stand above as they are given. */
export function makeMail(headers: string, body: MailPart | string): Buffer {
  return Buffer.from(`${headers}\nMIME-Version: 1.0\n${typeof body === "string" ? body : partText(body)}`, "latin1");
}

export const encodedWord = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;

/** Messages as an mboxrd file keeps them. */
export function makeMbox(messages: readonly Uint8Array[]): Buffer {
  const quoted = (message: Uint8Array) =>
    Buffer.from(message)
      .toString("latin1")
      .replace(/^(>*From )/gm, ">$1");
  return Buffer.from(
    messages.map((message) => `From ann@example.org Thu Nov 26 10:00:00 2026\n${quoted(message)}\n\n`).join(""),
    "latin1",
  );
}
