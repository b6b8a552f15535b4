import { IsthmusError } from "../../../core/errors.ts";

export const oleMagic = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Names of streams as OLE directories spell them, with what holds them. */
const streams: readonly (readonly [string, string, string])[] = [
  ["WordDocument", "Word", "DOCX or PDF"],
  ["PowerPoint Document", "PowerPoint", "PPTX or PDF"],
  ["Workbook", "Excel", "XLSX or CSV"],
  ["Book", "Excel", "XLSX or CSV"],
];
const directoryEntry = 128;

/** The first bytes, in hexadecimal, of what these programs wrote before they kept files in containers, up to 1995. */
const bareFormats: readonly (readonly [RegExp, string, string])[] = [
  [/^09(?:00|02|04)(?:04|06|08)00/, "Excel", "XLSX or CSV"],
  [/^(?:dba52d00|9ba52100|31be0000)/, "Word", "DOCX or PDF"],
];

function refusal(name: string, program: string, better: string): IsthmusError {
  const message = `${name} is in the ${program} format of before 2007, which is not read. Save it as ${better} and ingest that.`;
  return new IsthmusError("content_unsupported", message);
}

/** Whether a name stands in the directory: entries begin at multiples of their size. */
function holds(bytes: Buffer, stream: string): boolean {
  const spelled = Buffer.from(`${stream}\0`, "utf16le");
  for (let at = bytes.indexOf(spelled); at !== -1; at = bytes.indexOf(spelled, at + 1)) {
    if (at % directoryEntry === 0) return true;
  }
  return false;
}

/**
 * Refuses a file that Office would open but that is no zip: one with a password, or in a format of before 2007.
 *
 * @param name how the message calls it.
 * @throws `parse_encrypted`, `content_unsupported`.
 */
export function refuseOle(bytes: Buffer, name: string): void {
  const start = bytes.toString("hex", 0, 4);
  for (const [beginning, program, better] of bareFormats)
    if (beginning.test(start)) throw refusal(name, program, better);
  if (!bytes.subarray(0, oleMagic.length).equals(oleMagic)) return;
  if (holds(bytes, "EncryptedPackage")) {
    const message = `${name} is protected by a password. Save a copy without one and ingest that.`;
    throw new IsthmusError("parse_encrypted", message);
  }
  const [, program, better = ""] = streams.find(([stream]) => holds(bytes, stream)) ?? [];
  if (program) throw refusal(name, program, better);
  const message = `${name} is an OLE container, as programs of before 2007 wrote them, which is not read. Save it in a format of today.`;
  throw new IsthmusError("content_unsupported", message);
}
