import type { Box, Piece } from "./html-pieces.ts";

// Tried on 181 articles that were marked by hand (docs/adr/0024-html-around-the-prose.md). Words of a block that make it prose,
// unless most of it are links:
const proseWords = 12;
/** With less prose a page is no article, but a list, a form or a table: nothing is taken for what stands around it. Characters. */
const leastProse = 400;
/** The part of the prose that the box of the article holds. The smallest such box counts. */
const share = 0.8;
/** Outside of the box a paragraph of so many words stays: it may be the lead, or a comment. */
const wordsOutside = 25;
/** Between the page's heading and the box stand its author and date, where no more words than these do. */
const wordsOfByline = 60;
/** What is left out may be so much of what is kept, links not counted; with more the page is no article. */
const mostLeftOut = 0.5;

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

interface Block {
  readonly pieces: readonly Piece[];
  readonly words: number;
  /** Characters that are no link. */
  readonly own: number;
  readonly isProse: boolean;
  readonly isTitle: boolean;
}

function blockOf(pieces: readonly Piece[]): Block {
  const linked = sumOf(pieces, ({ regions, text }) => (regions.has("link") ? text.length : 0));
  const own = sumOf(pieces, ({ text }) => text.length) - linked;
  const words = sumOf(pieces, ({ text }) => text.split(" ").length);
  const isHeading = pieces.some(({ headingLevel }) => headingLevel > 0);
  return {
    pieces,
    words,
    own,
    isProse: !isHeading && words >= proseWords && own > 2 * linked,
    isTitle: pieces.some(({ headingLevel }) => headingLevel === 1),
  };
}

/** Pieces that stand on one line or in one paragraph. */
export function blocksOf(pieces: readonly Piece[]): Piece[][] {
  const blocks: Piece[][] = [];
  for (const piece of pieces) {
    const last = blocks.at(-1);
    const begins = piece.before === "paragraph" || piece.before === "line" || piece.before === "row";
    if (last === undefined || begins) blocks.push([piece]);
    else last.push(piece);
  }
  return blocks;
}

/** The smallest box with most of the prose: its first and last box, by number. */
function boxOfProse(blocks: readonly Block[], boxes: readonly Box[], total: number): readonly [number, number] {
  const prose = boxes.map(() => 0);
  for (const { pieces, own, isProse } of blocks) {
    const at = pieces[0]?.box ?? 0;
    if (isProse) prose[at] = (prose[at] ?? 0) + own;
  }
  // Boxes are numbered as they open, so a box comes after the one it is in, and all that is in it follows at once.
  const last = boxes.map((_, at) => at);
  let best = 0;
  for (let at = boxes.length - 1; at > 0; at -= 1) {
    if (best === 0 && (prose[at] ?? 0) >= total * share) best = at;
    const parent = boxes[at]?.parent ?? 0;
    prose[parent] = (prose[parent] ?? 0) + (prose[at] ?? 0);
    last[parent] = Math.max(last[parent] ?? parent, last[at] ?? at);
  }
  return [best, last[best] ?? best];
}

/**
 * An article without what stands around it: teasers, lists of other pages, buttons. The box that holds most of its prose stays
 * whole; of the rest its headings of level 1, long paragraphs, and author and date. What is no article stays as it is.
 *
 * @param boxes of the page, see `Piece.box`.
 */
export function aroundProse(pieces: readonly Piece[], boxes: readonly Box[]): readonly Piece[] {
  const blocks = blocksOf(pieces).map(blockOf);
  const total = sumOf(blocks, ({ isProse, own }) => (isProse ? own : 0));
  if (total < leastProse) return pieces;
  const [first, last] = boxOfProse(blocks, boxes, total);
  const inside = ({ box }: Piece): boolean => box >= first && box <= last;
  const begin = blocks.findIndex((block) => block.pieces.some(inside));
  const title = blocks.findLastIndex((block, at) => at < begin && block.isTitle);
  const between = title === -1 ? [] : blocks.slice(title + 1, begin);
  const byline = sumOf(between, ({ words }) => words) <= wordsOfByline ? between : [];
  const kept = new Set(
    blocks.filter(
      (block) => block.isTitle || (block.isProse && block.words >= wordsOutside) || block.pieces.some(inside),
    ),
  );
  for (const block of byline) kept.add(block);
  const keptOwn = sumOf([...kept], ({ own }) => own);
  if (sumOf(blocks, ({ own }) => own) - keptOwn > keptOwn * mostLeftOut) return pieces;
  return blocks.flatMap((block) => (kept.has(block) ? block.pieces : []));
}
