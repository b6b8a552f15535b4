import type { Contestant } from "./harness.ts";
import { type Filled, type LancePeer, type LanceWay, lanceWays } from "./lance.ts";
import type { Progress } from "./progress.ts";
import type { Figure } from "./report.ts";
import { mean, percentile } from "./statistics.ts";
import type { StoreData } from "./store-data.ts";
import { type ExactAnswers, limit } from "./store-search.ts";

const names: Readonly<Record<LanceWay, string>> = {
  exact: "LanceDB vector search, no index",
  IVF_PQ: "LanceDB vector search, IVF_PQ",
  HNSW_SQ: "LanceDB vector search, HNSW_SQ",
  keyword: "LanceDB keyword search",
  hybrid: "LanceDB hybrid search, IVF_PQ",
};

/** LanceDB, filled with the same chunks. */
export interface LanceContestants {
  readonly contestants: readonly Contestant[];
  /** What writing took, and how much it takes on disk. */
  readonly figures: readonly Figure[];
  readonly note: string;
  /** The share of the truly nearest that each way of vector search finds. */
  recall(exact: ExactAnswers): Promise<Figure[]>;
}

/** Fills the process that was started. The caller ends it. */
export async function fillLance(peer: LancePeer, data: StoreData, progress: Progress): Promise<LanceContestants> {
  const filled = await peer.fill(data, progress);
  const count = data.vectors.length;
  progress.tell("warming up LanceDB");
  // After one pass of each, as ours has had.
  for (const way of lanceWays) await peer.search(way, limit);
  return {
    contestants: lanceWays.map((way) => contestant(peer, way)),
    figures: [...filled.map((each) => written(each, count)), ...onDisk(filled, count)],
    note: `LanceDB: ${peer.versions}, in Python; each index as it is by default, refine_factor 10, cosine`,
    recall: (exact) => recall(peer, exact),
  };
}

function contestant(peer: LancePeer, way: LanceWay): Contestant {
  return {
    name: names[way],
    async run() {
      const { milliseconds } = await peer.search(way, limit);
      return { p50: percentile(milliseconds, 50), p99: percentile(milliseconds, 99) };
    },
  };
}

async function recall(peer: LancePeer, exact: ExactAnswers): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const way of ["exact", "IVF_PQ", "HNSW_SQ"] as const) {
    const { found } = await peer.search(way, limit);
    const shares = exact.positions.map((wanted, query) => {
      const hits = new Set(found[query]);
      return wanted.filter((position) => hits.has(position)).length / wanted.length;
    });
    figures.push({ subject: names[way], measure: "recall@10 against exact", unit: "", samples: [mean(shares)] });
  }
  return figures;
}

function written({ table, part, seconds }: Filled, count: number): Figure {
  const subject = part === "full text" ? "LanceDB full text, index" : `LanceDB ${table}, ${part}`;
  return { subject, measure: "rate", unit: "chunks/s", samples: [count / seconds] };
}

/** Each table with its vector index, and what the text index adds. */
function onDisk(filled: readonly Filled[], count: number): Figure[] {
  const bytes = new Map<string, number>();
  for (const each of filled) {
    const what = each.part === "full text" ? each.part : each.table;
    bytes.set(what, (bytes.get(what) ?? 0) + each.bytes);
  }
  return [...bytes].map(([what, sum]) => ({
    subject: `LanceDB ${what}`,
    measure: "size",
    unit: "bytes/chunk",
    samples: [sum / count],
  }));
}
