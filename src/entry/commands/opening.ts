import { IsthmusError } from "../../core/errors.ts";

interface Closable {
  close(): Promise<void>;
}

/** Opens things on demand, and closes every one of them, also those whose opening was under way when the end came. */
export function createOpening<Opened extends Closable>(
  openOne: () => Promise<Opened>,
): { open(): Promise<Opened>; close(): Promise<void> } {
  const pending = new Set<Promise<Opened>>();
  let ended = false;
  return {
    async open() {
      if (ended) throw new IsthmusError("store_unavailable", "The server is stopping; ask again when it is back.");
      const opened = openOne();
      pending.add(opened);
      // A failure is not kept: it has nothing to close.
      opened.catch(() => pending.delete(opened));
      return await opened;
    },
    async close() {
      ended = true;
      const results = await Promise.allSettled([...pending].map(async (opened) => (await opened).close()));
      pending.clear();
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}
