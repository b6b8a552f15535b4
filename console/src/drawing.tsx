import type { ComponentChildren } from "preact";

/** A stretch of the text that is marked, in UTF-16 code units. */
export interface Range {
  start: number;
  end: number;
}

/** A text that is being made into elements. */
export interface Drawing {
  text: string;
  mark: Range | undefined;
  budget: Budget;
}

/** How many elements there may be. What comes after the last of them is not drawn. */
export interface Budget {
  /** More of them, for what begins there. */
  take(at: number, elements?: number): boolean;
  /** Where the first thing began for which there was none left. */
  cut(): number | undefined;
}

export function budgetOf(elements: number): Budget {
  let left = elements;
  let cut: number | undefined;
  return {
    take(at, wanted = 1) {
      left -= wanted;
      if (cut === undefined && left >= 0) return true;
      cut = Math.min(cut ?? at, at);
      return false;
    },
    cut: () => cut,
  };
}

/** The text with the marked stretch marked. @param at where it stands in the whole. */
export function marked(text: string, at: number, mark: Range | undefined): ComponentChildren {
  if (mark === undefined) return text;
  const from = Math.max(0, mark.start - at);
  const to = Math.min(text.length, mark.end - at);
  if (from >= to) return text;
  return [text.slice(0, from), <mark class="cited">{text.slice(from, to)}</mark>, text.slice(to)];
}

/** Scrolls by itself where it is wider than the page; keyboards reach it. */
export function Wide({ children, name = "table" }: { children: ComponentChildren; name?: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section with a name is a landmark, and a text may hold a hundred tables.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <div class="wide" role="group" tabIndex={0} aria-label={name}>
      {children}
    </div>
  );
}

/** What is drawn of a text at first, and by each further step. */
export interface Share {
  elements: number;
  characters: number;
}

/** Of a page as a whole: a browser lays that out while a person waits for it. */
const whole: Share = { elements: 5_000, characters: 30_000 };
const least: Share = { elements: 100, characters: 1_000 };

/** What each of so many texts of one list gets. */
export function shareOf(count: number): Share {
  return {
    elements: Math.max(least.elements, Math.floor(whole.elements / Math.max(1, count))),
    characters: Math.max(least.characters, Math.floor(whole.characters / Math.max(1, count))),
  };
}

/** Characters before the marked stretch that are drawn at first; fewer where these are so many elements that it would not be reached. */
export const leads = [8_000, 1_000, 0] as const;

/** From where, and to where, so much around the mark is; cut between lines, or words, where there are any near. */
export function windowOf(text: string, mark: Range | undefined, lead: number, characters: number): Range {
  const from = mark === undefined ? 0 : Math.max(0, mark.start - lead);
  return { start: edge(text, from), end: edge(text, Math.min(text.length, from + Math.max(lead, 1) + characters)) };
}

/** The begin of the line, of the word, or of the character; as the first of them is near. */
function edge(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return Math.max(0, Math.min(at, text.length));
  const near = text.slice(Math.max(0, at - 500), at);
  for (const separator of ["\n", " "]) {
    const found = near.lastIndexOf(separator);
    if (found >= 0) return at - near.length + found + 1;
  }
  const low = text.charCodeAt(at) & 0xfc00;
  return low === 0xdc00 ? at - 1 : at;
}
