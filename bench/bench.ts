import type { Machine } from "./machine.ts";
import type { Progress } from "./progress.ts";
import type { Report } from "./report.ts";

export type StoreName = "sqlite" | "weaviate";

export interface BenchOptions {
  /** Rounds of each contestant; undefined is the bench's own number. */
  readonly rounds: number | undefined;
  /** Documents (or chunks, or texts) to measure on; undefined is the bench's own number. */
  readonly documents: number | undefined;
  /** Workers of ours and threads of theirs. */
  readonly cores: number;
  /** Embed every chunk, where the default extends 20,000 embeddings. */
  readonly full: boolean;
  /** The store of a bench that measures one in a run. */
  readonly store: StoreName;
  /** The stores of a bench that measures both in one run: both, unless somebody named one. */
  readonly stores: readonly StoreName[];
  /** Run the Python side as well. */
  readonly python: boolean;
  /** Run the alternatives that come from npm as well. */
  readonly node: boolean;
  /** A BEIR `corpus.jsonl` to take texts from; undefined is this repository's own documents. */
  readonly corpus: string | undefined;
  /** What stands behind the bench's name: the folders of `eval`, the documents of `first-run`. */
  readonly operands: readonly string[];
}

export interface Bench {
  readonly name: string;
  /** One line for the usage text. */
  readonly summary: string;
  /** Whether it takes paths behind its name, and does nothing without. */
  readonly paths?: "taken" | "needed";
  run(options: BenchOptions, progress: Progress, machine: Machine): Promise<Report>;
}

/** A bench with what it usually takes. */
export interface ListedBench extends Bench {
  /** Of its own sizes and rounds, on two cores. */
  readonly minutes: number;
  /** The same on Weaviate, of a bench that measures one store in a run: `all` runs it for each. */
  readonly minutesOnWeaviate?: number;
}
