import type { DocumentVerdict, Explanation, HitExplanation } from "../../core/retrieve-types.ts";
import type { Rankings, TurnedAway } from "../../core/types.ts";
import { count, type Output, readable, visible } from "../terminal/output.ts";

/** Words of one hit that are printed; the rest weigh less. */
const wordsShown = 12;

const turnedAwayBecause: Readonly<Record<TurnedAway["reason"], string>> = {
  uncommitted: "no version of it is committed yet",
  deleted: "it was deleted",
  superseded: "another version is the current one",
  unsettled: "it was committed during the search",
};

/** Under a passage: where it stands in each ranking, and the words that counted. */
export function printHitExplanation(output: Output, { rankings, words }: HitExplanation): void {
  const dim = (text: string) => output.line(output.style("dim", `   ${text}`));
  dim(standings(rankings));
  if (words === undefined) return;
  const shown = words.slice(0, wordsShown).map(({ word, weight }) => `${visible(word)} ${shortScore(weight)}`);
  dim(shown.length === 0 ? "words: none of them occurs in it" : `words: ${shown.join(", ")}`);
}

/** After the passages: what holds for the whole search. */
export function printExplanation(output: Output, { words, fusion, turnedAway, document }: Explanation): void {
  if (words !== undefined) {
    const told = words.map(({ word, terms }) => `${visible(word)}${terms.length === 0 ? " (passed over)" : ""}`);
    output.line(`Looked for: ${told.join(", ")}`);
  }
  if (fusion !== undefined) {
    const { vector, keyword, unfamiliar } = fusion;
    const share = `${Math.round(unfamiliar * 100)} % of the words are unknown to the model`;
    output.line(`Weights: vector ${vector.toFixed(2)}, keyword ${keyword.toFixed(2)} (${share})`);
  }
  for (const { uri, reason, passages } of turnedAway) {
    output.line(`Turned away: ${count(passages, "passage")} of ${readable(uri)}: ${turnedAwayBecause[reason]}`);
  }
  if (document !== undefined) printVerdict(output, document);
}

function printVerdict(output: Output, { uri, verdict, reason, best }: DocumentVerdict): void {
  output.line(`${output.style("bold", readable(uri))}  ${verdict}: ${visible(reason)}`);
  if (best === undefined) return;
  const heading = best.heading === "" ? "" : `${visible(best.heading)}, `;
  output.line(output.style("dim", `   ${heading}passage ${best.ordinal}: ${standings(best.rankings)}`));
}

function standings({ vector, keyword }: Rankings): string {
  const told = (name: string, standing: Rankings["vector"]) =>
    standing === undefined ? `not by ${name}` : `by ${name} number ${standing.rank} (${shortScore(standing.score)})`;
  return `${told("vector", vector)}, ${told("keyword", keyword)}`;
}

/** Three decimals, or three digits where that would leave nothing: BM25 over a few documents is tiny. */
export function shortScore(score: number): string {
  return Math.abs(score) >= 0.0005 || score === 0 ? score.toFixed(3) : score.toPrecision(3);
}
