import type { Section } from "../../core/types.ts";

/** A heading as it stands in the text: `text.slice(start, end)` is its line or lines. */
export interface Heading {
  /** 1 is the outermost. */
  readonly level: number;
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

// What a page marks up as a heading and is longer than this is a paragraph in large type.
const longestHeading = 300;

function usable(headings: readonly Heading[]): Heading[] {
  return headings.filter((heading) => heading.label !== "" && heading.label.length <= longestHeading);
}

/** The first heading of level 1, which titles a document that has no other title; "" without one. */
export function firstTitle(headings: readonly Heading[]): string {
  return usable(headings).find((heading) => heading.level === 1)?.label ?? "";
}

/** The range without white space at its ends, or undefined where nothing else is in it. */
export function trimmedRange(text: string, start: number, end: number): { start: number; end: number } | undefined {
  const part = text.slice(start, end);
  const lead = part.length - part.trimStart().length;
  const kept = part.trim().length;
  return kept === 0 ? undefined : { start: start + lead, end: start + lead + kept };
}

/**
 * Cuts a text at its headings. A section is the text below a heading, without the heading line, under the path of the
 * headings above it. A heading that has nothing below it, not even a smaller heading, is a section of its own, so that
 * no words are lost.
 *
 * @param headings in order.
 * @param from where the text proper begins (after front matter).
 */
export function sectionsOf(text: string, headings: readonly Heading[], from = 0): Section[] {
  const used = usable(headings);
  const sections: Section[] = [];
  const path: Heading[] = [];
  const add = (start: number, end: number): boolean => {
    const range = trimmedRange(text, start, end);
    if (range) sections.push({ heading: path.map((heading) => heading.label).join(" > "), ...range });
    return range !== undefined;
  };
  add(from, used[0]?.start ?? text.length);
  used.forEach((heading, index) => {
    const next = used[index + 1];
    // A damaged file may give a heading a level of nothing, or less: it is an outermost one.
    while (path.length > 0 && (path.at(-1)?.level ?? 0) >= heading.level) path.pop();
    path.push(heading);
    const hasBody = add(heading.end, next?.start ?? text.length);
    if (!hasBody && (next === undefined || next.level <= heading.level)) add(heading.start, heading.end);
  });
  return sections;
}
