import { resolve } from "node:path";
import { root } from "../run.ts";
import type { Tools } from "./tools.ts";

/** The commit that is checked out, where none was named. */
export async function commitOf(named: string, tools: Tools, repository = root): Promise<string> {
  if (named !== "") return named;
  return (await tools.ask("git", ["rev-parse", "HEAD"], { folder: resolve(root, repository) })).stdout.trim();
}

/** Whether the repository knows the first commit and it lies behind the second, or is the same. */
export async function isAncestor(earlier: string, later: string, repository: string, tools: Tools): Promise<boolean> {
  const folder = resolve(root, repository);
  // 1: it is not; 128: there is no such commit, as after a rewritten history.
  const expected = [0, 1, 128];
  const { code } = await tools.ask("git", ["merge-base", "--is-ancestor", earlier, later], { folder, expected });
  return code === 0;
}
