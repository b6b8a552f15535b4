import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { startIsthmus } from "./isthmus.ts";

const giveUpAfterMs = 600_000;

export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** `isthmus serve` on a free port, once it is ready. @throws Error with the end of its stderr when it ends before that. */
export async function startServed(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startIsthmus(["serve"], dataDir, { PORT: String(port), HOST: "127.0.0.1", ...environment });
  const exited = once(child, "exit");
  let complaints = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    complaints = (complaints + piece).slice(-2000);
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
  };
  const start = performance.now();
  while (!(await isReady(port))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() - start > giveUpAfterMs) {
      await stop();
      throw new Error(`isthmus serve was not ready:\n${complaints}`);
    }
    await wait(50);
  }
  return { url, stop };
}

export async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status === 200;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No free port was found.");
  return address.port;
}
