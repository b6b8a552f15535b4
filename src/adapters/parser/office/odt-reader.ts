import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Block, joinParts, partOfBlocks } from "./blocks.ts";
import { odfBlocks } from "./odf-blocks.ts";
import { openOdf, readOdfParts } from "./odf-document.ts";
import { childOf, descendants } from "./xml.ts";

/** Runs in the sandbox. */
export async function readOdt(job: SandboxJob): Promise<readonly Parsed[]> {
  const { content: root, master } = await readOdfParts(await openOdf(job));
  const body = odfBlocks(childOf(childOf(root, "office:body"), "office:text"));
  const margins = (name: string): Block[] => {
    const found = master ? descendants(master, name).flatMap((one) => odfBlocks(one)) : [];
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
