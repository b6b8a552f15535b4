import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { hitProperties } from "../src/adapters/store/weaviate/chunk-objects.ts";
import { uriKey } from "../src/adapters/store/weaviate/ids.ts";
import { manifestProperties } from "../src/adapters/store/weaviate/manifest-objects.ts";
import { longestAnswer } from "../src/adapters/store/weaviate/requests.ts";
import { manifestCollection } from "../src/adapters/store/weaviate/settings.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import type { ModelIdentity } from "../src/core/types.ts";
import type { Weaviate } from "../test/peers/weaviate.ts";
import { localWeaviate } from "../test/support/lambda/ingest.ts";
import { witness } from "../test/support/weaviate.ts";
import { alternate, type Contestant, ratio } from "./harness.ts";
import type { Progress } from "./progress.ts";
import type { Figure } from "./report.ts";
import { mean, percentile } from "./statistics.ts";
import type { StoreData } from "./store-data.ts";

const ours = "search, our reader";
const theirs = "search, weaviate-client";
const theirsWithMore = "search, weaviate-client, as many hits as ours";
const theirsWithManifest = "search, weaviate-client, nearly the same requests";
const manifestAlone = "looking at the manifest, by weaviate-client";
const collection = "Document";
/** As many hits more as our reader asks for, in case some do not count. */
const margin = 16;
/** What an answer shows of a passage. */
const shown = ["content", "title", "heading", "uri", "version", "start", "end"] as const;

interface Query {
  readonly terms: readonly string[];
  readonly vector: Float32Array;
}

/** The contents of the passages found, best first. */
type Search = (query: Query) => Promise<string[]>;

/**
 * The same hybrid queries, vector given, to the same collection: through our reader, and through Weaviate's own client.
 * Ours asks for both rankings side by side and fuses them itself (docs/adr/0005), the client leaves that to the server. Ours asks for some hits more and looks for their documents in the manifest, so that no answer shows a deleted one. The
 * client is measured three times: as a user would call it, with one request; with as many hits and properties as ours asks for;
 * and with the manifest on top, which is what the manifest costs. It does not weigh versions and attempts, nor order ties.
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
  const queries = await Promise.all(
    data.queries.map(async ({ text, vector }) => ({ terms: await analyzer.terms(text), vector })),
  );
  const reader = await createWeaviateStore(localWeaviate(weaviate, weaviate.keys.reader)).openReader(identity);
  const { client, nearest, simply, withMore, withManifest } = await openClient(weaviate, passages);
  const searchByReader: Search = async ({ terms, vector }) => {
    const hits = await reader.search({ mode: "hybrid", limit: passages, terms, vector });
    return hits.map(({ content }) => content);
  };
  try {
    progress.tell("the same queries through both clients, for warmth and agreement");
    const shares: number[] = [];
    for (const query of queries) {
      await searchByReader(query);
      for (const search of [simply, withMore, withManifest]) await search(query);
      // By vector: of hybrid search each has a fusion of its own.
      const mine = await reader.search({ mode: "vector", limit: passages, vector: query.vector });
      const others = new Set(await nearest(query));
      shares.push(mine.filter(({ content }) => others.has(content)).length / Math.max(1, mine.length));
    }
    const searches = {
      [ours]: searchByReader,
      [theirs]: simply,
      [theirsWithMore]: withMore,
      [theirsWithManifest]: withManifest,
    };
    const contestants = Object.entries(searches).map(([name, search]) => contestant(name, search, queries));
    const figures = await alternate(contestants, rounds, { p50: "ms", p99: "ms", "CPU time": "ms a query" }, progress);
    return [
      ...figures,
      ...[theirs, theirsWithMore, theirsWithManifest].flatMap((name) =>
        ["p50", "p99"].map((measure) => ratio(figures, measure, name, ours)),
      ),
      difference(figures, "p50", theirsWithManifest, theirsWithMore),
      { subject: "both clients", measure: "share of the same passages", unit: "", samples: [mean(shares)] },
    ];
  } finally {
    await reader.close();
    await client.close();
  }
}

/** What the manifest adds, round by round. */
function difference(figures: readonly Figure[], measure: string, more: string, less: string): Figure {
  const of = (subject: string) => figures.find((each) => each.subject === subject && each.measure === measure);
  const subtrahends = of(less)?.samples ?? [];
  const samples = (of(more)?.samples ?? []).map((value, round) => value - (subtrahends[round] ?? Number.NaN));
  return { subject: manifestAlone, measure, unit: "ms", samples };
}

function contestant(name: string, search: Search, queries: readonly Query[]): Contestant {
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

async function openClient(weaviate: Weaviate, passages: number) {
  const client = await witness(weaviate, weaviate.keys.reader);
  const [chunks, manifest] = [collection, manifestCollection({ collection })].map((name) =>
    client.collections.use(name),
  );
  const find = async ({ terms, vector }: Query, limit: number, properties: readonly string[]) => {
    const found = await chunks?.query.hybrid(terms.join(" "), {
      vector: [...vector],
      alpha: 0.6,
      fusionType: "RelativeScore",
      queryProperties: ["terms"],
      limit,
      returnProperties: [...properties],
      returnMetadata: ["score"],
    });
    return found?.objects.map(({ properties: values }) => values) ?? [];
  };
  const nearest: Search = async ({ vector }) => {
    const found = await chunks?.query.nearVector([...vector], { limit: passages, returnProperties: ["content"] });
    return found?.objects.map(({ properties: { content } }) => String(content)) ?? [];
  };
  const simply: Search = async (query) => {
    const hits = await find(query, passages, shown);
    return hits.map(({ content }) => String(content));
  };
  const withMore: Search = async (query) => {
    const hits = await find(query, passages + margin, hitProperties);
    return hits.slice(0, passages).map(({ content }) => String(content));
  };
  const withManifest: Search = async (query) => {
    const hits = await find(query, passages + margin, hitProperties);
    const keys = [...new Set(hits.map(({ uri }) => uriKey(String(uri))))];
    const rows = await manifest?.query.fetchObjects({
      filters: manifest.filter.byProperty("uriKey").containsAny(keys),
      limit: longestAnswer,
      returnProperties: [...manifestProperties],
      returnMetadata: ["creationTime", "isConsistent"],
    });
    const known = new Set(rows?.objects.map(({ properties: { uri } }) => String(uri)));
    const counted = hits.filter(({ uri }) => known.has(String(uri)));
    if (counted.length < passages) throw new Error(`Of ${hits.length} hits ${counted.length} are in the manifest.`);
    return counted.slice(0, passages).map(({ content }) => String(content));
  };
  return { client, nearest, simply, withMore, withManifest };
}
