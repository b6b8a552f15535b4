import { Readable } from "node:stream";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Archive, openArchive } from "./archive.ts";
import { refuseEncryptedOdf } from "./odf.ts";
import { withEquations } from "./odf-equations.ts";
import { withNumbers } from "./odf-lists.ts";
import { asShown, type OdfStyles, readOdfStyles } from "./odf-visible.ts";
import { descendants, type XmlElement, xmlTree } from "./xml.ts";

const isXml = (bytes: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*</.test(Buffer.from(bytes.subarray(0, 64)).toString("latin1"));

/** A document in the flat form (FODT, FODS, FODP): one file of XML that is all its parts at once. */
function flatArchive(bytes: Uint8Array): Archive {
  const parts = new Set(["content.xml", "styles.xml"]);
  const has = (name: string): boolean => parts.has(name);
  return {
    names: [...parts],
    has,
    stream: (name) => Readable.from(has(name) ? [bytes] : []),
    read: async (name) => Buffer.from(has(name) ? bytes : []),
  };
}

/** @throws `parse_encrypted` for a document with a password, and what `openArchive` throws. */
export async function openOdf(job: SandboxJob): Promise<Archive> {
  if (isXml(job.bytes)) return flatArchive(job.bytes);
  const archive = await openArchive(job.bytes, job.name);
  await refuseEncryptedOdf(archive, job.name);
  return archive;
}

/** What a text or a presentation shows, with its equations as words and the numbers of its lists, and its styles. */
export async function readOdfParts(
  archive: Archive,
): Promise<{ readonly content: XmlElement; readonly master: XmlElement | undefined; readonly styles: OdfStyles }> {
  const root = await xmlTree(archive.stream("content.xml"));
  if (!root) throw new Error("the content is missing");
  const master = await xmlTree(archive.stream("styles.xml"));
  const styles = readOdfStyles([master, root]);
  const hasObjects = descendants(root, "draw:object").length > 0;
  const shown = asShown(hasObjects ? await withEquations(root, archive) : root, styles);
  const content = withNumbers(shown, [master, root]);
  return { content, master: master && asShown(master, styles), styles };
}
