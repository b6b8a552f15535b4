import { Parser } from "htmlparser2";
import { cleanLine } from "./clean.ts";
import { createPieceCollector, type Piece } from "./html-pieces.ts";
import {
  headingLevel,
  isBoilerplate,
  isNotText,
  lineElements,
  paragraphElements,
  type Region,
  regionOf,
} from "./html-rules.ts";

interface HtmlPage {
  /** Of the `title` element, "" without one. */
  readonly title: string;
  readonly pieces: readonly Piece[];
}

/**
 * Reads a page in one pass of events, so that no depth of nesting can exhaust the stack.
 *
 * @param keepAll keeps navigation, banners and hidden parts: for HTML that is known to hold content alone.
 */
export function walkHtml(html: string, keepAll: boolean): HtmlPage {
  const collector = createPieceCollector();
  const depth = { dropped: 0, pre: 0, content: 0, heading: 0 };
  const openRegions: Record<Region, number> = { main: 0, article: 0, form: 0, page: 0 };
  const titleParts: string[] = [];
  let titleState: "none" | "open" | "done" = "none";
  // The regions each open element added, so that its end takes away what its start gave.
  const regionStack: (Region | undefined)[] = [];
  const rows: { cells: number }[] = [];

  const setContext = (): void => {
    const open = (Object.keys(openRegions) as Region[]).filter((region) => openRegions[region] > 0);
    collector.context(depth.heading, new Set(open));
  };
  const breakAround = (element: string): void => {
    // Inside a table row a paragraph is a line at most, so that the row stays together.
    if (element === "tr") collector.separate("row");
    else if (lineElements.has(element)) collector.separate("line");
    else if (paragraphElements.has(element)) {
      collector.separate(rows.length > 0 && headingLevel(element) === 0 ? "line" : "paragraph");
    }
  };
  const isContent = (element: string): boolean => element === "main" || element === "article" || element === "section";

  const parser = new Parser({
    onopentag(element, attributes) {
      if (element === "title" && titleState === "none" && depth.dropped === 0) titleState = "open";
      if (depth.dropped > 0 || element === "head" || element === "title") {
        if (depth.dropped > 0) depth.dropped += 1;
        return;
      }
      if (isNotText(element) || (!keepAll && isBoilerplate(element, attributes, depth.content > 0))) {
        depth.dropped = 1;
        breakAround(element);
        return;
      }
      const region = regionOf(element, attributes);
      regionStack.push(region);
      if (region) openRegions[region] += 1;
      if (isContent(element)) depth.content += 1;
      if (element === "pre") depth.pre += 1;
      breakAround(element);
      if (element === "tr") rows.push({ cells: 0 });
      const row = rows.at(-1);
      if ((element === "td" || element === "th") && row) {
        if (row.cells > 0) collector.separate("cell");
        row.cells += 1;
      }
      const level = headingLevel(element);
      if (level > 0) depth.heading = level;
      if (region || level > 0) setContext();
    },
    ontext(data) {
      if (titleState === "open") titleParts.push(data);
      else if (depth.dropped === 0) collector.text(data, depth.pre > 0);
    },
    onclosetag(element) {
      if (element === "title" && titleState === "open") titleState = "done";
      if (depth.dropped > 0) {
        depth.dropped -= 1;
        return;
      }
      if (element === "head" || element === "title") return;
      const region = regionStack.pop();
      if (region) openRegions[region] -= 1;
      if (isContent(element)) depth.content -= 1;
      if (element === "pre") depth.pre -= 1;
      if (element === "tr") rows.pop();
      breakAround(element);
      if (headingLevel(element) > 0) depth.heading = 0;
      if (region || headingLevel(element) > 0) setContext();
    },
  });
  parser.write(html);
  parser.end();
  return { title: cleanLine(titleParts.join("")), pieces: collector.finish() };
}
