import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBeir } from "../adapters/beir/read.ts";
import type { Settings } from "../config/settings.ts";
import { asQuestion } from "../core/embedding.ts";
import { present } from "../core/errors.ts";
import { type Evaluation, evaluate, rankDocuments } from "../core/evaluate.ts";
import type { IngestEvent } from "../core/ingest-types.ts";
import { questionTerms } from "../core/question-terms.ts";
import { unfamiliarIn } from "../core/retrieve.ts";
import type { SearchMode } from "../core/types.ts";
import type { FetchProgress } from "./embedder.ts";
import { openIngestEngine } from "./ingest-engine.ts";
import { openRuntime } from "./runtime.ts";
import { openSource } from "./source.ts";
import { scratchStore } from "./store.ts";

/** Chunks fetched for each query: enough that ten documents remain when several chunks belong to one. */
const hitsPerQuery = 100;

export interface EvaluationListener {
  readonly signal: AbortSignal;
  readonly onFetchProgress?: (progress: FetchProgress) => void;
  onIngest(event: IngestEvent): void;
  onQueries(done: number, total: number): void;
  /** Told of each ranking: document ids, best first. */
  onRanking?(question: string, mode: SearchMode, ranking: readonly string[]): void;
}

/**
 * Indexes a BEIR folder with the engine as it stands, in a temporary folder, and scores what the index finds. A document
 * scores as its best chunk.
 */
export async function evaluateFolder(
  folder: string,
  settings: Settings,
  listener: EvaluationListener,
): Promise<Evaluation> {
  const set = await readBeir(folder, listener.signal);
  // The model is opened under the real settings (a named one is cached there); only the index is temporary.
  const opened = await openRuntime(settings, listener);
  const dataDir = await mkdtemp(join(tmpdir(), "isthmus-eval-"));
  const temporary = { ...settings, dataDir };
  const scratch = scratchStore(settings, dataDir);
  const runtime = { ...opened, settings: temporary, store: scratch.store };
  try {
    await indexCorpus(join(folder, "corpus.jsonl"));
    const reader = await runtime.store.openReader(runtime.embedder.identity);
    try {
      let last: { text: string; vector: Float32Array } | undefined;
      const vectorOf = async (text: string) => {
        if (last?.text !== text) {
          const [vector] = await runtime.embedder.embed([asQuestion(runtime.embedder, text)]);
          last = { text, vector: present(vector, "the vector of a question") };
        }
        return last.vector;
      };
      const search = async (text: string, mode: SearchMode, signal?: AbortSignal) => {
        const vector = await vectorOf(text);
        const terms = await questionTerms(text, runtime.analyzer);
        const unfamiliar = await unfamiliarIn(text, runtime, signal);
        const query = { mode, limit: hitsPerQuery, vector, terms, ...(unfamiliar !== undefined && { unfamiliar }) };
        const hits = await reader.search(query, signal);
        const ranking = rankDocuments(hits, (hit) => hit.recordId);
        listener.onRanking?.(text, mode, ranking);
        return ranking;
      };
      const { queries, judgements } = set;
      const onProgress = ({ done, total }: { done: number; total: number }) => listener.onQueries(done, total);
      return await evaluate({ queries, judgements, search, signal: listener.signal, onProgress });
    } finally {
      await reader.close();
    }
  } finally {
    await runtime.close();
    await scratch.remove();
    await rm(dataDir, { recursive: true, force: true });
  }

  async function indexCorpus(path: string): Promise<void> {
    const engine = await openIngestEngine(runtime);
    const source = await openSource(path, runtime.settings);
    try {
      await engine.ingest(source, { signal: listener.signal, onEvent: listener.onIngest });
      listener.signal.throwIfAborted();
    } finally {
      await source.close();
      await engine.close();
    }
  }
}
