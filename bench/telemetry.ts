import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { otelCollectorBinary, startOtelCollector } from "../test/peers/otel-collector.ts";
import { type Container, startContainer } from "../test/support/lambda/container.ts";
import { ask, startDeployment } from "../test/support/lambda/deployment.ts";
import type { Bench } from "./bench.ts";
import { compileCli, cpuOfCli } from "./compiled-cli.ts";
import { writeDocuments } from "./folders.ts";
import { alternate, type Contestant } from "./harness.ts";
import { medianDifference } from "./paired-median.ts";
import { coresNotes, needDeployment } from "./prototype-function.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { percentile, spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";

/** The second tells what the noise of the machine makes of no difference at all. */
const sides = ["off", "off again", "on"] as const;
type Side = (typeof sides)[number];
/** Fewer say little: containers differ among themselves by more than the budget. */
const starts = 5;
const queries = 60;
const units = {
  "cold start": "ms",
  "cold start, CPU": "ms",
  "warm query, p50": "ms",
  "embed and search, p50": "ms",
  "ingest, CPU a document": "ms",
};
/** What traces and metrics may cost: more than without them, in the measure's unit or as a share of it. */
const allowed = [
  { what: "more for a cold start by the clock", measure: "cold start", limit: 10, unit: "ms" },
  { what: "more CPU for a cold start", measure: "cold start, CPU", limit: 10, unit: "ms" },
  { what: "more for a warm query", measure: "warm query, p50", limit: 0.5, unit: "ms" },
  { what: "more CPU for ingestion", measure: "ingest, CPU a document", limit: 2, unit: "%" },
] as const;

export const telemetryBench: Bench = {
  name: "telemetry",
  summary: "traces and metrics off and on in turn: cold starts and warm queries of the function, ingestion",
  run: (options, progress, machine) =>
    withScratch(async (scratch): Promise<Report> => {
      await needDeployment(progress.tell);
      const { skip } = await otelCollectorBinary(progress.tell);
      if (skip !== false) throw new Error(skip);
      const count = options.documents ?? 300;
      const documents = join(scratch, "documents");
      await writeDocuments(documents, await makeTexts(count, passageWords, options.corpus));
      progress.tell("packaging, starting Weaviate and a collector, ingesting docs/");
      const cli = await compileCli(join(scratch, "cli"));
      const collector = await startOtelCollector();
      const deployment = await startDeployment();
      const warm = new Map<string, Container>();
      try {
        const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
        const settings = (side: Side) => ({
          folder: deployment.packaged.folder,
          environment: { ...deployment.environment, ...(side === "on" && tracing) },
        });
        for (const side of sides) {
          const container = await startContainer(settings(side));
          warm.set(side, container);
          for (let query = 0; query < queries; query++) await answered(container);
        }

        /** New containers, each to its first answer; their CPU with what they still send after it. */
        async function coldStarts(side: Side) {
          const cold: number[] = [];
          const spent: number[] = [];
          for (let start = 0; start < starts; start++) {
            const begin = performance.now();
            const container = await startContainer(settings(side));
            await answered(container);
            cold.push(performance.now() - begin);
            await container.frozen();
            spent.push(cpuMs(container.pid));
            await container.stop();
          }
          return { "cold start": spread(cold).median, "cold start, CPU": spread(spent).median };
        }

        async function warmQueries(side: Side) {
          const times: number[] = [];
          const own: number[] = [];
          const container = warm.get(side);
          if (container === undefined) throw new Error("a side has its container");
          for (let query = 0; query < queries; query++) {
            // What the extension has to do after an answer is not the caller's to wait for.
            await container.frozen();
            const begin = performance.now();
            own.push(await answered(container));
            times.push(performance.now() - begin);
          }
          return { "warm query, p50": percentile(times, 50), "embed and search, p50": percentile(own, 50) };
        }

        async function ingestion(side: Side, round: number) {
          const index = join(scratch, `${side}-${round}`);
          const environment = { ISTHMUS_WORKERS: String(options.cores), ...(side === "on" && tracing) };
          const cpu = await cpuOfCli(cli, ["ingest", documents, "--json"], index, environment);
          await rm(index, { recursive: true });
          return { "ingest, CPU a document": cpu / count };
        }

        const taken: Side[] = [];
        const contestants = sides.map(
          (name, place): Contestant => ({
            name,
            async run(round) {
              // Each is the first as often as the last: whoever comes first finds the machine as the round before left it.
              const side = sides[(place + round) % sides.length] ?? name;
              taken.push(side);
              return { ...(await coldStarts(side)), ...(await warmQueries(side)), ...(await ingestion(side, round)) };
            },
          }),
        );
        const figures = bySide(await alternate(contestants, options.rounds ?? 12, units, progress), taken);
        return {
          bench: "telemetry",
          parameters: { documents: count, starts, queries, cores: options.cores },
          figures,
          budgets: allowed.map(
            ({ what, measure, limit, unit }): Budget => ({
              what,
              bound: "at most",
              limit,
              unit,
              measured: more(figures, measure, "on", unit).median,
            }),
          ),
          notes: [
            "off, off again and on in turn, each difference within a round, its median with its interval of 95 %; the collector runs on the same cores",
            ...allowed.flatMap(({ what, measure, unit }) =>
              (["on", "off again"] as const).map(
                (side) => `${what}, ${side}: ${inWords(more(figures, measure, side, unit), unit)}`,
              ),
            ),
            ...coresNotes(machine),
          ],
        };
      } finally {
        for (const container of warm.values()) await container.stop();
        await deployment.stop();
        await collector.stop();
      }
    }),
};

/** @returns milliseconds of embedding and search, as the function itself tells them. */
async function answered(container: Container): Promise<number> {
  const { status, json } = await ask(container);
  if (status !== 200) throw new Error(`The answer was ${status}:\n${container.log()}`);
  return Number(json.took_ms);
}

/** CPU time of all threads of a process so far, to the nanosecond: the clock of a shared machine says less. */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** The samples lie under the place of the round that they were taken in: here each gets to the side that took it. */
function bySide(figures: readonly Figure[], taken: readonly Side[]): Figure[] {
  return Object.entries(units).flatMap(([measure, unit]) =>
    sides.map((subject) => ({
      subject,
      measure,
      unit,
      samples: taken.flatMap((side, at) => {
        const place = figures.find(
          (figure) => figure.subject === sides[at % sides.length] && figure.measure === measure,
        );
        const sample = place?.samples[Math.floor(at / sides.length)];
        return side === subject && sample !== undefined ? [sample] : [];
      }),
    })),
  );
}

function more(figures: readonly Figure[], measure: string, side: Side, unit: string) {
  const of = (subject: Side) =>
    figures.find((figure) => figure.subject === subject && figure.measure === measure)?.samples ?? [];
  const off = of("off");
  return medianDifference(
    of(side).map((sample, round) => {
      const without = off[round] ?? Number.NaN;
      return unit === "%" ? [100, (100 * sample) / without] : [without, sample];
    }),
  );
}

function inWords({ median, from, to }: ReturnType<typeof medianDifference>, unit: string): string {
  const [middle, least, most] = [median, from, to].map((number) => number.toFixed(1));
  return `${middle} ${unit} (${least} to ${most})`;
}
