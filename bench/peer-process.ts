import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program that is measured in a process of its own: one request a line on its stdin, one answer a line on its stdout. */
export interface PeerProcess {
  /** What it said when it was ready. */
  readonly hello: unknown;
  ask(request: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Ends its input, which ends it, and waits for that. */
  close(): Promise<void>;
}

/** Starts the program and waits for its first line. Its stderr is ours. @throws Error when it ends before it answers. */
export async function startPeerProcess(
  name: string,
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<PeerProcess> {
  const child = spawn(command, parameters, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const exited = new Promise<string>((resolve) => {
    child.once("exit", () => resolve("ended; its message stands above"));
    child.once("error", ({ message }) => resolve(`could not be started: ${message}`));
  });
  // Who writes to a program that has ended learns of it by the answer that does not come.
  child.stdin.on("error", () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function next(): Promise<unknown> {
    const answer = await answers.next();
    if (answer.done === true) throw new Error(`${name} ${await exited}.`);
    return JSON.parse(answer.value);
  }
  const hello = await next();
  return {
    hello,
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return await next();
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
