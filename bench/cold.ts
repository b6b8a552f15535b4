import { setTimeout as sleep } from "node:timers/promises";
import { ask, type Deployment, startDeployment } from "../test/support/lambda/deployment.ts";
import { startTcpProxy } from "../test/support/lambda/tcp-proxy.ts";
import type { Bench } from "./bench.ts";
import { judged, theirs } from "./cold-figures.ts";
import { measureStarts } from "./cold-starts.ts";
import { orLeftOut } from "./left-out.ts";
import type { Progress } from "./progress.ts";
import { coresNotes, needDeployment } from "./prototype-function.ts";
import { preparePython } from "./python-environment.ts";
import type { Report } from "./report.ts";
import { leftAtPace } from "./time-left.ts";

/** By the nearest rank the p99 of a hundred is the last but one: below that it is simply the slowest. */
const usualStarts = 100;
/** Longer than the connection is trusted without being asked. */
const frozenMs = 10_500;
const thaws = 3;

export const coldBench: Bench = {
  name: "cold",
  summary: "the packaged query function from process start to its first answer, against the same in Python",
  async run(options, progress, machine): Promise<Report> {
    await needDeployment(progress.tell);
    const notes: string[] = [];
    const python = options.python ? await orLeftOut(notes, theirs, () => preparePython(progress)) : undefined;
    progress.tell("packaging, starting Weaviate, ingesting docs/");
    const deployment = await startDeployment();
    try {
      const starts = options.rounds ?? usualStarts;
      const afterwards = { done: [frozenMs / 1000], total: thaws + 1 };
      const blocks = await measureStarts(starts, deployment, python, afterwards, progress);
      const thawed = await measureThaws(deployment, progress);
      return {
        bench: "cold",
        parameters: { starts, chunks: "docs/" },
        ...judged(blocks, thawed),
        notes: [
          "a start is a new process, its files in the page cache; the key comes through the stand-in of the secrets extension",
          ...coresNotes(machine),
          ...notes,
        ],
      };
    } finally {
      await deployment.stop();
    }
  },
};

/** Milliseconds of the first answer after the connection died without a word while the container was frozen. */
async function measureThaws(deployment: Deployment, progress: Progress): Promise<number[]> {
  const proxy = await startTcpProxy(deployment.weaviate.grpcUrl);
  try {
    const environment = { WEAVIATE_GRPC_URL: `http://127.0.0.1:${proxy.port}` };
    const container = await deployment.container({ environment });
    const samples: number[] = [];
    for (let thaw = 1; thaw <= thaws; thaw += 1) {
      const left = leftAtPace(frozenMs / 1000, 1, thaws - thaw + 2);
      progress.tell(`thaw ${thaw} of ${thaws}${left}`);
      await ask(container);
      proxy.dropSilently();
      await sleep(frozenMs);
      const begin = performance.now();
      const { status } = await ask(container);
      if (status !== 200) throw new Error(`After the thaw the answer was ${status}:\n${container.log()}`);
      samples.push(performance.now() - begin);
    }
    return samples;
  } finally {
    await proxy.close();
  }
}
