import type { Draft, DraftQuote } from "./types.ts";

/** Alone on a line, they end an answer: all is said, and nothing can be. */
export const endWord = "END";
export const declineWord = "NONE";

/** Characters of one line; a longer one is nothing that was asked for. */
const maxLine = 2_000;
/** Quotes that one sentence may have; more are not kept. */
const maxQuotes = 8;
/** Lines out of the form after which the rest is not worth reading. */
const maxGarbled = 24;

/** Reads what a language model writes while it writes it. */
export interface FormReader {
  /** The next piece, cut anywhere. @returns what is complete by now. */
  push(text: string): Draft[];
  /**
   * Nothing more comes.
   *
   * @param whole whether the model came to its own end; otherwise its last line is half a sentence.
   */
  end(whole: boolean): Draft[];
  /** The model said that it has ended, or writes nothing but garbage: what follows is not read. */
  readonly ended: boolean;
}

/**
 * The form: lines `Q<number>: <quote>`, then `S: <sentence>`, the quotes first, so that a sentence is complete, and can be checked, with its own
 * line break. `END` ends, `NONE` declines. What a model likes to put around it (fences, bullets, emphasis, quotation marks, its
 * thinking between `<think>` and `</think>`) is passed over; any other line is garbled.
 */
export function createFormReader(): FormReader {
  let line = "";
  let overlong = false;
  let thinking = false;
  let begun = false;
  let ended = false;
  let garbledLines = 0;
  let quotes: DraftQuote[] = [];

  function garbled(): Draft[] {
    garbledLines += 1;
    if (garbledLines >= maxGarbled) ended = true;
    return [{ kind: "garbled" }];
  }

  function read(written: string): Draft[] {
    const said = bare(written);
    if (thinking || /^<think>/i.test(said)) {
      thinking = !/<\/think>\s*$/i.test(said);
      return [];
    }
    if (said === "" || /^`{3}/.test(said)) return [];
    const word = said.replace(/[.!]$/, "");
    if (word === endWord) return finish();
    if (word === declineWord) {
      const drafts = finish();
      return begun ? drafts : [{ kind: "declined" }];
    }
    const quote = /^Q\s?(\d{1,6})\s?[:.]\s*(.+)$/u.exec(said);
    if (quote?.[1] !== undefined && quote[2] !== undefined) {
      begun = true;
      if (quotes.length < maxQuotes) quotes.push({ passage: Number(quote[1]), text: unquoted(quote[2]) });
      return [];
    }
    const sentence = /^S\s?[:.]\s*(.+)$/u.exec(said)?.[1];
    if (sentence === undefined) return garbled();
    if (unreadable.test(sentence)) {
      quotes = [];
      return garbled();
    }
    begun = true;
    const draft: Draft = { kind: "sentence", text: sentence, quotes };
    quotes = [];
    return [draft];
  }

  /** Quotes without a sentence are half of one. */
  function finish(): Draft[] {
    ended = true;
    if (quotes.length === 0) return [];
    quotes = [];
    return [{ kind: "garbled" }];
  }

  return {
    get ended() {
      return ended;
    },
    push(text) {
      const drafts: Draft[] = [];
      const pieces = text.split(/\r\n?|\n/);
      for (const [at, piece] of pieces.entries()) {
        if (ended) return drafts;
        if (!overlong) line += piece;
        if (line.length > maxLine) {
          overlong = true;
          line = "";
          drafts.push(...garbled());
        }
        if (at === pieces.length - 1) continue;
        if (!overlong) drafts.push(...read(line));
        overlong = false;
        line = "";
      }
      return drafts;
    },
    end(whole) {
      if (ended) return [];
      const last = line;
      line = "";
      const rest = whole ? read(last) : bare(last) === "" ? [] : garbled();
      return ended ? rest : [...rest, ...finish()];
    },
  };
}

/** Control, bidirectional and invisible characters, and what was no text at all: nothing of it is for a reader's eyes. */
const unreadable = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\u{e0000}-\u{e007f}]/u;

/** Without what a model puts around a line. */
function bare(line: string): string {
  return line
    .trim()
    .replace(/^(?:[-*•>]\s+|\*\*(?=[QS]))+/u, "")
    .replace(/^([QS]\s?\d*[:.])\*\*/u, "$1")
    .trim();
}

const pairs = new Map([
  ['"', '"'],
  ["'", "'"],
  ["“", "”"],
  ["„", "“"],
  ["«", "»"],
  ["‘", "’"],
  ["`", "`"],
]);

/** A quote without the marks around it, which are the model's. Where they are the passage's own, what is within stands there as well. */
function unquoted(text: string): string {
  const closing = pairs.get(text.charAt(0));
  return closing !== undefined && text.length > 2 && text.endsWith(closing) ? text.slice(1, -1) : text;
}
