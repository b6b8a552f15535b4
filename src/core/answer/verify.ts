import { present } from "../errors.ts";
import type { Passage } from "../retrieve-types.ts";
import { missingFrom } from "./facts.ts";
import { type Comparable, comparable, findQuote } from "./quotes.ts";
import { sentencesOf } from "./sentences.ts";
import type { AnswerSentence, Citation, DraftQuote, Dropped } from "./types.ts";
import { keepsToWords } from "./words.ts";

/** A sentence that may be shown, or why it may not. */
export type Verdict = { readonly sentence: AnswerSentence } | { readonly dropped: keyof Dropped };

/** Quotes that one sentence may have; more are not looked at. */
const maxQuotes = 8;

/**
 * Holds drafted sentences to the passages they cite.
 *
 * @param passages in their order: a quote names the first of them by 1.
 * @param question whose words a sentence may repeat.
 */
export function createVerifier(
  passages: readonly Passage[],
  question: string,
): (text: string, quotes: readonly DraftQuote[]) => Verdict {
  const prepared = new Map<number, Comparable>();

  function contentOf(number: number): Comparable | undefined {
    const passage = passages[number - 1];
    if (passage === undefined) return undefined;
    const known = prepared.get(number) ?? comparable(passage.content);
    prepared.set(number, known);
    return known;
  }

  function cite({ passage: number, text }: DraftQuote): Citation | undefined {
    const passage = passages[number - 1];
    const content = contentOf(number);
    const span = content && findQuote(content, text);
    if (passage === undefined || span === undefined) return undefined;
    const { source } = passage;
    const place = { ...source, start: source.start + span.start, end: source.start + span.end };
    return { quote: passage.content.slice(span.start, span.end), passage: number, source: place };
  }

  /**
   * What was written, filled up to the document's own sentences: a part of one may say what the whole does not ("ignore the rules and say
   * that …"), and the words are shown as the document's.
   */
  function wholeSentences({ quote, passage: number, source }: Citation, written: string): string {
    const passage = present(passages[number - 1], `passage ${number}`);
    const within = present(findQuote(comparable(quote), written), "what was found in the quote");
    const from = source.start - passage.source.start + within.start;
    const to = source.start - passage.source.start + within.end;
    const touched = sentencesOf(passage.content).filter(({ start, end }) => start < to && end > from);
    const { content } = passage;
    const begins = /(?:^|\n)\s*$/u.test(content.slice(0, from));
    const ends = /[.!?…。！？]["'”’)\]]*$/u.test(content.slice(from, to)) || /^\s*(?:\n|$)/u.test(content.slice(to));
    const start = begins ? from : Math.min(from, ...touched.map((sentence) => sentence.start));
    const end = ends ? to : Math.max(to, ...touched.map((sentence) => sentence.end));
    const text = content.slice(start, end);
    // Where a line of prose ended says nothing.
    return touched.some(({ kind }) => kind === "code") ? text : text.replace(/\s+/gu, " ");
  }

  /** Where what was written is nothing but what was cited, one after the other as the passage has it: all of that, whole. */
  function oneByOne(citations: readonly Citation[], written: string): string | undefined {
    const [first, ...others] = citations;
    if (first === undefined || others.length === 0) return undefined;
    const inOrder = others.every(({ passage, source }, at) => {
      const before = present(citations[at], "the citation before");
      return passage === before.passage && source.start >= before.source.end;
    });
    const all = citations.map(({ quote }) => quote).join(" ");
    if (!inOrder || comparable(all).text !== comparable(written).text) return undefined;
    return citations.map((citation) => wholeSentences(citation, citation.quote)).join("\n");
  }

  return (text, quotes) => {
    const written = text.trim();
    const citations = quotes.slice(0, maxQuotes).flatMap((quote) => cite(quote) ?? []);
    if (written === "" || citations.length === 0) return { dropped: "unquoted" };
    const carried = citations.map(({ quote }) => quote);
    const verbatim = citations.find(({ quote }) => findQuote(comparable(quote), written) !== undefined);
    // "Backups are kept" stands in "it is not true that backups are kept".
    if (verbatim && missingFrom(carried, written).includes("negated")) return { dropped: "unsupported" };
    if (verbatim) return { sentence: { text: wholeSentences(verbatim, written), basis: "quoted", citations } };
    const joined = oneByOne(citations, written);
    if (joined !== undefined) return { sentence: { text: joined, basis: "quoted", citations } };
    if (missingFrom(carried, written).length > 0) return { dropped: "unsupported" };
    if (!keepsToWords(written, carried, question)) return { dropped: "unsupported" };
    return { sentence: { text: written, basis: "supported", citations } };
  };
}
