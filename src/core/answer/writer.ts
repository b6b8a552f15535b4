import { setTimeout as sleep } from "node:timers/promises";
import { Semaphore } from "../concurrency.ts";
import { IsthmusError } from "../errors.ts";
import type { Generator } from "../ports.ts";
import type { Passage } from "../retrieve-types.ts";
import { untilAborted } from "../retry.ts";
import type { TokenLedger } from "./ledger.ts";
import type { AnswerSentence, Draft, Dropped, GenerationRequest, TokenUsage } from "./types.ts";
import { createVerifier } from "./verify.ts";

/** What writes the sentences of answers, and what holds it. */
export interface WriterParts {
  readonly generator: Generator;
  /** Writes instead where the generator fails before anything of it was shown. Absent: its failure is the answer's. */
  readonly fallback?: Generator;
  /** Milliseconds of the generator for one answer: waiting for its turn, tries, and writing. */
  readonly timeoutMs?: number;
  readonly ledger?: TokenLedger;
  /** Told of each failure that a reader is not: the operator's to know. */
  readonly onDegraded?: (error: IsthmusError) => void;
}

/** What is known of one answer while it is written. */
export interface Tally {
  kept: number;
  declined: boolean;
  usage: TokenUsage;
  /** Who wrote what was kept. */
  writer: string;
  degraded: string | undefined;
  readonly dropped: { -readonly [Reason in keyof Dropped]: number };
}

export interface Writing {
  readonly request: GenerationRequest;
  /** All that may be cited; the request's are the first of them. */
  readonly passages: readonly Passage[];
  /** Whose tokens they are. */
  readonly caller: string;
  /** Tokens that the request will take, at most. */
  readonly tokens: number;
}

export interface Writer {
  /** The sentences that hold, as they come. @throws what no fallback makes up for, and the signal's reason. */
  write(writing: Writing, tally: Tally, signal?: AbortSignal): AsyncGenerator<AnswerSentence>;
}

/** Where nobody set it. */
const defaultTimeoutMs = 20_000;
/** Tries of a provider that is away, or asks for a pause. */
const attempts = 4;
const firstBackOffMs = 250;

/**
 * Has sentences drafted and lets out those that hold. A provider that is overloaded is tried again as it asks, inside the generator's time; where it
 * fails for good the fallback writes, or, where something was shown already, the answer ends short; both are told as `degraded`.
 */
export function createWriter(parts: WriterParts): Writer {
  const { generator, fallback, timeoutMs = defaultTimeoutMs, ledger, onDegraded } = parts;
  const turns = new Semaphore(generator.limits.maxConcurrency);

  async function* write(writing: Writing, tally: Tally, signal?: AbortSignal): AsyncGenerator<AnswerSentence> {
    const { request, passages } = writing;
    try {
      yield* verified(paid(writing, tally, signal), request, passages.slice(0, request.passages.length), tally);
    } catch (thrown) {
      const made = signal?.aborted !== true && thrown instanceof IsthmusError && thrown.code.startsWith("generator_");
      if (!made || fallback === undefined) throw thrown;
      tally.degraded = thrown.code;
      onDegraded?.(thrown);
      if (tally.kept > 0) return;
      tally.declined = false;
      tally.writer = fallback.name;
      yield* verified(fallback.generate(request, signal), request, passages, tally);
    }
  }

  /** Within the caller's tokens for the day. */
  async function* paid(writing: Writing, tally: Tally, signal: AbortSignal | undefined): AsyncGenerator<Draft> {
    const settle = ledger?.take(writing.caller, writing.tokens);
    let refused = false;
    try {
      yield* timed(writing.request, tally, signal);
    } catch (thrown) {
      // A provider that refuses costs nothing; one that was cut off may have written for a while.
      refused = thrown instanceof IsthmusError && thrown.code.startsWith("generator_") && !tooLate(thrown);
      throw thrown;
    } finally {
      const { inputTokens, outputTokens } = tally.usage;
      settle?.(inputTokens + outputTokens > 0 || refused ? inputTokens + outputTokens : writing.tokens);
    }
  }

  /** In its turn, within its time, and tried again. */
  async function* timed(
    request: GenerationRequest,
    tally: Tally,
    caller: AbortSignal | undefined,
  ): AsyncGenerator<Draft> {
    const clock = new AbortController();
    const until = performance.now() + timeoutMs;
    const timer = setTimeout(() => clock.abort(late(timeoutMs)), timeoutMs);
    const signal = caller === undefined ? clock.signal : AbortSignal.any([caller, clock.signal]);
    let leave: (() => void) | undefined;
    try {
      leave = await turnOf(turns, signal);
      for (let attempt = 1; ; attempt++) {
        const before = tally.usage;
        let said = false;
        try {
          for await (const draft of stoppable(generator, request, signal)) {
            if (draft.kind === "usage") tally.usage = sumOf(before, draft.usage);
            else {
              said = true;
              yield draft;
            }
          }
          return;
        } catch (error) {
          const again = error instanceof IsthmusError && error.code === "generator_unavailable";
          if (!again || said || signal.aborted || attempt >= attempts) throw error;
          const wait = error.retryAfterMs ?? Math.random() * firstBackOffMs * 2 ** attempt;
          if (performance.now() + wait >= until) throw error;
          await untilAborted(sleep(wait, undefined, { signal }), signal);
        }
      }
    } finally {
      clearTimeout(timer);
      leave?.();
    }
  }

  return { write };
}

/** The drafted sentences that hold, as they come. */
async function* verified(
  drafts: AsyncIterable<Draft>,
  request: GenerationRequest,
  passages: readonly Passage[],
  tally: Tally,
): AsyncGenerator<AnswerSentence> {
  const verify = createVerifier(passages, request.question);
  for await (const draft of drafts) {
    if (draft.kind === "usage") tally.usage = draft.usage;
    else if (draft.kind === "declined") tally.declined = true;
    else if (draft.kind === "cut") tally.degraded = "generator_cut_short";
    else if (draft.kind === "garbled") tally.dropped.garbled += 1;
    else if (tally.kept >= request.maxSentences) {
      tally.dropped.surplus += 1;
      return;
    } else {
      const verdict = verify(draft.text, draft.quotes);
      if ("dropped" in verdict) tally.dropped[verdict.dropped] += 1;
      else {
        tally.kept += 1;
        yield verdict.sentence;
      }
    }
  }
}

/** A generator's drafts, ended by the signal even where it does not listen to it. */
async function* stoppable(
  generator: Generator,
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<Draft> {
  const drafts = generator.generate(request, signal)[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Draft>> | undefined;
  try {
    for (;;) {
      pending = drafts.next();
      const next = await untilAborted(pending, signal);
      pending = undefined;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // While a piece is awaited the end would wait for it.
    if (pending === undefined) await drafts.return?.();
    else void drafts.return?.().catch(() => {});
  }
}

async function turnOf(turns: Semaphore, signal: AbortSignal): Promise<() => void> {
  const turn = turns.acquire();
  try {
    return await untilAborted(turn, signal);
  } catch (error) {
    void turn.then((leave) => leave());
    throw error;
  }
}

const lateErrors = new WeakSet<IsthmusError>();

function late(timeoutMs: number): IsthmusError {
  const message =
    `The language model did not come to an end within ${timeoutMs} ms (ISTHMUS_GENERATOR_TIMEOUT_MS). ` +
    "Check that its provider is well, or allow it more time.";
  const error = new IsthmusError("generator_unavailable", message);
  lateErrors.add(error);
  return error;
}

function tooLate(error: IsthmusError): boolean {
  return lateErrors.has(error);
}

function sumOf(one: TokenUsage, other: TokenUsage): TokenUsage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    ...((one.estimated === true || other.estimated === true) && { estimated: true }),
  };
}
