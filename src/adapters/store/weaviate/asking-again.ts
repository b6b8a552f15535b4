/**
 * A machine that dies answers nothing and refuses nothing. The connection to it is found dead by its silence (sessions.ts); but a node
 * that lives may have asked the dead one for its copy, and waits for it 20 seconds (Weaviate 1.39, usecases/replica/finder.go). It
 * learns of the death after some seven (memberlist's LAN defaults), and asks other nodes from then on. So a read that gets no answer
 * is asked again beside the first, and the first answer counts: within the 15 seconds of a query there are six chances.
 *
 * The first comes a moment after the connection's own PING (sessions.ts), whose reply vouches for the connection; an asking before it
 * would send a PING of its own, and a server of gRPC bears few of them while it has nothing to say.
 */
const firstAfterMs = 4_500;
const nextAfterMs = 2_000;
/** Reads asked a second time at once, over one connection. A server that is busy and not dead gets no more than these on top. */
const atMost = 8;

export interface AskingAgain {
  /** Asks, and asks again; for what changes nothing. @throws what the first asking throws. */
  firstAnswer<Reply>(ask: (signal: AbortSignal) => Promise<Reply>, signal?: AbortSignal): Promise<Reply>;
}

export function createAskingAgain(firstMs: number = firstAfterMs, nextMs: number = nextAfterMs): AskingAgain {
  let again = 0;
  return {
    async firstAnswer(ask, signal) {
      const over = new AbortController();
      const ended = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
      let second: AbortController | undefined;
      let clock: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve, reject) => {
          ask(ended).then(resolve, reject);
          const askAgain = () => {
            clock = setTimeout(askAgain, nextMs);
            // The one before got no answer either, and holds its place no longer.
            second?.abort();
            if (again >= atMost) return;
            again += 1;
            second = new AbortController();
            ask(AbortSignal.any([ended, second.signal]))
              // Of a failure the first one tells.
              .then(resolve, () => undefined)
              .finally(() => {
                again -= 1;
              });
          };
          clock = setTimeout(askAgain, firstMs);
        });
      } finally {
        clearTimeout(clock);
        // Only where somebody is still asked: an abort makes an error for each of a call's listeners, a twentieth of a search's time.
        if (second !== undefined) over.abort();
      }
    },
  };
}
