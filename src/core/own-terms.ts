import type { Analyzer } from "./ports.ts";

/** A text's terms without those that guess at its language: what is asked of a single word or a sentence, beside a question's own. */
export async function ownTermsOf(analyzer: Analyzer, text: string): Promise<string[]> {
  return await (analyzer.ownTerms?.(text) ?? analyzer.terms(text));
}
