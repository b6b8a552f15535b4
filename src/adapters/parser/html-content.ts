import type { Section } from "../../core/types.ts";
import { type Piece, separatorText } from "./html-pieces.ts";
import type { Region } from "./html-rules.ts";
import { walkHtml } from "./html-walk.ts";
import { firstTitle, type Heading, sectionsOf } from "./sections.ts";

interface HtmlContent {
  /** The `title` element, else the first heading of level 1, else "". */
  readonly title: string;
  readonly text: string;
  readonly sections: readonly Section[];
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + piece.text.length, 0);

/**
 * What the page itself marks as its content: `main`, else its articles where they hold a good part of the text (a page
 * may show others in small `article` cards). A form is an input box to leave out, unless the page lives inside it.
 */
function contentPieces(pieces: readonly Piece[]): readonly Piece[] {
  const within = (region: Region) => pieces.filter((piece) => piece.regions.has(region));
  const main = within("main");
  const article = within("article");
  let chosen = pieces;
  if (lengthOf(main) > 0) chosen = main;
  else if (lengthOf(article) * 4 >= lengthOf(pieces)) chosen = article;
  const outsideForms = chosen.filter((piece) => !piece.regions.has("form"));
  return lengthOf(outsideForms) * 2 >= lengthOf(chosen) ? outsideForms : chosen;
}

function assemble(pieces: readonly Piece[]): { text: string; headings: Heading[] } {
  const parts: string[] = [];
  const headings: Heading[] = [];
  let length = 0;
  let open: { level: number; start: number; words: string[] } | undefined;
  const closeHeading = (): void => {
    if (open) headings.push({ level: open.level, label: open.words.join("").trim(), start: open.start, end: length });
    open = undefined;
  };
  for (const piece of pieces) {
    const isNewBlock = piece.before === "paragraph" || piece.before === "row" || piece.before === "cell";
    if (open && (piece.headingLevel !== open.level || isNewBlock)) closeHeading();
    const separator = length === 0 ? "" : separatorText[piece.before];
    parts.push(separator, piece.text);
    length += separator.length;
    if (piece.headingLevel > 0) {
      open ??= { level: piece.headingLevel, start: length, words: [] };
      open.words.push(separator.replace("\n", " "), piece.text);
    }
    length += piece.text.length;
  }
  closeHeading();
  return { text: parts.join(""), headings };
}

/**
 * The text of a page, block by block, cut at its headings.
 *
 * @param keepAll for HTML made from a document, which has no boilerplate.
 */
export function htmlContent(html: string, keepAll = false): HtmlContent {
  let page = walkHtml(html, keepAll);
  let pieces = contentPieces(page.pieces);
  // A page may be nothing but what is boilerplate elsewhere (an index inside `nav`): better that than nothing.
  if (lengthOf(pieces) === 0 && !keepAll) {
    page = walkHtml(html, true);
    pieces = page.pieces;
  }
  const { text, headings } = assemble(pieces);
  return { title: page.title || firstTitle(headings), text, sections: sectionsOf(text, headings) };
}
