import type { Section } from "../../core/types.ts";
import { type Piece, separatorBefore } from "./html-pieces.ts";
import { aroundProse, blocksOf } from "./html-prose.ts";
import type { Region } from "./html-rules.ts";
import { type HtmlPage, walkHtml } from "./html-walk.ts";
import { firstTitle, type Heading, sectionsOf } from "./sections.ts";

interface HtmlContent {
  /** The `title` element, else the first heading of level 1, else "". */
  readonly title: string;
  readonly text: string;
  readonly sections: readonly Section[];
  /** Where there is no text: what the file holds instead, as the end of a sentence that begins with its name. */
  readonly emptyBecause?: string;
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + piece.text.length, 0);
const within = (pieces: readonly Piece[], region: Region) => pieces.filter((piece) => piece.regions.has(region));
const outside = (pieces: readonly Piece[], region: Region) => pieces.filter((piece) => !piece.regions.has(region));

/** Without a region, unless most of the text that is no link is in it: then it is what the page is about. */
function withoutMinor(pieces: readonly Piece[], region: Region): readonly Piece[] {
  const rest = outside(pieces, region);
  const own = (some: readonly Piece[]) => lengthOf(outside(some, "link"));
  return own(rest) * 2 >= own(pieces) ? rest : pieces;
}

// Of the text in sight. Less is the page's title alone, or one teaser of several.
const leastMain = 0.2;
const leastArticle = 0.6;

// So many blocks in a row that are nothing but links are a menu or a list of other pages.
const fewestLinks = 4;

/** Without long runs of blocks that are links alone, unless those are half of the page. */
function withoutLinkLists(pieces: readonly Piece[]): readonly Piece[] {
  const kept: Piece[] = [];
  let run: Piece[] = [];
  let blocks = 0;
  const endRun = (): void => {
    if (blocks < fewestLinks) kept.push(...run);
    run = [];
    blocks = 0;
  };
  for (const block of blocksOf(pieces)) {
    const linked = lengthOf(block.filter((piece) => piece.regions.has("link") && piece.headingLevel === 0));
    if (linked >= lengthOf(block) * 0.8) {
      run.push(...block);
      blocks += 1;
    } else {
      endRun();
      kept.push(...block);
    }
  }
  endRun();
  return lengthOf(kept) * 2 >= lengthOf(pieces) ? kept : pieces;
}

/** The articles in what a page calls its main part, where they are most of it. */
function narrowed(main: readonly Piece[]): readonly Piece[] {
  const articles = within(main, "article");
  return lengthOf(articles) >= lengthOf(main) * leastArticle ? articles : main;
}

/**
 * What the page itself marks as its content: `main`, unless that is a heading alone; else its articles where they hold most
 * of the text. What lies over a page (dialogs, consent) or is muted goes, unless it is most of the page; so do the labels of
 * a form. The heading of the site's banner stays where the page has no other.
 */
function contentPieces({ pieces: all, boxes }: HtmlPage): readonly Piece[] {
  let pieces: readonly Piece[] = outside(all, "noscript");
  const opened = outside(pieces, "overlay");
  if (lengthOf(opened) > 0) pieces = opened;
  pieces = withoutMinor(withoutMinor(pieces, "consent"), "muted");
  const page = withoutMinor(withoutMinor(pieces, "banner"), "chrome");
  const banner = within(pieces, "banner");
  const total = lengthOf(page);
  const body = (chosen: readonly Piece[]) => lengthOf(chosen.filter((piece) => piece.headingLevel === 0));
  const main = within(page, "main");
  const article = within(page, "article");
  let chosen: readonly Piece[] = page;
  if (body(main) > 0 && lengthOf(main) >= total * leastMain) chosen = narrowed(main);
  else if (lengthOf(article) >= total * leastArticle && lengthOf(article) > 0) chosen = article;
  else chosen = withoutLinkLists(page);
  chosen = aroundProse(chosen, boxes);
  const hasTitle = chosen.some((piece) => piece.headingLevel === 1);
  if (!hasTitle) {
    const before = page.slice(0, Math.max(0, page.indexOf(chosen[0] as Piece)));
    const own = before.filter((piece) => piece.headingLevel === 1);
    const titles = own.length > 0 ? own : banner.filter((piece) => piece.headingLevel === 1);
    chosen = [...titles, ...chosen];
  }
  const form = lengthOf(within(chosen, "form"));
  return form * 2 > lengthOf(chosen) ? chosen : outside(chosen, "control");
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
    const isNewBlock = piece.before === "paragraph" || piece.before === "row" || piece.cells > 0;
    if (open && (piece.headingLevel !== open.level || isNewBlock)) closeHeading();
    const separator = separatorBefore(piece, length === 0);
    parts.push(separator, piece.text);
    length += separator.length;
    if (piece.headingLevel > 0) {
      if (open) open.words.push(separator.replace("\n", " "));
      open ??= { level: piece.headingLevel, start: length, words: [] };
      open.words.push(piece.text);
    }
    length += piece.text.length;
  }
  closeHeading();
  return { text: parts.join(""), headings };
}

function emptyBecause(page: HtmlPage): string {
  const unclosed = page.unclosed;
  if (unclosed !== undefined) {
    return `holds no text: a <${unclosed}> that is never closed takes in all that follows (<${unclosed}/> closes nothing in HTML). Close it, or name the file .xhtml.`;
  }
  if (within(page.pieces, "noscript").length > 0) {
    return "holds no text but what stands in <noscript>, for browsers without scripts. Save the page from a browser once it is shown.";
  }
  if (page.scripts) return "holds no text: a script builds the page. Save it from a browser once it is shown.";
  if (page.frames) return "holds no text: it shows other pages in frames. Ingest those.";
  return "holds no text: nothing but white space or markup.";
}

/**
 * The text of a page, block by block, cut at its headings.
 *
 * @param keepAll for HTML made from a document, which has no boilerplate.
 */
export function htmlContent(html: string, keepAll = false): HtmlContent {
  let page = walkHtml(html, keepAll);
  let pieces = keepAll ? outside(page.pieces, "noscript") : contentPieces(page);
  // A page may be nothing but what is boilerplate elsewhere (an index inside `nav`): better that than nothing.
  if (lengthOf(pieces) === 0 && !keepAll) {
    page = walkHtml(html, true);
    pieces = outside(page.pieces, "noscript");
  }
  const { text, headings } = assemble(pieces);
  const content = { title: page.title || firstTitle(headings), text, sections: sectionsOf(text, headings) };
  return content.sections.length > 0 ? content : { ...content, emptyBecause: emptyBecause(page) };
}
