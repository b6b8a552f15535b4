import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import type { BenchOptions, ListedBench, StoreName } from "./bench.ts";

/** A bench as it is to be run. */
export interface Run {
  readonly bench: ListedBench;
  /** As one would ask for it: `memory --store weaviate`. */
  readonly name: string;
  readonly options: BenchOptions;
  /** It is left out where there is no Weaviate: `all` brought it, nobody asked for that store. */
  readonly ifWeaviate: boolean;
  /** What it usually takes; undefined where other sizes or rounds are asked for than its own. */
  readonly minutes: number | undefined;
}

/** What somebody asked for on the command line. */
export interface Wanted {
  readonly runs: readonly Run[];
  /** Draw the plots after them: asked for by name, or with all benches, where there is something new to draw. */
  readonly plots: boolean;
  /** Keep the reports among the results. */
  readonly recorded: boolean;
  /** Give the reports as JSON. */
  readonly json: boolean;
  readonly help: boolean;
  /** Said before the benches start. */
  readonly notes: readonly string[];
}

/** The command line is not understood; the message says why. */
export class UsageError extends Error {}

/**
 * Reads the words behind `npm run bench --`. Without a name every bench is wanted.
 *
 * @throws UsageError
 */
export function parseCommandLine(
  words: readonly string[],
  known: readonly ListedBench[],
  environment: Readonly<Record<string, string | undefined>>,
): Wanted {
  const { values, positionals } = parse(words);
  const byName = new Map(known.map((bench) => [bench.name, bench]));
  const paths = positionals.filter((word) => word !== "all" && word !== "plot" && !byName.has(word));
  const named = known.filter(({ name }) => positionals.includes(name));
  const everything = positionals.includes("all") || positionals.length === 0;
  const chosen = everything ? known : named;
  const reader = chosen.find(({ paths: wants }) => wants === "needed") ?? chosen.find((bench) => bench.paths);
  checkPaths(paths, reader, known);
  const without = chosen.filter((bench) => bench.paths === "needed" && paths.length === 0);
  if (without[0] !== undefined && !everything) {
    const { name } = without[0];
    throw new UsageError(`${name} wants BEIR folders, as in \`npm run bench -- ${name} path/to/cranfield\`.`);
  }
  const store = values.store === undefined ? undefined : storeName(values.store);
  const shared = {
    rounds: wholeNumber("rounds", values.rounds),
    documents: wholeNumber("documents", values.documents),
    cores: wholeNumber("cores", values.cores) ?? 2,
    full: values.full,
    python: values.python,
    node: values.node,
    corpus: values.corpus ?? environment["ISTHMUS_BENCH_CORPUS"],
  };
  const usualSize = shared.rounds === undefined && shared.documents === undefined && !shared.full;
  const runOf = (bench: ListedBench, on: StoreName): Run => {
    const onWeaviate = bench.minutesOnWeaviate !== undefined && on === "weaviate";
    return {
      bench,
      name: onWeaviate ? `${bench.name} --store weaviate` : bench.name,
      options: {
        ...shared,
        store: on,
        stores: store === undefined ? bothStores : [store],
        operands: bench === reader ? paths : [],
      },
      ifWeaviate: onWeaviate && store === undefined,
      minutes: usualSize ? (onWeaviate ? bench.minutesOnWeaviate : bench.minutes) : undefined,
    };
  };
  const runs = chosen
    .filter((bench) => !without.includes(bench))
    .flatMap((bench) => {
      const onEach = everything && store === undefined && bench.minutesOnWeaviate !== undefined;
      return onEach ? bothStores.map((each) => runOf(bench, each)) : [runOf(bench, store ?? "sqlite")];
    });
  return {
    runs,
    plots: positionals.includes("plot") || (everything && values.record),
    recorded: values.record,
    json: values.json,
    help: values.help,
    notes: without.map(({ name }) => `${name} is left out: it wants BEIR folders`),
  };
}

const bothStores: readonly StoreName[] = ["sqlite", "weaviate"];

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      allowNegative: true,
      options: {
        rounds: { type: "string" },
        documents: { type: "string" },
        cores: { type: "string" },
        full: { type: "boolean", default: false },
        store: { type: "string" },
        python: { type: "boolean", default: true },
        node: { type: "boolean", default: true },
        corpus: { type: "string" },
        record: { type: "boolean", default: true },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A word that is neither a bench nor a path is a slip of the pen; better now than after an hour. */
function checkPaths(paths: readonly string[], reader: ListedBench | undefined, known: readonly ListedBench[]): void {
  const missing = paths.find((path) => reader === undefined || !existsSync(path));
  if (missing === undefined) return;
  const names = known.map(({ name }) => name).join(", ");
  throw new UsageError(
    reader === undefined
      ? `There is no bench ${JSON.stringify(missing)}; there are ${names}, all and plot.`
      : `${JSON.stringify(missing)} is neither a bench (${names}, all, plot) nor a path that exists.`,
  );
}

function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`--${name} wants a whole number above 0, not ${JSON.stringify(value)}.`);
}

function storeName(value: string): StoreName {
  if (value === "sqlite" || value === "weaviate") return value;
  throw new UsageError(`--store is ${JSON.stringify(value)}; it is sqlite or weaviate.`);
}
