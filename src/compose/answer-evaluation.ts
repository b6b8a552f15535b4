import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnswerSet, readAnswerSet } from "../adapters/beir/answers.ts";
import { createCorpusSource } from "../adapters/beir/source.ts";
import type { Settings } from "../config/settings.ts";
import { wholeAnswer } from "../core/answer/answer.ts";
import { answerable } from "../core/answer/weights.ts";
import { type AnswerEvaluation, type AnswerOutcome, evaluateAnswers } from "../core/evaluate-answers.ts";
import type { StoreReader } from "../core/ports.ts";
import { openAnswerEngine } from "./answers.ts";
import type { EvaluationListener } from "./evaluation.ts";
import { openIngestEngine } from "./ingest-engine.ts";
import { openRuntime, type Runtime } from "./runtime.ts";
import { scratchStore } from "./store.ts";

export interface AnswerEvaluationListener extends Omit<EvaluationListener, "onRanking"> {
  onOutcome?(outcome: AnswerOutcome): void;
}

/** Questions asked at once: one is embedded while another searches. */
const concurrency = 2;

/**
 * Indexes a BEIR folder with `answers.json` beside it, in a temporary folder, asks its questions as `isthmus ask` does, and
 * measures the answers.
 */
export async function evaluateAnswersOf(
  folder: string,
  settings: Settings,
  listener: AnswerEvaluationListener,
): Promise<AnswerEvaluation> {
  return await evaluateAnswerSet(await readAnswerSet(folder, listener.signal), settings, listener);
}

/** The same for a set that was read. */
export async function evaluateAnswerSet(
  { documents, questions }: AnswerSet,
  settings: Settings,
  listener: AnswerEvaluationListener,
): Promise<AnswerEvaluation> {
  const { signal } = listener;
  return await withCorpus(documents, settings, listener, async ({ runtime, reader, source, without }) => {
    const ships = await openAnswerEngine(runtime, reader);
    const insists = await openAnswerEngine(runtime, reader, { answerable: 0 });
    try {
      return await evaluateAnswers({
        questions,
        ask: (question, asked) => wholeAnswer(ships.answerer.answer({ question }, asked)),
        insist: (question, asked) => wholeAnswer(insists.answerer.answer({ question }, asked)),
        enough: (answerability) => answerability >= answerable,
        without,
        textOf(uri) {
          const document = source.documentOf(uri);
          return document && `${document.title}\n${document.text}`;
        },
        concurrency,
        signal,
        onProgress: ({ done, total }) => listener.onQueries(done, total),
        onOutcome: (outcome) => listener.onOutcome?.(outcome),
      });
    } finally {
      await insists.close();
      await ships.close();
    }
  });
}

/** An index of a corpus that documents can be taken out of. */
export interface IndexedCorpus {
  readonly runtime: Runtime;
  readonly reader: StoreReader;
  readonly source: ReturnType<typeof createCorpusSource>;
  /** Runs `body` while these documents are not in the index. One at a time. */
  without(documents: readonly string[], body: () => Promise<void>): Promise<void>;
}

/** Indexes a corpus in a temporary folder, document by document, and removes it all in the end. */
export async function withCorpus<Result>(
  documents: Parameters<typeof createCorpusSource>[0],
  settings: Settings,
  listener: Pick<EvaluationListener, "signal" | "onFetchProgress" | "onIngest">,
  use: (corpus: IndexedCorpus) => Promise<Result>,
): Promise<Result> {
  const { signal } = listener;
  const opened = await openRuntime(settings, listener);
  const dataDir = await mkdtemp(join(tmpdir(), "isthmus-eval-"));
  const scratch = scratchStore(settings, dataDir);
  const runtime = { ...opened, settings: { ...settings, dataDir }, store: scratch.store };
  const source = createCorpusSource(documents);
  try {
    const writer = await openIngestEngine(runtime);
    try {
      await writer.ingest(source, { signal, onEvent: listener.onIngest });
      signal.throwIfAborted();
      const reader = await runtime.store.openReader(runtime.embedder.identity);
      const without = async (ids: readonly string[], body: () => Promise<void>) => {
        const uris = ids.flatMap((id) => source.uriOf(id) ?? []);
        for (const uri of uris) await writer.remove(uri, { signal, allowMassDelete: true });
        await body();
        await writer.refresh(
          source,
          uris.map((uri) => ({ uri })),
          { signal },
        );
      };
      try {
        return await use({ runtime, reader, source, without });
      } finally {
        await reader.close();
      }
    } finally {
      await writer.close();
    }
  } finally {
    await runtime.close();
    await scratch.remove();
    await rm(dataDir, { recursive: true, force: true });
  }
}
