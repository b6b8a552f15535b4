import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed, ParseFault } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Archive, openArchive } from "./archive.ts";
import { type Block, joinParts, partOfBlocks, type TextPart } from "./blocks.ts";
import { alternativeText, drawingParagraphs, drawingTable, drawnIds, drawnParts } from "./drawing.ts";
import { embeddedFault, embeddedFiles } from "./embedded.ts";
import { refuseOle } from "./ole.ts";
import { mainPart, relationshipsOf } from "./package.ts";
import { alternative, childOf, childrenOf, descendants, elementsOf, textOf, type XmlElement, xmlTree } from "./xml.ts";

type Drawn = ReadonlyMap<string, readonly Block[]>;

/** What a shape is a placeholder for (`title`, `sldNum`), "" for none. */
function placeholder(shape: XmlElement): string {
  const [found] = descendants(shape, "p:ph");
  return found ? (found.attributes["type"] ?? "body") : "";
}

// What the design puts on every slide.
const furniture = new Set(["sldNum", "dt", "ftr", "hdr"]);
const isTitle = (shape: XmlElement): boolean => /^(?:ctrTitle|title)$/.test(placeholder(shape));

function isHidden(shape: XmlElement): boolean {
  const [properties] = descendants(shape, "p:cNvPr");
  return /^(?:1|true)$/.test(properties?.attributes["hidden"] ?? "");
}

/** The shapes of a slide in their order, those in groups among them, and the words about a group before what is in it. */
function shapesOf(tree: XmlElement | undefined): XmlElement[] {
  return elementsOf(tree).flatMap((element) => {
    if (isHidden(element)) return [];
    if (element.name === "p:grpSp") {
      const about = childOf(element, "p:nvGrpSpPr");
      return [...(about ? [{ ...element, children: [about] }] : []), ...shapesOf(element)];
    }
    if (element.name === "mc:AlternateContent") return shapesOf({ ...element, children: alternative(element) });
    return /^p:(?:sp|pic|graphicFrame|cxnSp)$/.test(element.name) ? [element] : [];
  });
}

function shapeBlocks(shape: XmlElement, drawn: Drawn): Block[] {
  if (furniture.has(placeholder(shape))) return [];
  const [properties] = descendants(shape, "p:cNvPr");
  const table = descendants(shape, "a:tbl").flatMap(drawingTable);
  const text = table.length > 0 ? [] : drawingParagraphs(childOf(shape, "p:txBody"));
  return [
    ...text.map((one): Block => ({ text: one, group: "list" })),
    ...table,
    ...drawnIds(shape).flatMap((id) => drawn.get(id) ?? []),
    { text: alternativeText(properties) },
  ];
}

/** Comments of a slide; those of today have their answers in them. */
function commentsOf(root: XmlElement): string[] {
  return root.name === "p:cmLst"
    ? descendants(root, "p:text").map(textOf)
    : elementsOf(root).flatMap((comment) => {
        const own = childrenOf(comment, "p188:txBody");
        const answers = descendants(comment, "p188:reply");
        return [...own, ...answers].map((one) => drawingParagraphs(one).join("\n"));
      });
}

interface Slide {
  readonly part: TextPart;
  readonly title: string;
  readonly isHidden: boolean;
  /** Files of other programs in it, which are not read. */
  readonly embedded: readonly string[];
}

async function readSlide(archive: Archive, part: string, number: number): Promise<Slide> {
  const root = await xmlTree(archive.stream(part));
  const relationships = await relationshipsOf(archive, part);
  const drawn = await drawnParts(archive, relationships);
  const shapes = shapesOf(childOf(childOf(root, "p:cSld"), "p:spTree"));
  const titles = shapes.filter(isTitle);
  const title = cleanLine(titles.flatMap((shape) => drawingParagraphs(childOf(shape, "p:txBody"))).join(" "));
  const body = shapes.filter((shape) => !isTitle(shape)).flatMap((shape) => shapeBlocks(shape, drawn));
  const notes: Block[] = [];
  for (const { type, target } of relationships) {
    if (type !== "notesSlide" && type !== "comments") continue;
    const other = await xmlTree(archive.stream(target));
    if (type === "comments" && other) {
      notes.push(...commentsOf(other).map((text) => ({ text: `[Comment: ${text}]` })));
      continue;
    }
    const own = shapesOf(childOf(childOf(other, "p:cSld"), "p:spTree"));
    const text = own.filter((shape) => placeholder(shape) === "body").flatMap((shape) => shapeBlocks(shape, new Map()));
    if (text.some((block) => block.text.trim() !== "")) notes.push({ text: "Notes", level: 2 }, ...text);
  }
  const filled = [...body, ...notes].some(({ text }) => text.trim() !== "");
  const heading: Block = { text: `Slide ${number}${title && `: ${title}`}`, level: 1 };
  const isShown = filled || title !== "";
  // What a tool for slides keeps of its own in each of them.
  const own = new Set(
    (root ? descendants(root, "p:oleObj") : [])
      .filter(({ attributes }) => /^TCLayout\./.test(attributes["progId"] ?? ""))
      .map(({ attributes }) => attributes["r:id"]),
  );
  return {
    embedded: embeddedFiles(relationships.filter(({ id }) => !own.has(id))),
    part: partOfBlocks(isShown ? [heading, ...body, ...notes] : []),
    title,
    isHidden: root?.attributes["show"] === "0" || root?.attributes["show"] === "false",
  };
}

const slideFault = (numbers: readonly number[], what: string): ParseFault => ({
  kind: "fault",
  id: `slides ${numbers.join(", ")}`,
  code: "content_lost",
  reason: what,
});

/** Runs in the sandbox. A slide is a section under `Slide 3: its title`; its notes are a section below it. */
export async function readPptx(job: SandboxJob): Promise<readonly Parsed[]> {
  refuseOle(Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength), job.name);
  const archive = await openArchive(job.bytes, job.name);
  const main = await mainPart(archive, "ppt/presentation.xml");
  const relationships = await relationshipsOf(archive, main);
  const list = childOf(await xmlTree(archive.stream(main)), "p:sldIdLst");
  const slides: Slide[] = [];
  for (const { attributes } of childrenOf(list, "p:sldId")) {
    const target = relationships.find(({ id }) => id === attributes["r:id"])?.target ?? "";
    slides.push(await readSlide(archive, target, slides.length + 1));
  }
  const numbersOf = (fits: (slide: Slide) => boolean): number[] =>
    slides.flatMap((slide, index) => (fits(slide) ? [index + 1] : []));
  const hidden = numbersOf(({ isHidden }) => isHidden);
  const empty = numbersOf(({ part, isHidden }) => !isHidden && part.text === "");
  const { text, sections } = joinParts(slides.filter(({ isHidden }) => !isHidden).map(({ part }) => part));
  const shown = slides.filter(({ isHidden }) => !isHidden);
  const holding = numbersOf(({ isHidden, embedded }) => !isHidden && embedded.length > 0);
  const embedded = embeddedFault(
    shown.flatMap((slide) => slide.embedded),
    `slides ${holding.join(", ")}`,
  );
  if (sections.length === 0) {
    const why =
      hidden.length > 0
        ? "its slides are hidden or hold nothing but pictures"
        : "its slides hold nothing but pictures, or nothing";
    throw new IsthmusError(
      "content_empty",
      `${job.name} holds no text: ${why}. ${embedded[0]?.reason ?? "Words inside pictures are not read."}`,
    );
  }
  const faults: ParseFault[] = [...embedded];
  if (empty.length > 0)
    faults.push(slideFault(empty, "These slides hold no text: they are empty, or pictures, whose words are not read."));
  if (hidden.length > 0)
    faults.push(
      slideFault(hidden, "These slides are hidden and were left out. Show them if they are meant to be found."),
    );
  const title = slides.find((slide) => slide.title !== "" && !slide.isHidden)?.title || job.fallbackTitle;
  return [{ kind: "document", title, text, sections, metadata: {} }, ...faults];
}
