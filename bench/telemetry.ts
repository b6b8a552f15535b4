import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { otelCollectorBinary, startOtelCollector } from "../test/peers/otel-collector.ts";
import { type Container, startContainer } from "../test/support/lambda/container.ts";
import { ask, startDeployment } from "../test/support/lambda/deployment.ts";
import type { Bench } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { alternate, type Contestant } from "./harness.ts";
import { runIsthmus } from "./isthmus.ts";
import { coresNotes, needDeployment } from "./prototype-function.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { percentile, spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";

const sides = ["off", "on"] as const;
const starts = 4;
const queries = 150;
const units = {
  "cold start": "ms",
  "cold start, CPU": "ms",
  "warm query, p50": "ms",
  "embed and search, p50": "ms",
  "ingest, CPU a document": "ms",
};

export const telemetryBench: Bench = {
  name: "telemetry",
  summary: "traces and metrics off and on in turn: cold starts and warm queries of the function, ingestion",
  run: (options, progress, machine) =>
    withScratch(async (scratch): Promise<Report> => {
      await needDeployment(progress.tell);
      const { skip } = await otelCollectorBinary(progress.tell);
      if (skip !== false) throw new Error(skip);
      const count = options.documents ?? 200;
      const documents = join(scratch, "documents");
      await writeDocuments(documents, await makeTexts(count, passageWords, options.corpus));
      progress.tell("packaging, starting Weaviate and a collector, ingesting docs/");
      const collector = await startOtelCollector();
      const deployment = await startDeployment();
      const warm = new Map<string, Container>();
      try {
        const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
        const settings = (side: string) => ({
          folder: deployment.packaged.folder,
          environment: { ...deployment.environment, ...(side === "on" && tracing) },
        });
        for (const side of sides) {
          const container = await startContainer(settings(side));
          warm.set(side, container);
          for (let query = 0; query < queries; query++) await answered(container);
        }
        const contestants = sides.map(
          (side): Contestant => ({
            name: side,
            async run(round) {
              const cold: number[] = [];
              const spent: number[] = [];
              for (let start = 0; start < starts; start++) {
                const begin = performance.now();
                const container = await startContainer(settings(side));
                await answered(container);
                cold.push(performance.now() - begin);
                spent.push(cpuMs(container.pid));
                await container.stop();
              }
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
              const environment = { ISTHMUS_WORKERS: String(options.cores), ...(side === "on" && tracing) };
              const run = await runIsthmus(
                ["ingest", documents, "--json"],
                join(scratch, `${side}-${round}`),
                environment,
              );
              return {
                "cold start": spread(cold).median,
                "cold start, CPU": spread(spent).median,
                "warm query, p50": percentile(times, 50),
                "embed and search, p50": percentile(own, 50),
                "ingest, CPU a document": ((run.cpu ?? Number.NaN) * 1000) / count,
              };
            },
          }),
        );
        const figures = await alternate(contestants, options.rounds ?? 5, units, progress);
        const more = (measure: string) => spread(pairs(figures, measure).map(([off, on]) => on - off)).median;
        return {
          bench: "telemetry",
          parameters: { documents: count, starts, queries, cores: options.cores },
          figures,
          budgets: [
            {
              what: "more CPU for a cold start",
              bound: "at most",
              limit: 10,
              unit: "ms",
              measured: more("cold start, CPU"),
            },
            {
              what: "more for a warm query",
              bound: "at most",
              limit: 0.5,
              unit: "ms",
              measured: more("warm query, p50"),
            },
            {
              what: "more CPU for ingestion",
              bound: "at most",
              limit: 2,
              unit: "%",
              measured: spread(pairs(figures, "ingest, CPU a document").map(([off, on]) => (on / off - 1) * 100))
                .median,
            },
          ],
          notes: [
            "off and on in turn, each difference within a round; the collector runs on the same cores",
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

function pairs(figures: readonly Figure[], measure: string): (readonly [off: number, on: number])[] {
  const of = (side: string) =>
    figures.find((figure) => figure.subject === side && figure.measure === measure)?.samples ?? [];
  return of("off").map((off, round) => [off, of("on")[round] ?? Number.NaN] as const);
}
