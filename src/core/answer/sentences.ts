import type { Span } from "./quotes.ts";

let segmenter: Intl.Segmenter | undefined;

/** Cuts a passage into its sentences, white space at their ends left out. In order, not overlapping. */
export function sentencesOf(text: string): Span[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" });
  const spans: Span[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    const start = index + (segment.length - segment.trimStart().length);
    const end = start + segment.trim().length;
    if (end > start) spans.push({ start, end });
  }
  return spans;
}
