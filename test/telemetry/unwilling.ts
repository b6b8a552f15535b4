import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/cli.ts";
import type { Container } from "../support/lambda/container.ts";

/** What a collector may do in place of its work: refuse, be full, break off, never answer, answer when nobody waits any more. */
export const manners: readonly ((response: ServerResponse) => void)[] = [
  (response) => response.writeHead(503).end(),
  (response) => response.writeHead(429, { "retry-after": "1" }).end(),
  (response) => response.destroy(),
  () => {},
  (response) => {
    setTimeout(() => response.writeHead(200).end("{}"), 3_000).unref();
  },
];

/** A collector that does another of these at each request. */
export async function startUnwilling() {
  let heard = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.on("error", () => {});
    manners[heard++ % manners.length]?.(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get heard() {
      return heard;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Lets a process tell, when it gets SIGUSR2, how many bytes it holds once all that nobody holds is gone. */
export function weighing() {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-weighed-"));
  const file = join(folder, "weigh.mjs");
  writeFileSync(
    file,
    `import { setFlagsFromString } from "node:v8";
     import { runInNewContext } from "node:vm";
     setFlagsFromString("--expose-gc");
     const collect = runInNewContext("gc");
     process.on("SIGUSR2", () => {
       collect();
       const { heapUsed, external } = process.memoryUsage();
       process.stderr.write("held " + (heapUsed + external) + "\\n");
     });`,
  );
  return {
    environment: { NODE_OPTIONS: `--import=${file}` },
    /** @param ask a request: a frozen process hears signals once it goes on. */
    async bytes(container: Container, ask: () => Promise<unknown>): Promise<number> {
      const told = () => [...container.log().matchAll(/^held (\d+)$/gm)].map(([, bytes]) => Number(bytes));
      const before = told().length;
      process.kill(container.pid, "SIGUSR2");
      const after = await eventually(
        async () => {
          await ask();
          return told();
        },
        (all) => all.length > before,
      );
      return after.at(-1) ?? Number.NaN;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Asks so often and weighs, asks as often again and weighs: what was kept of each request of the second half, in bytes. */
export async function keptOfEach(
  container: Container,
  weigh: ReturnType<typeof weighing>,
  ask: () => Promise<{ readonly status: number }>,
  counts: { readonly before: number; readonly measured: number },
): Promise<number> {
  const some = async (count: number) => {
    for (let at = 0; at < count; at++) assert.equal((await ask()).status, 200);
    return await weigh.bytes(container, ask);
  };
  const early = await some(counts.before);
  const late = await some(counts.measured);
  return (late - early) / counts.measured;
}

/** What it wrote besides the weights: a function that answers well has nothing to say. */
export function linesBeside(container: Container): string[] {
  return container
    .log()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("held "));
}
