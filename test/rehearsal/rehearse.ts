import type { Finished } from "../pipeline/edge/edge.ts";
import { type Act, type Rehearsal, saidBy } from "./report.ts";
import { commit, type Scene, scenes, secretPart } from "./scenes.ts";
import { openStage, type Stage } from "./stage.ts";

export interface RehearsalSettings {
  /** Once aborted, no further step. */
  readonly signal?: AbortSignal;
  /** Without the steps that take long. */
  readonly short?: boolean;
}

/** Goes through the whole pipeline on this machine, and through four of its failures. */
export async function rehearse(
  tell: (line: string) => void,
  { signal, short = false }: RehearsalSettings = {},
): Promise<Rehearsal> {
  const stage = await openStage(tell);
  const acts: Act[] = [];
  try {
    const all = scenes(stage).filter(({ long }) => !(short && long === true));
    for (const scene of all) {
      if (signal?.aborted === true) break;
      tell(scene.name);
      const startedAt = performance.now();
      const outcome = await play(stage, scene);
      const called = typeof scene.step === "string" ? `npm run ci -- ${scene.step}` : scene.step.program;
      const command = [called, ...scene.args].join(" ");
      const seconds = (performance.now() - startedAt) / 1000;
      acts.push({ name: scene.name, command, real: scene.real, ...outcome, seconds });
      if (!outcome.passed) break;
    }
    const stoodIn: Record<string, number> = {};
    for (const { program } of stage.edge.calls()) stoodIn[program] = (stoodIn[program] ?? 0) + 1;
    return { acts, notReached: all.slice(acts.length).map(({ name }) => name), stoodIn, pods: await stage.pods() };
  } finally {
    await stage.stop();
  }
}

async function play(stage: Stage, scene: Scene): Promise<Pick<Act, "outcome" | "passed">> {
  try {
    await scene.before?.();
    const environment = { ...stage.environment, CIRCLE_SHA1: commit, ...scene.environment };
    const { step, args } = scene;
    const ended: Finished = await (typeof step === "string"
      ? stage.edge.step(step, args, environment)
      : stage.edge.run(step.program, args, environment));
    const output = `${ended.stdout}${ended.stderr}`;
    if (output.includes(secretPart)) return { passed: false, outcome: "it prints a secret" };
    if (ended.code !== (scene.code ?? 0) || !scene.says.test(output))
      return {
        passed: false,
        outcome: `${output}\nexit code ${ended.code}, expected ${scene.code ?? 0} and ${scene.says}`,
      };
    await scene.after?.();
    return { passed: true, outcome: saidBy(output, scene.says) };
  } catch (error) {
    return { passed: false, outcome: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
