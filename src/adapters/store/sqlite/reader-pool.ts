import { IsthmusError } from "../../../core/errors.ts";
import type { Handlers } from "./rpc.ts";
import { abortError, closed, type WorkerClient } from "./rpc-client.ts";

export interface ReaderPoolLimits {
  /** Workers at once. The first is started with the pool, another when a call finds all of them at work. */
  readonly workers: number;
  /** Calls that wait for a worker; more are refused with `store_unavailable`. */
  readonly waiting: number;
  /**
   * Milliseconds within which a worker has to give up a call that was cancelled. One that does not is taken for stuck (in
   * a damaged index, on a disk that does not answer), and another is started in its place.
   */
  readonly graceMs: number;
}

/** Workers that answer side by side, each one call at a time. */
export interface ReaderPool<Methods extends Handlers> {
  /**
   * Calls a method in the first worker that is free. When the signal fires, a call that waits costs nothing, and one that
   * is at work is interrupted; its worker is free again when it has really ended.
   * @throws `store_unavailable` with `retryAfterMs` where too many wait, or the worker died of the call: the next call has
   *   another worker.
   */
  call<Name extends keyof Methods & string>(
    signal: AbortSignal | undefined,
    method: Name,
    ...parameters: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
  close(): Promise<void>;
}

/** @param start starts a worker that opens what it needs by its first call, and tells of its answers and its end. */
export function createReaderPool<Methods extends Handlers>(
  start: (onChange: () => void) => WorkerClient<Methods>,
  { workers, waiting, graceMs }: ReaderPoolLimits,
): ReaderPool<Methods> {
  const members = new Set<WorkerClient<Methods>>();
  /** How many calls each has been given. */
  const given = new WeakMap<WorkerClient<Methods>, number>();
  /** Given up, and not gone yet: a thread that is not in JavaScript ends when it comes back. */
  let stuck = 0;
  const line = new Set<{ start(member: WorkerClient<Methods>): void; fail(error: unknown): void }>();
  let closing: Promise<void> | undefined;

  function begin(): WorkerClient<Methods> {
    const member = start(() => {
      if (member.ended) members.delete(member);
      serveNext();
    });
    members.add(member);
    return member;
  }

  function free(): WorkerClient<Methods> | undefined {
    for (const member of members) if (!member.ended && member.unanswered === 0) return member;
    return members.size < workers && stuck < workers ? begin() : undefined;
  }

  function serveNext(): void {
    for (const next of line) {
      try {
        const member = free();
        if (member === undefined) return;
        next.start(member);
      } catch (thrown) {
        next.fail(thrown);
      }
    }
  }

  function replace(member: WorkerClient<Methods>): void {
    stuck++;
    void member.end().finally(() => {
      stuck--;
      serveNext();
    });
  }

  function callIn<Value>(
    member: WorkerClient<Methods>,
    signal: AbortSignal | undefined,
    call: (member: WorkerClient<Methods>) => Promise<Value>,
  ): Promise<Value> {
    const turn = (given.get(member) ?? 0) + 1;
    given.set(member, turn);
    const answer = call(member);
    const watch = (): void => {
      const look = (): void => {
        if (!member.ended && member.unanswered > 0 && given.get(member) === turn) replace(member);
      };
      setTimeout(look, graceMs).unref();
    };
    signal?.addEventListener("abort", watch, { once: true });
    return answer.finally(() => {
      // An answer that came by the signal itself leaves the worker at work.
      if (signal?.aborted !== true) signal?.removeEventListener("abort", watch);
    });
  }

  return {
    call: (signal, method, ...parameters) =>
      new Promise((resolve, reject) => {
        const run = (member: WorkerClient<Methods>): void =>
          resolve(callIn(member, signal, (chosen) => chosen.callWith(signal, method, ...parameters)));
        if (closing !== undefined) return reject(closed());
        if (signal?.aborted) return reject(abortError(signal));
        const member = line.size === 0 ? free() : undefined;
        if (member !== undefined) return run(member);
        if (line.size >= waiting) return reject(full(waiting));
        const leave = (): void => {
          line.delete(entry);
          signal?.removeEventListener("abort", giveUp);
        };
        const giveUp = (): void => entry.fail(signal === undefined ? closed() : abortError(signal));
        const entry = {
          start(chosen: WorkerClient<Methods>): void {
            leave();
            run(chosen);
          },
          fail(error: unknown): void {
            leave();
            reject(error);
          },
        };
        line.add(entry);
        signal?.addEventListener("abort", giveUp, { once: true });
      }),
    close() {
      closing ??= (async () => {
        for (const entry of line) entry.fail(closed());
        await Promise.all(
          [...members].map(async (member) => {
            let late = false;
            const patience = setTimeout(() => {
              late = true;
              void member.end();
            }, graceMs);
            try {
              await member.close();
            } catch (thrown) {
              if (!late) throw thrown;
            } finally {
              clearTimeout(patience);
            }
          }),
        );
      })();
      return closing;
    },
  };
}

function full(waiting: number): IsthmusError {
  const text = `${waiting} searches wait for the index already. Try again in a moment.`;
  return new IsthmusError("store_unavailable", text, { retryAfterMs: 1_000 });
}
