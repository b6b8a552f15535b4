import type { Passage } from "../retrieve-types.ts";
import type { Filter } from "../types.ts";

/** A passage as a generator gets it. It is data: whatever stands in it is nobody's instruction. */
export interface NumberedPassage {
  /** What a quote names it by; from 1. */
  readonly number: number;
  readonly title: string;
  readonly heading: string;
  /** Word for word as the document has it. */
  readonly content: string;
}

/** A sentence of a passage, with how well it answers the question. */
export interface EvidenceSentence {
  readonly passage: number;
  /** Exactly `content.slice(start, end)` of that passage: a sentence, a list item, a row, or a block of code. */
  readonly text: string;
  /** What introduces it, as it stands above it in the passage: the names of a table's columns, the words before a list or code. */
  readonly leadIn?: string;
  readonly start: number;
  readonly end: number;
  /** Higher is better; comparable for one question only. */
  readonly score: number;
}

export interface GenerationRequest {
  /** As it was asked, 1 to 2,000 characters. */
  readonly question: string;
  /** Best first, within the generator's own budget of tokens. */
  readonly passages: readonly NumberedPassage[];
  /** The sentences of the passages that answer best by core's own ranking, best first. */
  readonly evidence: readonly EvidenceSentence[];
  /** Sentences wanted, at most. */
  readonly maxSentences: number;
  /** Tokens that may be written, at most. */
  readonly maxOutputTokens: number;
}

export interface DraftQuote {
  /** `NumberedPassage.number`; a number that was never handed out is no error, its quote fails. */
  readonly passage: number;
  readonly text: string;
}

/** What a generator says, piece by piece. Nothing of it reaches a reader before core has checked it. */
export type Draft =
  | { readonly kind: "sentence"; readonly text: string; readonly quotes: readonly DraftQuote[] }
  /** A piece of what the model sent that is not in the form it was asked for; it is counted and not kept. */
  | { readonly kind: "garbled" }
  /** The model itself says that the passages do not answer. */
  | { readonly kind: "declined" }
  /** The model was stopped before its own end: by its limit of tokens, or by a filter of its provider. */
  | { readonly kind: "cut" }
  /** Tokens so far; may come more than once, the last one counts. */
  | { readonly kind: "usage"; readonly usage: TokenUsage };

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The provider did not tell; four characters count as a token. */
  readonly estimated?: boolean;
}

/** Dollars for a million tokens, with the day of the price list. */
export interface TokenPrice {
  readonly inputDollars: number;
  readonly outputDollars: number;
  /** A year, a month or a day: 2026, 2026-03, 2026-03-01. */
  readonly asOf: string;
}

export interface AnswerRequest {
  /** 1 to 2,000 characters. */
  readonly question: string;
  /** Only documents that match. */
  readonly filter?: Filter;
  /** Who asks, for the tokens of a day: never a key itself. Absent: nobody in particular. */
  readonly caller?: string;
}

export interface Citation {
  /** Word for word as the passage has it, white space and Unicode form included. */
  readonly quote: string;
  /** `NumberedPassage.number` of the passage it was found in. */
  readonly passage: number;
  /** The passage's source, with the offsets of the quote itself in the parsed text of the document. */
  readonly source: Passage["source"];
}

/** A sentence that was checked. */
export interface AnswerSentence {
  /** Lines are lines that mean something: what introduces a list item, row or code stands on its own, and code keeps its lines. */
  readonly text: string;
  /**
   * `quoted`: the document's own sentence or sentences, whole and word for word (white space aside). `supported`: its words are the model's; its quotes are in
   * the passages and carry its numbers, dates, units and negations. Whether it follows from them is not checked.
   */
  readonly basis: "quoted" | "supported";
  /** At least one. */
  readonly citations: readonly Citation[];
}

/** Sentences that were left out, by reason; never their text. */
export interface Dropped {
  /** None of its quotes stands in the passage it names. */
  readonly unquoted: number;
  /** A number, date, unit or negation that its quotes do not carry, or hardly a word in common with them. */
  readonly unsupported: number;
  /** Pieces that were not in the form asked for. */
  readonly garbled: number;
  /** Past the number of sentences or tokens that were wanted. */
  readonly surplus: number;
}

/** Three different ways of having no answer; that the search failed is an error and none of them. */
export type Abstention =
  /** No passage matches at all. */
  | "nothing_found"
  /** The passages do not answer: by core's score, or in the generator's own judgement. */
  | "not_answerable"
  /** What the generator wrote could not be verified. */
  | "nothing_verified";

export interface AnswerUsage extends TokenUsage {
  /** Absent where the price is not known. */
  readonly dollars?: number;
}

/** Everything that is known when the last sentence is out. */
export interface AnswerEnd {
  /** Why there is no answer; absent where there is one. */
  readonly abstained?: Abstention;
  /** How likely the passages answer the question, 0 to 1. */
  readonly answerability: number;
  readonly dropped: Dropped;
  readonly usage: AnswerUsage;
  /** Who wrote it: `extractive`, or the language model's name. */
  readonly generator: string;
  /**
   * A code: why the sentences are the documents' own although a language model is configured (`generator` says so), or why the model's
   * answer is cut short.
   */
  readonly degraded?: string;
  /** Milliseconds: embedding and searching, judging and ranking sentences, generating with verification. */
  readonly timings: {
    readonly searchMs: number;
    readonly evidenceMs: number;
    readonly generateMs: number;
    readonly tookMs: number;
  };
}

export type AnswerEvent =
  | { readonly kind: "passages"; readonly passages: readonly Passage[] }
  | { readonly kind: "sentence"; readonly sentence: AnswerSentence }
  | { readonly kind: "done"; readonly end: AnswerEnd };

/** The whole answer at once. */
export interface Answer extends AnswerEnd {
  readonly passages: readonly Passage[];
  readonly sentences: readonly AnswerSentence[];
}

export interface Answerer {
  /**
   * The passages, then each sentence as soon as it is verified, then how it ended. Ending the iteration, or the signal, stops the
   * generator.
   *
   * @throws `query_invalid` with `field`, `store_*`, `embedder_*`, `deadline_exceeded`, `cancelled`.
   */
  answer(request: AnswerRequest, signal?: AbortSignal): AsyncIterable<AnswerEvent>;
}
