import type { StoreWriter } from "../../src/core/ports.ts";
import type { Order } from "../../src/core/types.ts";

const recordedCalls = ["put", "commit", "retire", "discard", "recordFailure"] as const;
export type RecordedCall = (typeof recordedCalls)[number];

export interface RecordedWrites {
  wrap(writer: StoreWriter): StoreWriter;
  /** The versions a call was made for, in order; several puts in a row for one version count once. */
  versions(call: RecordedCall): string[];
  orders(call: Exclude<RecordedCall, "recordFailure">): Order[];
}

/** Notes what is asked of a writer that works on as it did. */
export function recordWrites(): RecordedWrites {
  const calls: { call: RecordedCall; version: string; order: Order }[] = [];
  const note = (call: RecordedCall, of: { version: string; order?: Order }) => {
    const last = calls.findLast((each) => each.call === call);
    if (call === "put" && last?.version === of.version) return;
    calls.push({ call, version: of.version, order: of.order ?? { generation: 0, reindex: 0 } });
  };
  return {
    wrap: (writer) => ({
      ...writer,
      put(attempt, chunks) {
        note("put", attempt);
        return writer.put(attempt, chunks);
      },
      commit(row) {
        note("commit", row);
        return writer.commit(row);
      },
      retire(attempt) {
        note("retire", attempt);
        return writer.retire(attempt);
      },
      discard(attempt) {
        note("discard", attempt);
        return writer.discard(attempt);
      },
      recordFailure(failure) {
        note("recordFailure", failure);
        return writer.recordFailure(failure);
      },
    }),
    versions: (call) => calls.filter((each) => each.call === call).map((each) => each.version),
    orders: (call) => calls.filter((each) => each.call === call).map((each) => each.order),
  };
}
