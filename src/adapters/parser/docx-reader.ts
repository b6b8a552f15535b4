import mammoth from "mammoth";
import { IsthmusError } from "../../core/errors.ts";
import type { Parsed } from "../../core/types.ts";
import { wholeDocument } from "./document.ts";
import { htmlContent } from "./html-content.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";
import { checkZip } from "./zip-check.ts";

const oleMagic = Buffer.from("d0cf11e0a1b11ae1", "hex");
// The stream in which Office keeps an encrypted document, as OLE directories spell names.
const encryptedStream = Buffer.from("EncryptedPackage", "utf16le");

/** A file that Word would open, but that is no zip: encrypted, or in the format of before 2007. */
function refuseOle(bytes: Buffer, name: string): void {
  if (!bytes.subarray(0, 8).equals(oleMagic)) return;
  if (bytes.includes(encryptedStream)) {
    const message = `${name} is protected by a password. Save a copy without one and ingest that.`;
    throw new IsthmusError("parse_encrypted", message);
  }
  const message = `${name} is in the Word format of before 2007. Save it as DOCX or PDF.`;
  throw new IsthmusError("content_unsupported", message);
}

/** Runs in the sandbox. */
export async function readDocx(job: SandboxJob): Promise<readonly Parsed[]> {
  const buffer = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
  refuseOle(buffer, job.name);
  await checkZip(buffer, job.name);
  const html = await mammoth.convertToHtml(
    { buffer },
    {
      styleMap: ["p[style-name='Title'] => h1:fresh"],
      // Pictures hold no text; without this they would be inlined as base64.
      convertImage: mammoth.images.imgElement(async () => ({ src: "" })),
      externalFileAccess: false,
    },
  );
  const { title, text, sections } = htmlContent(html.value, true);
  return [wholeDocument(job.name, { title: title || job.fallbackTitle, text, sections })];
}
