import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/** Answered when they end, and they end with the connection: nobody waits for them. */
const endless = "subscriptions/listen";

/**
 * Standard input and output, whose end is not heard before what was asked is answered: a script that pipes its questions in, and
 * closes the pipe with the last, gets every answer. (The SDK's own ends with its input and drops what is in hand.)
 *
 * @param ended is called once nothing more will be read or written.
 */
export function createStdio(ended: () => void): StdioServerTransport & { endAtOnce(): Promise<void> } {
  return new AnsweringTransport(ended);
}

class AnsweringTransport extends StdioServerTransport {
  readonly #inHand = new Set<unknown>();
  readonly #ended: () => void;
  #settled: (() => void) | undefined;
  #handler: StdioServerTransport["onmessage"];

  constructor(ended: () => void) {
    super();
    this.#ended = ended;
    // The field of the class above would hide accessors of this one.
    Object.defineProperty(this, "onmessage", {
      get: () => this.#handler && this.#read,
      set: (handler: StdioServerTransport["onmessage"]) => {
        this.#handler = handler;
      },
    });
  }

  readonly #read = (message: JSONRPCMessage): void => {
    if ("method" in message) {
      if ("id" in message && message.method !== endless) this.#inHand.add(message.id);
      if (message.method === "notifications/cancelled") this.#settle(message.params?.["requestId"]);
    }
    this.#handler?.(message);
  };

  #settle(id: unknown): void {
    this.#inHand.delete(id);
    if (this.#inHand.size === 0) this.#settled?.();
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message).finally(() => {
      if (!("method" in message)) this.#settle(message.id);
    });
  }

  /** Called by the class above at the end of the input, and when the output is gone. */
  override async close(): Promise<void> {
    if (this.#inHand.size > 0 && process.stdout.writable) {
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
      });
    }
    await this.endAtOnce();
  }

  /** For a signal: what is in hand is given up. */
  async endAtOnce(): Promise<void> {
    this.#settled?.();
    await super.close();
    this.#ended();
  }
}
