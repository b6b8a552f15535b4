import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { goBinary } from "../peers/binaries.ts";
import { goPrograms } from "../peers/programs.ts";
import { track } from "../support/cli.ts";

/** Has Prometheus' own tool read what `/metrics` shows: its form, and the conventions for names. Nothing where there is no promtool. */
export async function assertExposition(text: string): Promise<void> {
  const { path } = await goBinary(goPrograms.promtool);
  if (path === undefined) return;
  const child = spawn(path, ["check", "metrics"]);
  const { ended } = track(child);
  child.stdin.end(text);
  const { code, stdout, stderr } = await ended;
  assert.deepEqual([code, stdout, stderr], [0, "", ""], text);
}
