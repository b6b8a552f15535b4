import type { OpenAttempt, StoreWriter } from "../../src/core/ports.ts";
import type { Order } from "../../src/core/types.ts";

export type RecordedCall = "put" | "commit" | "abandon" | "remove" | "recordFailure";

export interface RecordedWrites {
  wrap(writer: StoreWriter): StoreWriter;
  /** The versions a call was made for, in order; several puts in a row for one version count once. */
  versions(call: RecordedCall): string[];
  orders(call: Exclude<RecordedCall, "recordFailure">): Order[];
}

/** A writer whose attempts do something else in some of their steps. */
export function wrapAttempts(
  writer: StoreWriter,
  wrap: (open: OpenAttempt, of: { readonly version: string; readonly order: Order }) => Partial<OpenAttempt>,
): StoreWriter {
  return {
    ...writer,
    begin(attempt, signal) {
      const open = writer.begin(attempt, signal);
      return { ...open, ...wrap(open, attempt) };
    },
  };
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
    wrap(writer) {
      const recorded = wrapAttempts(writer, (open, of) => ({
        put(chunks) {
          note("put", of);
          return open.put(chunks);
        },
        commit(commit) {
          note("commit", commit);
          return open.commit(commit);
        },
        abandon() {
          note("abandon", of);
          return open.abandon();
        },
      }));
      return {
        ...recorded,
        remove(tombstones, signal) {
          for (const tombstone of tombstones) note("remove", tombstone);
          return recorded.remove(tombstones, signal);
        },
        recordFailure(failure, signal) {
          note("recordFailure", failure);
          return recorded.recordFailure(failure, signal);
        },
      };
    },
    versions: (call) => calls.filter((each) => each.call === call).map((each) => each.version),
    orders: (call) => calls.filter((each) => each.call === call).map((each) => each.order),
  };
}
