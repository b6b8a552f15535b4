import weaviateClient, { ApiKey } from "weaviate-client";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import { DEFAULT_VECTOR_WEIGHT } from "../src/core/fusion.ts";
import type { ModelIdentity } from "../src/core/types.ts";
import type { Weaviate } from "../test/peers/weaviate.ts";
import { localWeaviate } from "../test/support/lambda/ingest.ts";
import { alternate, type Contestant, ratio } from "./harness.ts";
import type { Progress } from "./progress.ts";
import type { Figure } from "./report.ts";
import { mean, percentile } from "./statistics.ts";
import type { StoreData } from "./store-data.ts";

const ours = "search, our reader";
const theirs = "search, weaviate-client";
/** What an answer shows of a passage. */
const shown = ["content", "title", "heading", "uri", "version", "start", "end"] as const;

/** The contents of the passages found, best first. */
type Search = (query: { readonly terms: readonly string[]; readonly vector: Float32Array }) => Promise<string[]>;

/**
 * The same hybrid queries, vector given, to the same collection: through our reader, and through Weaviate's own client.
 * Ours also looks at the manifest, so that no answer shows a deleted document; the client asks once and is done.
 */
export async function compareClients(
  weaviate: Weaviate,
  identity: ModelIdentity,
  data: StoreData,
  passages: number,
  rounds: number,
  progress: Progress,
): Promise<Figure[]> {
  const analyzer = createEnglishAnalyzer();
  const queries = data.queries.map(({ text, vector }) => ({ terms: analyzer.terms(text), vector }));
  const reader = await createWeaviateStore(localWeaviate(weaviate, weaviate.keys.reader)).openReader(identity);
  const [client, searchByClient] = await openClient(weaviate, passages);
  const searchByReader: Search = async ({ terms, vector }) => {
    const hits = await reader.search({ mode: "hybrid", limit: passages, terms, vector });
    return hits.map(({ content }) => content);
  };
  try {
    progress.tell("the same queries through both clients, for warmth and agreement");
    const shares: number[] = [];
    for (const query of queries) {
      const [mine, others] = [await searchByReader(query), new Set(await searchByClient(query))];
      shares.push(mine.filter((content) => others.has(content)).length / Math.max(1, mine.length));
    }
    const contestants = [contestant(ours, searchByReader, queries), contestant(theirs, searchByClient, queries)];
    const figures = await alternate(contestants, rounds, { p50: "ms", p99: "ms", "CPU time": "ms a query" }, progress);
    return [
      ...figures,
      ratio(figures, "p50", theirs, ours),
      ratio(figures, "p99", theirs, ours),
      { subject: "both clients", measure: "share of the same passages", unit: "", samples: [mean(shares)] },
    ];
  } finally {
    await reader.close();
    await client.close();
  }
}

function contestant(name: string, search: Search, queries: readonly Parameters<Search>[0][]): Contestant {
  return {
    name,
    async run() {
      const milliseconds: number[] = [];
      const before = process.cpuUsage();
      for (const query of queries) {
        const start = performance.now();
        await search(query);
        milliseconds.push(performance.now() - start);
      }
      const { user, system } = process.cpuUsage(before);
      return {
        p50: percentile(milliseconds, 50),
        p99: percentile(milliseconds, 99),
        "CPU time": (user + system) / 1000 / queries.length,
      };
    },
  };
}

async function openClient({ url, grpcUrl, keys }: Weaviate, passages: number) {
  const [http, grpc] = [new URL(url), new URL(grpcUrl)];
  const client = await weaviateClient.connectToCustom({
    httpHost: http.hostname,
    httpPort: Number(http.port),
    httpSecure: false,
    grpcHost: grpc.hostname,
    grpcPort: Number(grpc.port),
    grpcSecure: false,
    authCredentials: new ApiKey(keys.reader),
  });
  const collection = client.collections.use("Document");
  const search: Search = async ({ terms, vector }) => {
    const { objects } = await collection.query.hybrid(terms.join(" "), {
      vector: [...vector],
      alpha: DEFAULT_VECTOR_WEIGHT,
      fusionType: "RelativeScore",
      queryProperties: ["terms"],
      limit: passages,
      returnProperties: [...shown],
      returnMetadata: ["score"],
    });
    return objects.map(({ properties }) => String(properties["content"]));
  };
  return [client, search] as const;
}
