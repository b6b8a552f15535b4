import { present } from "../errors.ts";
import type { Embedder } from "../ports.ts";
import type { Range } from "./range.ts";

/** What this machine embeds in a second, measured. */
export interface MeasuredRate {
  readonly tokensPerSecond: Range;
  /** Texts embedded for it, and how long that took. */
  readonly texts: number;
  readonly seconds: number;
}

export interface CalibrationOptions {
  /** Milliseconds of measuring; warming up comes before it. */
  readonly forMs: number;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/** The measurement is told in so many windows, whose least and greatest rates are its range. */
const windows = 4;
/** Rounds of every lane before the clock runs: workers start when texts wait. */
const warmUp = 2;

/**
 * Embeds the given texts again and again, as many calls at once as ingestion has, for a few seconds.
 *
 * @param texts of the documents themselves, one at least: the rate depends on how long they are.
 */
export async function measureRate(
  embedder: Embedder,
  texts: readonly string[],
  options: CalibrationOptions,
): Promise<MeasuredRate> {
  const { forMs, signal, now = () => performance.now() } = options;
  const countTokens = await embedder.load(signal);
  const { maxBatch, maxConcurrency, maxTokens } = embedder.limits;
  const tokens = texts.map((text) => Math.min(maxTokens, countTokens(text) + 2));
  let next = 0;
  const embedSome = async () => {
    const positions = Array.from({ length: maxBatch }, () => next++ % texts.length);
    await embedder.embed(
      positions.map((position) => present(texts[position], `text ${position}`)),
      signal,
    );
    return positions.reduce((sum, position) => sum + present(tokens[position], `the tokens of text ${position}`), 0);
  };
  const lanes = (work: () => Promise<void>) => Promise.all(Array.from({ length: maxConcurrency }, work));

  await lanes(async () => {
    for (let round = 0; round < warmUp; round++) await embedSome();
  });
  const started = now();
  const done: { readonly at: number; readonly tokens: number }[] = [];
  let embedded = 0;
  await lanes(async () => {
    while (now() - started < forMs || done.length === 0) {
      signal?.throwIfAborted();
      const taken = await embedSome();
      embedded += maxBatch;
      done.push({ at: now() - started, tokens: taken });
    }
  });
  const seconds = Math.max(1, now() - started) / 1000;
  return { tokensPerSecond: ratesOf(done, seconds), texts: embedded, seconds };
}

/** The rate over the whole time, and the least and the greatest of its windows. */
function ratesOf(done: readonly { readonly at: number; readonly tokens: number }[], seconds: number): Range {
  const window = seconds / windows;
  const sums = Array.from({ length: windows }, () => 0);
  for (const { at, tokens } of done) {
    const index = Math.min(windows - 1, Math.floor(at / 1000 / window));
    sums[index] = present(sums[index], `window ${index}`) + tokens;
  }
  const expected = sums.reduce((sum, tokens) => sum + tokens, 0) / seconds;
  const rates = sums.filter((tokens) => tokens > 0).map((tokens) => tokens / window);
  return { low: Math.min(expected, ...rates), expected, high: Math.max(expected, ...rates) };
}
