import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed, ParseFault } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import { decodeText } from "../decode.ts";
import { decodeHtml } from "../html-charset.ts";
import { htmlContent } from "../html-content.ts";
import { binaryContent } from "../magic.ts";
import { webArchive } from "../mail-reader.ts";
import { rtfContent } from "../rtf-reader.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Archive, openArchive } from "./archive.ts";
import { type Block, blocksOfPart, joinParts, partOfBlocks } from "./blocks.ts";
import { createNumbering, type Numbering } from "./docx-numbering.ts";
import { type NoteKind, notesOf, openStory, readStory, type StoryParts } from "./docx-story.ts";
import { readStyles, type Styles } from "./docx-styles.ts";
import { drawnParts } from "./drawing.ts";
import { embeddedFault, embeddedFiles } from "./embedded.ts";
import { flatWord } from "./flat-word.ts";
import { refuseOle } from "./ole.ts";
import { mainPart, type Relationship, relationshipsOf } from "./package.ts";
import { childOf, descendants, readXml, textOf, type XmlElement, xmlTree } from "./xml.ts";

// A chunk may hold a document that holds a chunk.
const maxEmbedding = 3;

interface WordContent {
  readonly title: string;
  readonly headers: readonly Block[];
  readonly body: readonly Block[];
  readonly footers: readonly Block[];
  readonly faults: readonly ParseFault[];
  readonly pictures: number;
}

function lost(id: string, reason: string): ParseFault {
  return { kind: "fault", id, code: "content_lost", reason };
}

/** Foot and end notes and comments, each as the paragraph that stands below what refers to it. */
async function createNotes(
  archive: Archive,
  relationships: readonly Relationship[],
  styles: Styles,
  newNumbering: () => Numbering,
) {
  const partOf = (type: string) => relationships.find((one) => one.type === type)?.target ?? "";
  const read = async (type: string, name: string) => notesOf(await xmlTree(archive.stream(partOf(type))), name);
  const stores: Readonly<Record<NoteKind, Map<string, XmlElement>>> = {
    footnote: await read("footnotes", "w:footnote"),
    endnote: await read("endnotes", "w:endnote"),
    comment: await read("comments", "w:comment"),
  };
  const counts = { footnote: 0, endnote: 0, comment: 0 };
  // Word counts the lists of each of these by themselves, through all notes.
  const numberings = { footnote: newNumbering(), endnote: newNumbering(), comment: newNumbering() };
  const note: StoryParts["note"] = (kind, id, hasOwnMark) => {
    const element = stores[kind].get(id);
    if (!element) return undefined;
    if (!hasOwnMark) counts[kind] += 1;
    // A note that refers to itself would never end.
    const story = readStory(element, {
      styles,
      numbering: numberings[kind],
      embedded: new Map(),
      note: () => undefined,
    });
    const text = story
      .map((block) => block.text.trim())
      .filter((line) => line !== "")
      .join("\n");
    // A picture alone, or nothing: where it stands is told by its mark.
    if (kind === "comment" && text === "") return { mark: "", text };
    if (kind === "comment") {
      const author = cleanLine(element.attributes["w:author"] ?? "");
      return { mark: "", text: `[Comment${author && ` by ${author}`}: ${text}]` };
    }
    if (hasOwnMark) return { mark: "", text };
    const mark = kind === "footnote" ? `[${counts.footnote}]` : `[note ${counts.endnote}]`;
    return { mark, text: text && `${mark} ${text}` };
  };
  return note;
}

/** A document inside the document (`w:altChunk`), by what its first bytes are. */
async function embeddedDocument(bytes: Buffer, depth: number): Promise<readonly Block[] | undefined> {
  const start = bytes.subarray(0, 512).toString("latin1");
  if (start.startsWith("PK\x03\x04")) {
    if (depth >= maxEmbedding) return undefined;
    return (await readWord(await openArchive(bytes, "a part"), depth + 1)).body;
  }
  const flat = depth < maxEmbedding ? flatWord(bytes) : undefined;
  if (flat) return (await readWord(flat, depth + 1)).body;
  if (/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|head|body|[a-z])/i.test(start)) {
    return blocksOfPart(htmlContent((await decodeHtml(new Uint8Array(bytes))).text, true));
  }
  if (/^\{\\rtf/.test(start)) return blocksOfPart(rtfContent(bytes, "an embedded document"));
  if (/^MIME-Version:/im.test(start)) {
    const archive = await webArchive(bytes);
    if (archive === undefined) return undefined;
    return "html" in archive ? blocksOfPart(htmlContent(archive.html, true)) : [{ text: archive.text }];
  }
  if (binaryContent(bytes) !== undefined) return undefined;
  return [{ text: (await decodeText(bytes)).text }];
}

/** The elements of the body one after the other, a table row by row; of a document without a body those of its root. */
async function readBody(part: AsyncIterable<Uint8Array>, take: (element: XmlElement) => void): Promise<void> {
  let depth = 0;
  let hasBody = false;
  const outside: XmlElement[] = [];
  await readXml(part, {
    open(name) {
      const isBody = depth === 1 && name === "w:body" && !hasBody;
      const isWhole = !(depth === 0 || isBody || (depth === 2 && name === "w:tbl"));
      if (!isWhole) depth += 1;
      hasBody ||= isBody;
      return isWhole;
    },
    element(element) {
      if (depth === 3) take({ name: "w:tbl", attributes: {}, children: [element] });
      else if (depth === 2) take(element);
      else outside.push(element);
    },
    close() {
      depth -= 1;
    },
  });
  if (!hasBody) outside.forEach(take);
}

async function readWord(archive: Archive, depth: number): Promise<WordContent> {
  const main = await mainPart(archive, "word/document.xml");
  const relationships = await relationshipsOf(archive, main);
  const styles = await readStyles(archive, relationships.find(({ type }) => type === "styles")?.target);
  const numbers = relationships.find(({ type }) => type === "numbering")?.target;
  const lists = numbers === undefined ? undefined : await xmlTree(archive.stream(numbers));
  const newNotes = () => createNotes(archive, relationships, styles, () => createNumbering(lists));
  let note = await newNotes();
  const faults: ParseFault[] = [];

  const embedded = await drawnParts(archive, relationships);
  for (const { id, type, target } of relationships) {
    if (type === "subDocument")
      faults.push(lost(target, "A part of the document lies in another file (a subdocument) and is not read with it."));
    if (type !== "aFChunk") continue;
    const blocks = archive.has(target) ? await embeddedDocument(await archive.read(target), depth) : undefined;
    if (blocks) embedded.set(id, blocks);
    else
      faults.push(
        lost(
          target,
          `The embedded document ${JSON.stringify(target)} (an altChunk) is missing, or of a kind that is not read inside another. Open the document in Word and save it again.`,
        ),
      );
  }

  const missing = (id: string): void => {
    // What is there and could not be read is told already.
    const isTold = relationships.some((one) => one.id === id) || faults.some((one) => one.id === (id || "altChunk"));
    if (!isTold)
      faults.push(lost(id || "altChunk", "A document was embedded here (an altChunk) that is not in the file."));
  };
  let titled: XmlElement | undefined;
  const readStoryOf = async (ignoresFields: boolean) => {
    const story = openStory({ styles, numbering: createNumbering(lists), embedded, note, missing, ignoresFields });
    // An element of the body at a time: the tree of a whole book takes a hundred times the room of its text.
    await readBody(archive.stream(main), (element) => {
      story.add(element);
      titled ??= (element.name === "w:p" ? [element] : descendants(element, "w:p")).find(
        (one) => styles.isTitle(childOf(one, "w:pPr")) && textOf(one).trim() !== "",
      );
    });
    return story;
  };
  let story = await readStoryOf(false);
  if (story.isCut()) {
    note = await newNotes();
    story = await readStoryOf(true);
  }
  const body = story.found;
  // First page, left and right page, and each section may repeat the same lines.
  const margins = async (kind: "header" | "footer"): Promise<Block[]> => {
    const seen = new Map<string, Block>();
    for (const { type, target } of relationships) {
      if (type !== kind) continue;
      const own = await drawnParts(archive, await relationshipsOf(archive, target));
      const part = await xmlTree(archive.stream(target));
      const story = readStory(part, { styles, numbering: createNumbering(lists), embedded: own, note });
      for (const { text } of story) seen.set(text.trim(), { text });
    }
    return [...seen.values()];
  };
  const title = titled
    ? readStory({ name: "w:body", attributes: {}, children: [titled] }, { styles, embedded, note: () => undefined })[0]
        ?.text
    : undefined;
  return {
    title: cleanLine(title ?? body.find(({ level }) => level === 1)?.text ?? ""),
    headers: await margins("header"),
    body,
    footers: await margins("footer"),
    faults: [...faults, ...embeddedFault(embeddedFiles(relationships))],
    pictures: relationships.filter(({ type }) => type === "image").length,
  };
}

/** Why a document has no text, as far as it can be told. */
function emptiness(name: string, { faults, pictures }: WordContent): string {
  const [first] = faults;
  if (first) return `${name} holds no text that could be read. ${first.reason}`;
  if (pictures > 0)
    return `${name} holds no text but ${pictures} picture${pictures === 1 ? "" : "s"}: words inside pictures are not read.`;
  return `${name} holds no text: nothing but white space, or text that is hidden or deleted.`;
}

/** Runs in the sandbox. */
export async function readDocx(job: SandboxJob): Promise<readonly Parsed[]> {
  const bytes = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
  refuseOle(bytes, job.name);
  const content = await readWord(flatWord(bytes) ?? (await openArchive(bytes, job.name)), 0);
  const { text, sections } = joinParts([content.headers, content.body, content.footers].map(partOfBlocks));
  if (sections.length === 0) throw new IsthmusError("content_empty", emptiness(job.name, content));
  const title = content.title || job.fallbackTitle;
  return [{ kind: "document", title, text, sections, metadata: {} }, ...content.faults];
}
