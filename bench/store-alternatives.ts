import type { Contestant } from "./harness.ts";
import { type LancePeer, type LanceWay, lanceWays, startLancePeer } from "./lance.ts";
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
  close(): Promise<void>;
}

export async function fillLance(
  threads: number,
  data: StoreData,
  scratch: string,
  progress: Progress,
): Promise<LanceContestants> {
  const peer = await startLancePeer(threads, scratch, progress);
  try {
    const { seconds, bytes } = await peer.fill(data, progress);
    const count = data.vectors.length;
    // After one pass of each, as ours has had.
    for (const way of lanceWays) await peer.search(way, limit);
    return {
      contestants: lanceWays.map((way) => contestant(peer, way)),
      figures: [
        ...Object.entries(seconds).map(([part, value]) => written(part, count, value)),
        ...Object.entries(bytes).map(([part, value]) => onDisk(part, value / count)),
      ],
      note: `LanceDB: ${peer.versions}, in Python; each index as it is by default, refine_factor 10, cosine`,
      recall: (exact) => recall(peer, exact),
      close: () => peer.close(),
    };
  } catch (error) {
    await peer.close();
    throw error;
  }
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

function written(part: string, count: number, seconds: number): Figure {
  return { subject: `LanceDB ${part}`, measure: "rate", unit: "chunks/s", samples: [count / seconds] };
}

function onDisk(part: string, bytes: number): Figure {
  return { subject: `LanceDB ${part}`, measure: "size", unit: "bytes/chunk", samples: [bytes] };
}
