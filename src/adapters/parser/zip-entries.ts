import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { type Entry, fromBuffer, getFileNameLowLevel, type ZipFile } from "yauzl";
import { IsthmusError } from "../../core/errors.ts";
import type { ParseFault } from "../../core/types.ts";
import { entryPlace } from "./entry-names.ts";
import type { ContainerInput, ContainerLimits, Part } from "./parts.ts";
import { readWhole } from "./read-whole.ts";
import { invalidFault, lostFault } from "./record-faults.ts";
import { quotedName } from "./source-name.ts";
import { mendZip } from "./zip-mend.ts";

const utf8Flag = 0x800;
const madeOnUnix = 3;
const linkMode = 0xa000;

function open(bytes: Uint8Array, name: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    // Names are decoded here: yauzl would end at the first one it does not like.
    const options = { lazyEntries: true, decodeStrings: false };
    fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), options, (error, zip) => {
      if (!error) resolve(zip);
      else reject(new IsthmusError("parse_failed", `${name} is no ZIP archive, or a damaged one.`, { cause: error }));
    });
  });
}

/** By the archive's own word, else UTF-8 where it is that (macOS never says so), else the code page of the IBM PC. */
function nameOf(entry: Entry): string {
  const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
  const flags = isUtf8(fileNameRaw) ? generalPurposeBitFlag | utf8Flag : generalPurposeBitFlag;
  return getFileNameLowLevel(flags, fileNameRaw, extraFields, true);
}

function isLink({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  return versionMadeBy >>> 8 === madeOnUnix && ((externalFileAttributes >>> 16) & 0xf000) === linkMode;
}

/** What an entry inflates to, checked as it comes. */
async function* contentOf(
  zip: ZipFile,
  entry: Entry,
  name: string,
  limits: ContainerLimits,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let sum = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      const bytes: Uint8Array = chunk;
      size += bytes.length;
      sum = crc32(bytes, sum);
      if (size > limits.ratioFromBytes && size > entry.compressedSize * limits.maxRatio) {
        const message = `${name} expands to more than ${limits.maxRatio} times its size: it is made to exhaust its reader.`;
        throw new IsthmusError("parse_limit", message);
      }
      yield bytes;
    }
  } catch (error) {
    if (error instanceof IsthmusError) throw error;
    throw new IsthmusError("parse_failed", `${name} is damaged, or packed in a way that is not read.`, {
      cause: error,
    });
  }
  if (sum !== entry.crc32) throw new IsthmusError("parse_failed", `${name} is damaged: its checksum does not fit.`);
}

/** The files in a ZIP archive, in its own order. The archive itself is held in memory, its entries are not. */
export async function* zipEntries(
  input: ContainerInput,
  maxFileBytes: number,
  limits: ContainerLimits,
): AsyncGenerator<Part | ParseFault> {
  const archive = quotedName(input.uri);
  const bytes = await readWhole(input, maxFileBytes);
  const mended = mendZip(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const zip = await open(mended?.zip ?? bytes, archive);
  if (mended?.isCut)
    yield lostFault("the end", "The archive is cut off: what came before is read, the rest is missing.");
  const entries = zip.eachEntry();
  for (;;) {
    const next = await entries.next().catch((cause: unknown) => {
      throw new IsthmusError("parse_failed", `The directory of ${archive} is damaged: the rest was not read.`, {
        cause,
      });
    });
    if (next.done === true) return;
    const entry = next.value;
    const place = entryPlace(nameOf(entry));
    if (place.kind === "leftOut") continue;
    if (place.kind === "refused") yield invalidFault(place.path, place.reason);
    else if (entry.isEncrypted()) {
      yield lostFault(
        place.path,
        "It is protected by a password. Pack it without one, or store it outside of the archive.",
      );
    } else if (isLink(entry))
      yield invalidFault(place.path, "It is a symbolic link: links in archives are not followed.");
    else yield { id: place.path, bytes: contentOf(zip, entry, quotedName(place.path), limits) };
  }
}
