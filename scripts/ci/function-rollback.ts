import { moveStage } from "./api-deployment.ts";
import { type Deployed, readDeployed } from "./deployed.ts";
import {
  type FunctionName,
  type FunctionPlace,
  functionNames,
  liveVersions,
  moveAlias,
  type Versions,
  versionBefore,
} from "./query-function.ts";
import type { Tools } from "./tools.ts";

export type Moves = Readonly<Record<FunctionName, { readonly from: string; readonly to: string }>> & {
  /** The snapshots of the API with its page; without `to` where none of these versions is known. */
  readonly page: { readonly from: string; readonly to?: string };
};

/** What a record of the pipeline says of each function; one that is older than the function `answer` says nothing of it. */
const passedOf = ({ function_version: query, answer_version: answer }: Partial<Deployed> = {}): Partial<Versions> => ({
  ...(query !== undefined && { query }),
  ...(answer !== undefined && { answer }),
});

/**
 * Each function goes to the version that last passed the smoke test; where all of these are live already, to the one before. A function
 * that has no other version stays. The page, and what else the gateway answers by itself, goes with them.
 *
 * @param named versions to go to; what is not named stays. Empty: as above.
 * @throws where nothing can go back.
 */
export async function rollBackFunctions(
  place: FunctionPlace,
  bucket: string,
  named: Partial<Versions>,
  tools: Tools,
): Promise<Moves> {
  const live = await liveVersions(place, tools);
  const to: Versions =
    Object.keys(named).length > 0 ? { ...live, ...named } : await versionsToGoTo(place, bucket, live, tools);
  const moved = functionNames.filter((name) => live[name] !== to[name]);
  if (moved.length === 0) throw new Error(`${versionsText(live)} are live already, and nothing is before them`);
  const failed: string[] = [];
  for (const name of moved) {
    await moveAlias(place, name, to[name], tools).catch((error: Error) => {
      failed.push(`${name} did not go to ${to[name]}: ${error.message}`);
    });
  }
  if (failed.length > 0) throw new Error(failed.join("; "));
  const page = await moveStage(place, to, tools).catch((error: Error) => {
    throw new Error(`${versionsText(to)} are live, but the console's page did not go with them: ${error.message}`);
  });
  return { query: { from: live.query, to: to.query }, answer: { from: live.answer, to: to.answer }, page };
}

async function versionsToGoTo(place: FunctionPlace, bucket: string, live: Versions, tools: Tools): Promise<Versions> {
  const passed = passedOf(await readDeployed(bucket, tools));
  const allPassed = functionNames.every((name) => (passed[name] ?? live[name]) === live[name]);
  const chosen = async (name: FunctionName) => {
    const known = allPassed ? undefined : passed[name];
    return known ?? (await versionBefore(place, name, live[name], tools)) ?? live[name];
  };
  return { query: await chosen("query"), answer: await chosen("answer") };
}

/**
 * After a smoke test that failed: takes the tested versions back, unless they are those that passed before, so that something else
 * must be wrong, or another deployment has replaced them meanwhile.
 *
 * @returns what became of the functions, as the end of a sentence.
 */
export async function takeBack(place: FunctionPlace, bucket: string, tested: Versions, tools: Tools): Promise<string> {
  try {
    const live = await liveVersions(place, tools);
    if (functionNames.some((name) => live[name] !== tested[name]))
      return `stay at ${versionsText(live)}, which were deployed during the test`;
    const passed = passedOf(await readDeployed(bucket, tools));
    if (functionNames.every((name) => passed[name] === tested[name]))
      return `stay at ${versionsText(tested)}, which passed before: look at what else was deployed`;
    return `were rolled back: ${movesText(await rollBackFunctions(place, bucket, {}, tools))}`;
  } catch (error) {
    return `could not be rolled back: ${error instanceof Error ? error.message : error}`;
  }
}

export function versionsText(versions: Versions): string {
  return functionNames.map((name) => `${name} ${versions[name]}`).join(" and ");
}

export function movesText(moves: Moves): string {
  const { from: page, to } = moves.page;
  return [
    ...functionNames
      .map((name) => ({ name, ...moves[name] }))
      .map(({ name, from, to }) => (from === to ? `${name} stays at ${to}` : `${name} from ${from} to ${to}`)),
    to === undefined ? "the page stays: none is known of these versions" : "",
    to === undefined || to === page ? "" : "the page with them",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
