import { readDeployed } from "./deployed.ts";
import { type FunctionPlace, liveVersion, moveAlias, versionBefore } from "./query-function.ts";
import type { Tools } from "./tools.ts";

/**
 * @param to a version, or "" for the one that last passed the smoke test; where that is live already, for the one before.
 * @throws where there is no such version.
 */
export async function rollBackFunction(place: FunctionPlace, bucket: string, to: string, tools: Tools) {
  const from = await liveVersion(place, tools);
  const passed = to === "" ? (await readDeployed(bucket, tools))?.function_version : to;
  const version = passed === undefined || passed === from ? await versionBefore(place, from, tools) : passed;
  await moveAlias(place, version, tools);
  return { from, to: version };
}

/**
 * After a smoke test that failed: takes the tested version back, unless it is the one that passed before, so that something else
 * must be wrong, or another deployment has replaced it meanwhile.
 *
 * @returns what became of the function, as the end of a sentence.
 */
export async function takeBack(place: FunctionPlace, bucket: string, tested: string, tools: Tools): Promise<string> {
  try {
    const live = await liveVersion(place, tools);
    if (live !== tested) return `stays at version ${live}, which was deployed during the test`;
    if ((await readDeployed(bucket, tools))?.function_version === tested)
      return `stays at version ${tested}, which passed before: look at what else was deployed`;
    const { from, to } = await rollBackFunction(place, bucket, "", tools);
    return `was rolled back from ${from} to ${to}`;
  } catch (error) {
    return `could not be rolled back: ${error instanceof Error ? error.message : error}`;
  }
}
