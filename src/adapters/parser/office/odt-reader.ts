import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Archive, openArchive } from "./archive.ts";
import { type Block, joinParts, partOfBlocks, rowText } from "./blocks.ts";
import { paragraphText, refuseEncryptedOdf } from "./odf.ts";
import { hasObjects, withEquations } from "./odf-equations.ts";
import { childOf, childrenOf, descendants, elementsOf, textOf, type XmlElement, xmlTree } from "./xml.ts";

// What was deleted, forms' settings, and what programs keep beside the text.
const unseen = new Set([
  "text:tracked-changes",
  "text:sequence-decls",
  "office:forms",
  "text:hidden-paragraph",
  "presentation:notes",
]);

function paragraph(element: XmlElement): Block[] {
  const below: Block[] = [];
  const text = paragraphText(element, (inside) => {
    if (inside.name === "text:ruby") {
      const reading = textOf(childOf(inside, "text:ruby-text"));
      return textOf(childOf(inside, "text:ruby-base")) + (reading && `(${reading})`);
    }
    const words = (holder: XmlElement | undefined): string =>
      blocks(holder)
        .map((block) => block.text.trim())
        .join("\n");
    if (inside.name === "text:note") {
      const mark = `[${textOf(childOf(inside, "text:note-citation")).trim()}]`;
      below.push({ text: `${mark} ${words(childOf(inside, "text:note-body"))}` });
      return mark;
    }
    if (inside.name === "office:annotation") {
      const author = cleanLine(textOf(childOf(inside, "dc:creator")));
      below.push({ text: `[Comment${author && ` by ${author}`}: ${words(inside)}]` });
    }
    if (inside.name === "draw:frame") below.push(...frame(inside));
    return "";
  });
  const level = Number(element.attributes["text:outline-level"] ?? "1");
  const isHeading = element.name === "text:h" && text !== "";
  const isTitle = element.attributes["text:style-name"] === "Title" && text !== "";
  if (isHeading || isTitle)
    return [{ text: text.replace(/\s+/g, " "), level: isTitle || !(level >= 1) ? 1 : level }, ...below];
  return [{ text }, ...below];
}

/** A frame: a text box or table in it, or the words about its picture. */
function frame(element: XmlElement): Block[] {
  const about = textOf(childOf(element, "svg:desc")).trim() || textOf(childOf(element, "svg:title")).trim();
  const inside = elementsOf(element).flatMap((child) =>
    child.name === "draw:text-box" ? blocks(child) : child.name === "table:table" ? table(child) : [],
  );
  return [...inside, { text: about }];
}

function table(element: XmlElement): Block[] {
  return descendants(element, "table:table-row").flatMap((row): Block[] => {
    const cells = elementsOf(row).filter(({ name }) => /^table:(?:covered-)?table-cell$/.test(name));
    const inside = cells.map((cell) => blocks(cell));
    if (inside.length === 1 || inside.some((cell) => cell.some(({ level }) => level !== undefined)))
      return inside.flat();
    return [{ text: rowText(inside.map((cell) => cell.map(({ text }) => text).join("\n"))), group: "table" }];
  });
}

function blocks(holder: XmlElement | undefined): Block[] {
  return elementsOf(holder).flatMap((element): Block[] => {
    const { name } = element;
    if (unseen.has(name) || (name === "text:section" && element.attributes["text:display"] === "none")) return [];
    if (name === "text:p" || name === "text:h") return paragraph(element);
    if (name === "table:table") return table(element);
    if (name === "draw:frame") return frame(element);
    if (name === "text:list") {
      return blocks({ ...element, name: "list" }).map((block) =>
        block.level === undefined ? { ...block, group: "list" } : block,
      );
    }
    return blocks(element);
  });
}

async function contentOf(archive: Archive): Promise<XmlElement> {
  const root = await xmlTree(archive.stream("content.xml"));
  if (!root) throw new Error("the content is missing");
  return hasObjects(archive) ? await withEquations(root, archive) : root;
}

/** Runs in the sandbox. */
export async function readOdt(job: SandboxJob): Promise<readonly Parsed[]> {
  const archive = await openArchive(job.bytes, job.name);
  await refuseEncryptedOdf(archive, job.name);
  const root = await contentOf(archive);
  const body = blocks(childOf(childOf(root, "office:body"), "office:text"));
  const styles = await xmlTree(archive.stream("styles.xml"));
  const margins = (name: string): Block[] => {
    const found = styles ? descendants(styles, name).flatMap((one) => blocks(one)) : [];
    return [...new Map(found.map(({ text }) => [text, { text }])).values()];
  };
  const { text, sections } = joinParts([margins("style:header"), body, margins("style:footer")].map(partOfBlocks));
  if (sections.length === 0) {
    throw new IsthmusError(
      "content_empty",
      `${job.name} holds no text: it is empty, or holds pictures, whose words are not read.`,
    );
  }
  const title = cleanLine(body.find(({ level }) => level === 1)?.text ?? "") || job.fallbackTitle;
  return [{ kind: "document", title, text, sections, metadata: {} }];
}

/** Runs in the sandbox. A slide is a section under `Slide 3: its title`; its notes are a section below it. */
export async function readOdp(job: SandboxJob): Promise<readonly Parsed[]> {
  const archive = await openArchive(job.bytes, job.name);
  await refuseEncryptedOdf(archive, job.name);
  const root = await contentOf(archive);
  let title = "";
  const empty: number[] = [];
  const parts = descendants(root, "draw:page").map((page, index) => {
    const isTitle = (element: XmlElement): boolean => element.attributes["presentation:class"] === "title";
    const heading = cleanLine(
      childrenOf(page, "draw:frame")
        .filter(isTitle)
        .flatMap(frame)
        .map((block) => block.text)
        .join(" "),
    );
    title ||= heading;
    const body = blocks({ ...page, children: elementsOf(page).filter((child) => !isTitle(child)) });
    const notes = blocks(childOf(page, "presentation:notes"));
    const hasText = (all: readonly Block[]): boolean => all.some((block) => block.text.trim() !== "");
    if (!heading && !hasText(body) && !hasText(notes)) {
      empty.push(index + 1);
      return partOfBlocks([]);
    }
    const label = { text: `Slide ${index + 1}${heading && `: ${heading}`}`, level: 1 };
    return partOfBlocks([label, ...body, ...(hasText(notes) ? [{ text: "Notes", level: 2 }, ...notes] : [])]);
  });
  const { text, sections } = joinParts(parts);
  if (sections.length === 0) {
    throw new IsthmusError(
      "content_empty",
      `${job.name} holds no text: its slides hold nothing but pictures, or nothing.`,
    );
  }
  const document: Parsed = { kind: "document", title: title || job.fallbackTitle, text, sections, metadata: {} };
  if (empty.length === 0) return [document];
  const reason = "These slides hold no text: they are empty, or pictures, whose words are not read.";
  return [document, { kind: "fault", id: `slides ${empty.join(", ")}`, code: "content_lost", reason }];
}
