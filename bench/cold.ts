import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ContainerSettings, startContainer } from "../test/support/lambda/container.ts";
import { ask, type Deployment, startDeployment } from "../test/support/lambda/deployment.ts";
import { startTcpProxy } from "../test/support/lambda/tcp-proxy.ts";
import type { Bench } from "./bench.ts";
import type { Progress } from "./progress.ts";
import { preparePython } from "./python-environment.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { percentile, spread } from "./statistics.ts";
import { leftInWords } from "./time-left.ts";

const ours = "the query function";
const theirs = "Python, sentence-transformers";
const pythonProgram = join(import.meta.dirname, "python", "query_function.py");
/** Our starts for each start of theirs: theirs take seconds, and two do not differ much. */
const oursForOne = 6;
/** Longer than the connection is trusted without being asked. */
const frozenMs = 10_500;
const thaws = 3;

interface Start {
  readonly init: number;
  readonly answered: number;
}

export const coldBench: Bench = {
  name: "cold",
  summary: "the packaged query function from process start to its first answer, against the same in Python",
  async run(options, progress): Promise<Report> {
    const python = options.python ? await preparePython(progress) : undefined;
    progress.tell("packaging, starting Weaviate, ingesting docs/");
    const deployment = await startDeployment();
    try {
      const rounds = options.rounds ?? 36;
      const mine: Start[] = [];
      const other: Start[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const left = leftInWords([
          { done: mine.map(({ answered }) => answered / 1000), total: rounds },
          {
            done: other.map(({ answered }) => answered / 1000),
            total: python === undefined ? 0 : Math.floor(rounds / oursForOne),
          },
        ]);
        progress.tell(`start ${round} of ${rounds}${left}`);
        mine.push(await start({ folder: deployment.packaged.folder, environment: deployment.environment }));
        if (python !== undefined && round % oursForOne === 0) {
          progress.tell(`start ${round} of ${rounds}: ${theirs}`);
          other.push(await start(pythonSettings(python, deployment)));
        }
      }
      const thawed = await measureThaws(deployment, progress);
      const answers = mine.map(({ answered }) => answered);
      const figures: Figure[] = [
        figure(
          ours,
          "INIT",
          mine.map(({ init }) => init),
        ),
        figure(ours, "to the first answer, p50", [percentile(answers, 50)]),
        figure(ours, "to the first answer, p99", [percentile(answers, 99)]),
        figure(ours, "to the first answer", answers),
        figure(ours, "answer after a thaw with a dead connection", thawed),
      ];
      const budgets: Budget[] = [
        budget("cold start to the first answer, p50", "at most", 400, "ms", percentile(answers, 50)),
        budget("cold start to the first answer, p99", "at most", 700, "ms", percentile(answers, 99)),
        budget("answer after a thaw with a dead connection", "at most", 1000, "ms", Math.max(...thawed)),
      ];
      if (other.length > 0) {
        const slow = other.map(({ answered }) => answered);
        const faster = spread(slow).median / spread(answers).median;
        figures.push(figure(theirs, "to the first answer", slow));
        figures.push({ subject: `${theirs} / ${ours}`, measure: "to the first answer", unit: "x", samples: [faster] });
        budgets.push(budget("cold start, faster than Python", "at least", 10, "x", faster));
      }
      return {
        bench: "cold",
        parameters: { starts: rounds, chunks: "docs/" },
        figures,
        budgets,
        notes: [
          "a start is a new process, its files in the page cache; the key comes through the stand-in of the secrets extension",
        ],
      };
    } finally {
      await deployment.stop();
    }
  },
};

/** One new container, INIT and the first query. */
async function start(settings: ContainerSettings): Promise<Start> {
  const begin = performance.now();
  // Python does not finish its INIT within ten seconds everywhere; it is given the time here, in its favour.
  const container = await startContainer({ ...settings, initMs: 120_000, timeoutMs: 120_000 });
  try {
    const { status } = await ask(container);
    if (status !== 200) throw new Error(`The first answer was ${status}:\n${container.log()}`);
    return { init: container.initTookMs, answered: performance.now() - begin };
  } catch (error) {
    throw new Error(`A container failed:\n${container.log()}`, { cause: error });
  } finally {
    await container.stop();
  }
}

function pythonSettings(python: string, { packaged, weaviate }: Deployment): ContainerSettings {
  return {
    folder: packaged.folder,
    command: [python, pythonProgram],
    environment: {
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_API_KEY: weaviate.keys.reader,
      HOME: packaged.folder,
      PYTHONDONTWRITEBYTECODE: "1",
    },
  };
}

/** Milliseconds of the first answer after the connection died without a word while the container was frozen. */
async function measureThaws(deployment: Deployment, progress: Progress): Promise<number[]> {
  const proxy = await startTcpProxy(deployment.weaviate.grpcUrl);
  try {
    const environment = { WEAVIATE_GRPC_URL: `http://127.0.0.1:${proxy.port}` };
    const container = await deployment.container({ environment });
    const samples: number[] = [];
    for (let thaw = 1; thaw <= thaws; thaw += 1) {
      progress.tell(`thaw ${thaw} of ${thaws}`);
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

function figure(subject: string, measure: string, samples: readonly number[]): Figure {
  return { subject, measure, unit: "ms", samples };
}

function budget(what: string, bound: Budget["bound"], limit: number, unit: string, measured: number): Budget {
  return { what, bound, limit, unit, measured };
}
