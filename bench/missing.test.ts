import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const main = join(import.meta.dirname, "main.ts");

/** The benches on a machine that has Node and nothing else: no Python, no npm, no Go, nothing in the cache. */
async function bareBench(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const cache = await mkdtemp(join(tmpdir(), "isthmus-bench-cache-"));
  try {
    const child = spawn(execPath, [main, ...words, "--rounds", "1", "--no-record"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        // In CI a missing peer is a failure of the tests; here it is what is tested.
        CI: undefined,
        PATH: "",
        ISTHMUS_CACHE_DIR: cache,
        ISTHMUS_PEERS_DIR: join(cache, "peers"),
        ISTHMUS_PYTHON: undefined,
        ISTHMUS_BENCH_PYTHON: undefined,
        ISTHMUS_BENCH_CORPUS: undefined,
        ...environment,
      },
    });
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, stdout, stderr, cached: await readdir(cache) };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

test("without Python and npm, embed measures ours, and notes say what is left out and how to get it", async () => {
  const { code, stdout, stderr } = await bareBench(["embed", "--documents", "4"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}isthmus +documents +[\d.,]+ +documents\/s/m);
  for (const name of ["sentence-transformers, torch", "sentence-transformers, ONNX int8", "OpenVINO"]) {
    assert.match(stdout, new RegExp(`^note: ${name}: left out\\. .*Python 3\\.11 or newer`, "m"));
  }
  assert.match(stdout, /^note: @huggingface\/transformers, int8: left out\. npm does not run.*--no-node/m);
});

test("without Python, store measures ours, and a note says how to get LanceDB", async () => {
  const nowhere = join(tmpdir(), "no-python-here");
  const { code, stdout, stderr } = await bareBench(["store", "--documents", "40"], { ISTHMUS_PYTHON: nowhere });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}vector search +recall@10 against exact +1$/m);
  assert.match(stdout, /^note: LanceDB: left out\. \S*no-python-here does not run/m);
});

for (const words of [["cold"], ["query"], ["rerun", "--store", "weaviate"], ["memory", "--store", "weaviate"]]) {
  test(`without Weaviate and Go, ${words.join(" ")} says at once how to get them, and makes nothing`, async () => {
    const { code, stdout, stderr, cached } = await bareBench(words);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    const reason = platform() === "linux" || words.includes("weaviate") ? /weaviate-server .*install Go/ : /for Linux/;
    assert.match(stderr, reason);
    assert.doesNotMatch(stderr, /embedding|packaging|writing|starting/);
    assert.deepEqual(cached, []);
  });
}

test("without Weaviate and Python, ingest measures what is at hand", async () => {
  const { code, stdout, stderr } = await bareBench(["ingest", "--documents", "20"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}isthmus into SQLite, separate files +documents +[\d.,]+ +documents\/s/m);
  assert.match(stdout, /^note: Weaviate: left out\. .*install Go/m);
  assert.match(stdout, /^note: Python, one encode a line, batches of 100: left out\. .*Python 3\.11 or newer/m);
});
