// `npm test`: the checks, then every test. Arguments are test files or folders: `npm test -- src/core`.
import { globSync, statSync } from "node:fs";
import { buildPeers } from "../test/peers/build.ts";
import { check } from "./check.ts";
import { root, runNode } from "./run.ts";

const places = process.argv.slice(2);

function testFiles(): string[] {
  if (places.length === 0)
    return globSync(["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"], { cwd: root });
  return places.flatMap((place) => (statSync(place).isDirectory() ? globSync(`${place}/**/*.test.ts`) : [place]));
}

// First and alone: test files run side by side, and each would build the same server.
await buildPeers((line) => process.stdout.write(`peers: ${line}\n`));
const clean = places.length > 0 || (await check());
// The rehearsal packages into build/, as tests of the packages do: it comes after them.
const isRehearsal = (file: string) => /(^|[\\/])test[\\/]rehearsal[\\/]/.test(file);
const files = testFiles().sort();
const passes = [files.filter((file) => !isRehearsal(file)), files.filter(isRehearsal)].filter(
  ({ length }) => length > 0,
);
let passed = 0;
for (const pass of passes) passed ||= await runNode(["--disable-warning=ExperimentalWarning", "--test", ...pass]);
process.exitCode = clean ? passed : 1;
if (!clean) process.stderr.write("npm test: the checks above failed.\n");
