import { type ContainerSettings, startContainer } from "../test/support/lambda/container.ts";
import { ask, type Deployment } from "../test/support/lambda/deployment.ts";
import { type Block, type Start, theirs } from "./cold-figures.ts";
import type { Progress } from "./progress.ts";
import { prototypeSettings } from "./prototype-function.ts";
import { leftInWords, type Work } from "./time-left.ts";

/** Our starts before each start of theirs, which takes seconds: a block, whose median theirs is divided by. */
const block = 10;

/**
 * Starts ours and theirs in turn, ten to one.
 *
 * @param python the interpreter of their side, where it takes part.
 * @param afterwards what the bench does next, for the time that is left.
 */
export async function measureStarts(
  starts: number,
  deployment: Deployment,
  python: string | undefined,
  afterwards: Work,
  progress: Progress,
): Promise<Block[]> {
  const blocks: Block[] = [];
  const inAll = Math.ceil(starts / block);
  const secondsOf = (some: readonly Start[]) => some.map(({ answered }) => answered / 1000);
  while (blocks.length < inAll) {
    const before = blocks.length * block;
    const mine: Start[] = [];
    const other = blocks.flatMap((each) => each.other ?? []);
    while (mine.length < Math.min(block, starts - before)) {
      const left = leftInWords([
        { done: secondsOf([...blocks.flatMap((each) => each.mine), ...mine]), total: starts },
        { done: secondsOf(other), total: python === undefined ? 0 : inAll },
        afterwards,
      ]);
      progress.tell(`start ${before + mine.length + 1} of ${starts}${left}`);
      mine.push(await start({ folder: deployment.packaged.folder, environment: deployment.environment }));
    }
    if (python !== undefined) progress.tell(`start ${blocks.length + 1} of ${inAll}: ${theirs}`);
    blocks.push({ mine, other: python === undefined ? undefined : await start(prototypeSettings(python, deployment)) });
  }
  return blocks;
}

/** One new container, INIT and the first query. */
async function start(settings: ContainerSettings): Promise<Start> {
  const begin = performance.now();
  const container = await startContainer(settings);
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
