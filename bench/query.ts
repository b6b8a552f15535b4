import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import { ask, startDeployment } from "../test/support/lambda/deployment.ts";
import { localWeaviate } from "../test/support/lambda/ingest.ts";
import type { Bench } from "./bench.ts";
import { withQueryCost } from "./cost.ts";
import { openEmbedder } from "./embedder.ts";
import { compareClients } from "./query-clients.ts";
import type { Report } from "./report.ts";
import { percentile } from "./statistics.ts";
import { makeStoreData } from "./store-data.ts";
import { fillStore } from "./store-fill.ts";
import { leftInWords } from "./time-left.ts";

const subject = "warm query";
const warmUp = 100;
const passages = 3;

/** Milliseconds of the parts, as the function itself tells them. */
interface Parts {
  readonly total: number;
  readonly embed: number;
  readonly search: number;
}

export const queryBench: Bench = {
  name: "query",
  summary: "warm queries through the packaged function, 10,000 chunks in Weaviate; its reader against weaviate-client",
  async run(options, progress): Promise<Report> {
    const count = options.documents ?? 10_000;
    const embedder = await openEmbedder(options.cores);
    const data = await makeStoreData(count, options, embedder, progress).finally(() => embedder.close());
    progress.tell("packaging, starting Weaviate");
    const deployment = await startDeployment();
    try {
      const { weaviate } = deployment;
      const writer = await createWeaviateStore(localWeaviate(weaviate, weaviate.keys.writer)).openWriter(
        embedder.port.identity,
      );
      await fillStore(writer, data, createEnglishAnalyzer(), progress).finally(() => writer.close());
      const container = await deployment.container();
      const samples: Parts[] = [];
      const wanted = (options.rounds ?? 5) * data.queries.length;
      for (let index = -warmUp; index < wanted; index += 1) {
        if (index % 100 === 0) {
          const done = samples.map(({ total }) => total / 1000);
          progress.tell(`query ${Math.max(0, index)} of ${wanted}${leftInWords([{ done, total: wanted }])}`);
        }
        const { text = "" } = data.queries[Math.abs(index) % data.queries.length] ?? {};
        const begin = performance.now();
        const { status, headers } = await ask(container, text, { k: passages });
        const total = performance.now() - begin;
        if (status !== 200) throw new Error(`A query was answered with ${status}:\n${container.log()}`);
        if (index >= 0) samples.push({ total, ...timings(headers["server-timing"] ?? "") });
      }
      const of = (part: (sample: Parts) => number) => samples.map(part);
      const parts = {
        "from event to answer": of(({ total }) => total),
        embed: of(({ embed }) => embed),
        search: of(({ search }) => search),
        rest: of(({ total, embed, search }) => total - embed - search),
      };
      const totals = parts["from event to answer"];
      const rounds = options.rounds ?? 5;
      const clients = await compareClients(weaviate, embedder.port.identity, data, passages, rounds, progress);
      return await withQueryCost(totals, {
        bench: "query",
        parameters: { chunks: count, queries: samples.length, mode: "hybrid", k: passages },
        figures: [
          ...Object.entries(parts).flatMap(([measure, values]) =>
            [50, 99].map((percent) => ({
              subject,
              measure: `${measure}, p${percent}`,
              unit: "ms",
              samples: [percentile(values, percent)],
            })),
          ),
          ...clients,
        ],
        budgets: [
          { what: "warm query, p50", bound: "at most", limit: 15, unit: "ms", measured: percentile(totals, 50) },
          { what: "warm query, p99", bound: "at most", limit: 40, unit: "ms", measured: percentile(totals, 99) },
        ],
        notes: [
          `vectors: ${data.origin}; this project's docs lie beside them`,
          "the rest is the function's own work, the Runtime API, and freezing and thawing the process",
          "the searches have their vectors already; ours always looks at the manifest, so that no deleted document shows",
        ],
      });
    } finally {
      await deployment.stop();
    }
  },
};

/** `embed;dur=4.10, search;dur=6.20` */
function timings(header: string): { embed: number; search: number } {
  const of = (name: string) => Number(new RegExp(`${name};dur=([\\d.]+)`).exec(header)?.[1]);
  return { embed: of("embed"), search: of("search") };
}
