// `npm test`: the checks, then every test. Arguments are test files or folders: `npm test -- src/core`, or a folder of test/ by its name
// alone: `npm test -- cluster`.
import { existsSync, globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { buildPeers } from "../test/peers/build.ts";
import { check } from "./check.ts";
import { root, runNode } from "./run.ts";

const places = process.argv
  .slice(2)
  .map((place) => (!existsSync(place) && existsSync(join(root, "test", place)) ? `test/${place}` : place));

/**
 * Run by name, not with all the others: some twenty minutes of rollouts that want the machine for themselves (`npm test -- cluster`), the
 * rehearsal, which the pipeline runs as a job of its own (`npm test -- rehearsal`, or whole `npm run rehearse`), a small
 * language model that answers the questions on the project's own docs, some minutes too (`npm test -- test/answers/small-model-docs.test.ts`),
 * minutes of kills and outages (`npm test -- test/events/long.test.ts`), and 10,000 requests under collectors that do not do their part
 * (`npm test -- test/telemetry/long.test.ts`).
 */
const byNameAlone = new Set([
  ...["production", "migration", "trouble", "policies"].map((name) => join("test", "cluster", `${name}.test.ts`)),
  join("test", "rehearsal", "rehearsal.test.ts"),
  join("test", "answers", "small-model-docs.test.ts"),
  join("test", "events", "long.test.ts"),
  join("test", "telemetry", "long.test.ts"),
]);

function testFiles(): string[] {
  if (places.length === 0)
    return globSync(["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"], { cwd: root }).filter(
      (file) => !byNameAlone.has(file),
    );
  return places.flatMap((place) => (statSync(place).isDirectory() ? globSync(`${place}/**/*.test.ts`) : [place]));
}

// First and alone: test files run side by side, and each would build the same server. A few files build what they need.
if (places.length === 0) await buildPeers((line) => process.stdout.write(`peers: ${line}\n`));
const clean = places.length > 0 || (await check());
// The cluster and the rehearsal package into build/, as tests of the packages do, and want the machine for themselves: they come after them.
const comesLast = (file: string) => /(^|[\\/])test[\\/](cluster|rehearsal)[\\/]/.test(file);
const files = testFiles().sort();
const passes = [files.filter((file) => !comesLast(file)), files.filter(comesLast)];
// Most of the time a test file waits for a server or a child process, so one a core, and two at least, run side by side.
const concurrency = Math.max(2, availableParallelism());
let passed = 0;
for (const pass of passes.filter(({ length }) => length > 0)) {
  // Two clusters at once would starve each other.
  const atOnce = `--test-concurrency=${pass.every(comesLast) ? 1 : concurrency}`;
  const code = await runNode(["--disable-warning=ExperimentalWarning", "--test", atOnce, ...pass]);
  passed ||= code;
}
process.exitCode = clean ? passed : 1;
if (!clean) process.stderr.write("npm test: the checks above failed.\n");
