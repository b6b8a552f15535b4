import { type ContainerSettings, startContainer } from "../test/support/lambda/container.ts";
import { ask, type Deployment } from "../test/support/lambda/deployment.ts";
import { alternate, type Contestant, ratio } from "./harness.ts";
import type { Progress } from "./progress.ts";
import { prototypeSettings } from "./prototype-function.ts";
import type { Figure } from "./report.ts";
import { percentile } from "./statistics.ts";
import type { StoreData } from "./store-data.ts";

const ours = "warm query";
/** It does less: it looks for neighbours of the vector alone, and at no manifest. */
export const prototype = "prototype's function, vector search, Python";
const whole = "from event to answer";

/** Milliseconds of the parts of a query, as the function itself tells them. */
interface Timings {
  readonly embed: number;
  readonly search: number;
}

interface Sample extends Partial<Timings> {
  readonly total: number;
}

/**
 * The same questions, one at a time, to the packaged function and, where there is an interpreter for it, to the prototype's:
 * both warm, both frozen between two questions, in turn.
 *
 * @returns the figures, and the milliseconds of all queries of ours.
 */
export async function compareFunctions(
  deployment: Deployment,
  python: string | undefined,
  queries: StoreData["queries"],
  passages: number,
  rounds: number,
  progress: Progress,
): Promise<{ readonly figures: Figure[]; readonly totals: readonly number[] }> {
  const { packaged, environment } = deployment;
  const asked = new Map([
    [ours, await openFunction({ folder: packaged.folder, environment }, queries, passages, timings)],
  ]);
  try {
    if (python !== undefined) {
      progress.tell("starting the prototype's function");
      asked.set(prototype, await openFunction(prototypeSettings(python, deployment), queries, passages));
    }
    progress.tell("warming up");
    for (const each of asked.values()) await each.askAll();
    const samples = new Map<string, Sample[]>();
    const contestants = [...asked].map(
      ([name, { askAll }]): Contestant => ({
        name,
        async run() {
          const some = await askAll();
          samples.set(name, [...(samples.get(name) ?? []), ...some]);
          const totals = some.map(({ total }) => total);
          return { p50: percentile(totals, 50), p99: percentile(totals, 99) };
        },
      }),
    );
    const byRound = await alternate(contestants, rounds, { p50: "ms", p99: "ms" }, progress);
    const mine = samples.get(ours) ?? [];
    const figures = [
      ...percentiles(
        ours,
        whole,
        mine.map(({ total }) => total),
      ),
      ...percentiles(
        ours,
        "embed",
        mine.map(({ embed = 0 }) => embed),
      ),
      ...percentiles(
        ours,
        "search",
        mine.map(({ search = 0 }) => search),
      ),
      ...percentiles(
        ours,
        "rest",
        mine.map(({ total, embed = 0, search = 0 }) => total - embed - search),
      ),
    ];
    const others = samples.get(prototype);
    if (others !== undefined) {
      figures.push(
        ...percentiles(
          prototype,
          whole,
          others.map(({ total }) => total),
        ),
      );
      figures.push(ratio(byRound, "p50", prototype, ours), ratio(byRound, "p99", prototype, ours));
    }
    return { figures, totals: mine.map(({ total }) => total) };
  } finally {
    for (const each of asked.values()) await each.close();
  }
}

function percentiles(subject: string, measure: string, values: readonly number[]): Figure[] {
  return [50, 99].map((percent) => ({
    subject,
    measure: `${measure}, p${percent}`,
    unit: "ms",
    samples: [percentile(values, percent)],
  }));
}

/** @param partsOf an answer's headers, where the function tells them. */
async function openFunction(
  settings: ContainerSettings,
  queries: StoreData["queries"],
  passages: number,
  partsOf: (headers: Readonly<Record<string, string>>) => Partial<Timings> = () => ({}),
) {
  const container = await startContainer(settings);
  return {
    close: () => container.stop(),
    async askAll() {
      const samples: Sample[] = [];
      for (const { text } of queries) {
        const begin = performance.now();
        const { status, headers, json } = await ask(container, text, { k: passages });
        const total = performance.now() - begin;
        if (status !== 200 || json.results.length !== passages) {
          throw new Error(`A query was answered with ${status} and not ${passages} results:\n${container.log()}`);
        }
        samples.push({ total, ...partsOf(headers) });
      }
      return samples;
    },
  };
}

/**
 * Reads `embed;dur=4.10, search;dur=6.20`.
 *
 * @throws Error when the answer does not tell: a figure of nothing would be none.
 */
export function timings(headers: Readonly<Record<string, string>>): Timings {
  const header = headers["server-timing"] ?? "";
  const of = (name: string) => {
    const duration = new RegExp(`(?:^|[\\s,])${name};dur=(\\d+(?:\\.\\d+)?)`).exec(header)?.[1];
    if (duration === undefined) throw new Error(`The answer's server-timing is "${header}": it does not tell ${name}.`);
    return Number(duration);
  };
  return { embed: of("embed"), search: of("search") };
}
