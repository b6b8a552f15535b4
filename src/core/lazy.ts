import { IsthmusError } from "./errors.ts";

/** A thing with a cost, made when it is first asked for. */
export interface Lazy<Value> {
  /**
   * The value, made once for all who ask. A failure is not kept: whoever asks next tries again.
   *
   * @param signal ends this waiting, not the making, which others may wait for.
   * @throws what making it throws; `cancelled` by the signal, after `close`, and where that comes while it is made.
   */
  get(signal?: AbortSignal): Promise<Value>;
  /** Ends what was made, and what is being made once it is there. A second call waits for the first. */
  close(): Promise<void>;
}

/** @param what it is, for messages: "The embedder". */
export function lazily<Value>(
  what: string,
  make: () => Promise<Value>,
  end: (value: Value) => Promise<void>,
): Lazy<Value> {
  let making: Promise<Value> | undefined;
  let closing: Promise<void> | undefined;

  function begin(): Promise<Value> {
    const attempt = make();
    attempt.catch(() => {
      if (making === attempt) making = undefined;
    });
    return attempt;
  }

  async function endMade(): Promise<void> {
    const [made] = await Promise.allSettled(making === undefined ? [] : [making]);
    if (made?.status === "fulfilled") await end(made.value);
  }

  return {
    async get(signal) {
      if (closing !== undefined) throw new IsthmusError("cancelled", `${what} is closed.`);
      making ??= begin();
      const value = await unlessAborted(making, what, signal);
      if (closing !== undefined) throw new IsthmusError("cancelled", `${what} was closed meanwhile.`);
      return value;
    },
    close() {
      closing ??= endMade();
      return closing;
    },
  };
}

async function unlessAborted<Value>(work: Promise<Value>, what: string, signal?: AbortSignal): Promise<Value> {
  if (signal === undefined) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () =>
    reject(new IsthmusError("cancelled", `Waiting for ${lowerFirst(what)} was cancelled.`, { cause: signal.reason }));
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
