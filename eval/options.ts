import { parseArgs } from "node:util";
import { UsageError } from "../bench/options.ts";

export const usage = `Usage: npm run eval -- [BEIR FOLDER…] [options]

Measures retrieval quality on the two sets that ship with the project and on the folders given, in a temporary index, and the
recall of the stores' quantised indexes against exact search, and the answers to the questions of docs-answers. Fails where something
is more than 0.005 below eval/baseline.json, or two answers worse than eval/docs-answers/baseline.json, or where hybrid search of the
two stores lies more than 0.005 apart.

  --store NAME   sqlite (default), weaviate (a real one is started), or both
  --update       write what was measured into eval/baseline.json, and say what is lower than it was
  --against FILE compare each question with what --json gave on another processor, and print the paired difference
  --sample NAME  write this machine's vectors into eval/processors.json as those of a class, and measure nothing
  --json         print one JSON value
  --help         this

Example: npm run eval -- path/to/beir/scifact --store both
`;

export type StoreName = "sqlite" | "weaviate";

/** What somebody asked for on the command line. */
export interface Wanted {
  readonly folders: readonly string[];
  readonly stores: readonly StoreName[];
  readonly update: boolean;
  readonly against: string | undefined;
  readonly sample: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** Reads the words behind `npm run eval --`. @throws UsageError */
export function parseCommandLine(words: readonly string[]): Wanted {
  const { values, positionals } = parse(words);
  const { store, ...others } = values;
  return { against: undefined, sample: undefined, ...others, folders: positionals, stores: storesOf(store) };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        store: { type: "string", default: "sqlite" },
        update: { type: "boolean", default: false },
        against: { type: "string" },
        sample: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function storesOf(name: string): StoreName[] {
  if (name === "both") return ["sqlite", "weaviate"];
  if (name === "sqlite" || name === "weaviate") return [name];
  throw new UsageError(`--store is ${JSON.stringify(name)}; it is sqlite, weaviate or both.`);
}
