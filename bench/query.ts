import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import { startDeployment } from "../test/support/lambda/deployment.ts";
import { localWeaviate } from "../test/support/lambda/ingest.ts";
import type { Bench } from "./bench.ts";
import { withQueryCost } from "./cost.ts";
import { openEmbedder } from "./embedder.ts";
import { orLeftOut } from "./left-out.ts";
import { coresNotes, needDeployment } from "./prototype-function.ts";
import { preparePython } from "./python-environment.ts";
import { compareClients } from "./query-clients.ts";
import { compareFunctions, prototype } from "./query-functions.ts";
import type { Report } from "./report.ts";
import { percentile } from "./statistics.ts";
import { makeStoreData } from "./store-data.ts";
import { fillStore } from "./store-fill.ts";

const passages = 3;

export const queryBench: Bench = {
  name: "query",
  summary:
    "warm queries, 10,000 chunks in Weaviate: our function against the prototype's, our reader and weaviate-client",
  async run(options, progress, machine): Promise<Report> {
    await needDeployment(progress.tell);
    const notes: string[] = [];
    const python = options.python ? await orLeftOut(notes, prototype, () => preparePython(progress)) : undefined;
    const count = options.documents ?? 10_000;
    const embedder = await openEmbedder(options.cores);
    const data = await makeStoreData(count, options, embedder, progress).finally(() => embedder.close());
    progress.tell("packaging, starting Weaviate");
    const deployment = await startDeployment();
    try {
      const { weaviate } = deployment;
      const { identity } = embedder.port;
      const writer = await createWeaviateStore(localWeaviate(weaviate, weaviate.keys.writer)).openWriter(identity);
      await fillStore(writer, data, createEnglishAnalyzer(), progress).finally(() => writer.close());
      const rounds = options.rounds ?? 5;
      const { figures, totals } = await compareFunctions(deployment, python, data.queries, passages, rounds, progress);
      const clients = await compareClients(weaviate, identity, data, passages, rounds, progress);
      return await withQueryCost(totals, {
        bench: "query",
        parameters: { chunks: count, queries: totals.length, mode: "hybrid", k: passages },
        figures: [...figures, ...clients],
        budgets: [
          { what: "warm query, p50", bound: "at most", limit: 15, unit: "ms", measured: percentile(totals, 50) },
          { what: "warm query, p99", bound: "at most", limit: 40, unit: "ms", measured: percentile(totals, 99) },
        ],
        notes: [
          `vectors: ${data.origin}; this project's docs lie beside them`,
          "the rest is the function's own work, the Runtime API, and freezing and thawing the process",
          "the searches have their vectors already; ours always looks at the manifest, so that no deleted document shows",
          ...coresNotes(machine),
          ...notes,
        ],
      });
    } finally {
      await deployment.stop();
    }
  },
};
