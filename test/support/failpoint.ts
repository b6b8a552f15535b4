import type { Store, StoreWriter } from "../../src/core/ports.ts";

/** A moment of a run: the n-th call of a method of the writer, just before it or just after it. */
export interface Failpoint {
  readonly method: "put" | "commit" | "retire" | "discard";
  /** From 1. */
  readonly call: number;
  readonly moment: "before" | "after";
}

/** A store whose writer kills the process at the failpoint, as a machine that loses its power would. */
export function killingAt(store: Store, { method, call, moment }: Failpoint): Store {
  return {
    ...store,
    async openWriter(identity) {
      const writer = await store.openWriter(identity);
      let calls = 0;
      const guarded =
        <Arguments extends unknown[]>(work: (...given: Arguments) => Promise<void>) =>
        async (...given: Arguments): Promise<void> => {
          const met = ++calls === call;
          if (met && moment === "before") process.kill(process.pid, "SIGKILL");
          await work(...given);
          if (met) process.kill(process.pid, "SIGKILL");
        };
      const killing: Pick<StoreWriter, Failpoint["method"]> = {
        put: guarded(writer.put.bind(writer)),
        commit: guarded(writer.commit.bind(writer)),
        retire: guarded(writer.retire.bind(writer)),
        discard: guarded(writer.discard.bind(writer)),
      };
      return { ...writer, [method]: killing[method] };
    },
  };
}
