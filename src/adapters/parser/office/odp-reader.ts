import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed, ParseFault } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Block, joinParts, partOfBlocks } from "./blocks.ts";
import { odfBlocks, odfFrame } from "./odf-blocks.ts";
import { openOdf, readOdfParts } from "./odf-document.ts";
import { childOf, childrenOf, descendants, elementsOf, type XmlElement } from "./xml.ts";

// What the design puts on every slide.
const furniture = new Set(["footer", "header", "date-time", "page-number"]);
const isFurniture = ({ attributes }: XmlElement): boolean => furniture.has(attributes["presentation:class"] ?? "");

function slideFaults(numbers: readonly number[], reason: string): ParseFault[] {
  if (numbers.length === 0) return [];
  return [{ kind: "fault", id: `slides ${numbers.join(", ")}`, code: "content_lost", reason }];
}

/** Runs in the sandbox. A slide is a section under `Slide 3: its title`; its notes are a section below it. */
export async function readOdp(job: SandboxJob): Promise<readonly Parsed[]> {
  const { content: root, styles } = await readOdfParts(await openOdf(job));
  let title = "";
  const empty: number[] = [];
  const hidden: number[] = [];
  const parts = descendants(root, "draw:page").map((page, index) => {
    if (styles.isHidden("drawing-page", page.attributes["draw:style-name"])) {
      hidden.push(index + 1);
      return partOfBlocks([]);
    }
    const isTitle = (element: XmlElement): boolean => element.attributes["presentation:class"] === "title";
    const heading = cleanLine(
      childrenOf(page, "draw:frame")
        .filter(isTitle)
        .flatMap((one) => odfFrame(one))
        .map((block) => block.text)
        .join(" "),
    );
    title ||= heading;
    const body = odfBlocks({
      ...page,
      children: elementsOf(page).filter((child) => !isTitle(child) && !isFurniture(child)),
    });
    const notes = odfBlocks(childOf(page, "presentation:notes"));
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
    const why =
      hidden.length > 0
        ? "its slides are hidden or hold nothing but pictures"
        : "its slides hold nothing but pictures, or nothing";
    throw new IsthmusError("content_empty", `${job.name} holds no text: ${why}.`);
  }
  const document: Parsed = { kind: "document", title: title || job.fallbackTitle, text, sections, metadata: {} };
  return [
    document,
    ...slideFaults(empty, "These slides hold no text: they are empty, or pictures, whose words are not read."),
    ...slideFaults(hidden, "These slides are hidden and were left out. Show them if they are meant to be found."),
  ];
}
