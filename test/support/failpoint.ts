import type { Store } from "../../src/core/ports.ts";

/** A moment of a run: the n-th call of a method of the writer or of its attempts, just before it or just after it. */
export interface Failpoint {
  readonly method: "put" | "commit" | "abandon" | "remove";
  /** From 1. */
  readonly call: number;
  readonly moment: "before" | "after";
}

/** A store whose writer kills the process at the failpoint, as a machine that loses its power would. */
export function killingAt(store: Store, { method, call, moment }: Failpoint): Store {
  let calls = 0;
  const guarded =
    <Arguments extends unknown[], Result>(name: Failpoint["method"], work: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      if (name !== method) return await work(...given);
      const met = ++calls === call;
      if (met && moment === "before") process.kill(process.pid, "SIGKILL");
      const result = await work(...given);
      if (met) process.kill(process.pid, "SIGKILL");
      return result;
    };
  return {
    ...store,
    async openWriter(identity, signal) {
      const writer = await store.openWriter(identity, signal);
      return {
        ...writer,
        begin(attempt, within) {
          const open = writer.begin(attempt, within);
          return {
            id: open.id,
            put: guarded("put", open.put.bind(open)),
            commit: guarded("commit", open.commit.bind(open)),
            abandon: guarded("abandon", open.abandon.bind(open)),
          };
        },
        remove: guarded("remove", writer.remove.bind(writer)),
      };
    },
  };
}
