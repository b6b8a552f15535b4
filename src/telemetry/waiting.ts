import type { Span } from "./span.ts";

/**
 * Who waits for the embedding of which text. The embedder is asked for batches that join callers, in the context of whoever
 * came first, so what a batch belongs to is looked up by its texts. They are kept while they are waited for, and go nowhere.
 */
export interface WaitingTexts {
  /** @returns ends the waiting. */
  add(texts: readonly string[], span: Span): () => void;
  /** Those who wait for any of the texts, each once. */
  askers(texts: readonly string[]): Span[];
}

export function createWaitingTexts(): WaitingTexts {
  const spans = new Map<string, Set<Span>>();
  return {
    add(texts, span) {
      for (const text of texts) {
        const waiting = spans.get(text) ?? new Set();
        waiting.add(span);
        spans.set(text, waiting);
      }
      return () => {
        for (const text of texts) {
          const waiting = spans.get(text);
          waiting?.delete(span);
          if (waiting?.size === 0) spans.delete(text);
        }
      };
    },
    askers: (texts) => [...new Set(texts.flatMap((text) => [...(spans.get(text) ?? [])]))],
  };
}
