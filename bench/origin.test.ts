import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { parseCommandLine } from "./options.ts";
import { askedOptions, commandLine, recordedPath, revision, withRecordedPaths } from "./origin.ts";

const run = () => Promise.reject(new Error("not to be run"));
const known = [
  { name: "embed", summary: "", minutes: 5, run },
  { name: "memory", summary: "", minutes: 13, minutesOnWeaviate: 20, run },
  { name: "growth", summary: "", minutes: 9, run },
  { name: "first-run", summary: "", minutes: 1, paths: "taken" as const, run },
];
const repeat = (...words: string[]) =>
  parseCommandLine(words, known, {}).runs.map((each) => commandLine(askedOptions(each)));

test("a report says the command that measures it again, with what was left to the bench left out", () => {
  assert.deepEqual(repeat("embed"), ["npm run bench -- embed --cores 2"]);
  assert.deepEqual(repeat("embed", "--rounds", "2", "--documents", "50", "--no-python", "--cores", "4"), [
    "npm run bench -- embed --rounds 2 --documents 50 --cores 4 --no-python",
  ]);
  assert.deepEqual(repeat("growth", "--store", "weaviate"), ["npm run bench -- growth --cores 2 --store weaviate"]);
  assert.deepEqual(repeat("growth"), ["npm run bench -- growth --cores 2"]);
  assert.deepEqual(repeat("all"), [
    "npm run bench -- embed --cores 2",
    "npm run bench -- memory --cores 2 --store sqlite",
    "npm run bench -- memory --cores 2 --store weaviate",
    "npm run bench -- growth --cores 2",
    "npm run bench -- first-run --cores 2",
  ]);
});

test("a path of this machine is kept by its last two parts, a relative one as it was given", () => {
  assert.equal(recordedPath(resolve("some", "where", "cranfield", "corpus.jsonl")), "cranfield/corpus.jsonl");
  assert.equal(recordedPath("../data/corpus.jsonl"), "../data/corpus.jsonl");
  const [command] = repeat("first-run", import.meta.dirname, "--corpus", resolve("a", "b", "c.jsonl"));
  assert.match(command ?? "", /^npm run bench -- first-run [^/\\]+\/bench --cores 2 --corpus b\/c\.jsonl$/);
});

test("nor do a report's parameters tell it", () => {
  const corpus = resolve("a", "b", "c.jsonl");
  const [first] = parseCommandLine(["first-run", import.meta.dirname, "--corpus", corpus], known, {}).runs;
  assert.ok(first !== undefined);
  const parameters = { corpus, documents: import.meta.dirname, cores: 2 };
  const { corpus: named, documents, cores } = withRecordedPaths(parameters, first.options);
  assert.deepEqual([named, documents, cores], ["b/c.jsonl", recordedPath(import.meta.dirname), 2]);
});

test("the commit is that of the clone; a run's own results and plots do not make it dirty, code does", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-origin-"));
  const git = (...words: string[]) => {
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...identity, ...words], { cwd: folder, encoding: "utf8" }).trim();
  };
  const none = { commit: undefined, dirty: undefined };
  try {
    assert.deepEqual(await revision(folder), none);
    git("init", "--quiet");
    await mkdir(join(folder, "bench", "results"), { recursive: true });
    await mkdir(join(folder, "docs"));
    const [code, result, plot] = ["code.ts", "bench/results/day.json", "docs/growth.svg"];
    for (const file of [code, result, plot]) await writeFile(join(folder, file), "1\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "first");
    const commit = git("rev-parse", "HEAD");
    assert.deepEqual(await revision(folder), { commit, dirty: false });
    for (const file of [result, plot, "untracked"]) await appendFile(join(folder, file), "2\n");
    assert.deepEqual(await revision(folder), { commit, dirty: false });
    await appendFile(join(folder, code), "2\n");
    assert.deepEqual(await revision(folder), { commit, dirty: true });
    // A package inside somebody's clone is not what they committed.
    assert.deepEqual(await revision(join(folder, "docs")), none);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
