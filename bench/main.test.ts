import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const main = join(import.meta.dirname, "main.ts");
const results = join(import.meta.dirname, "results");

/** The benches as somebody starts them, with an empty cache and without what would be installed. */
async function bench(...words: string[]) {
  return await benchIn({}, ...words);
}

async function benchIn(environment: NodeJS.ProcessEnv, ...words: string[]) {
  const cache = await mkdtemp(join(tmpdir(), "isthmus-bench-cache-"));
  try {
    const child = spawn(execPath, [main, ...words, "--no-python", "--no-node", "--no-record"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ISTHMUS_CACHE_DIR: cache, ISTHMUS_BENCH_CORPUS: undefined, ...environment },
    });
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, stdout, stderr };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

interface Printed {
  readonly machine: { readonly cpu: string; readonly cores: number };
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly options: object;
  readonly figures: readonly { readonly subject: string; readonly measure: string; readonly median: number }[];
  readonly budgets: readonly { readonly what: string; readonly met: boolean }[];
}

function value(entry: Printed | undefined, subject: string, measure: string): number {
  const found = entry?.figures.find((figure) => figure.subject === subject && figure.measure === measure);
  return found?.median ?? assert.fail(`${subject}, ${measure} is not among the figures`);
}

test("two benches in one run: JSON on stdout, the text for people on stderr, nothing kept", async () => {
  const kept = await readdir(results);
  const { code, stdout, stderr } = await bench("embed", "store", "--documents", "40", "--rounds", "1", "--json");
  assert.equal(code, 0, stderr);
  const printed: Record<string, Printed> = JSON.parse(stdout);
  assert.deepEqual(Object.keys(printed), ["embed", "store"]);
  const { embed, store } = printed;
  const documents = value(embed, "isthmus", "documents");
  const tokens = value(embed, "isthmus", "tokens") / documents;
  assert.ok(Math.abs(tokens - Number(embed?.parameters["mean tokens"])) < 0.1, `${tokens} tokens a document`);
  // In units of anything else but milliseconds a document it would be a thousand times more or less.
  const coresUsed = (value(embed, "isthmus", "CPU time") / 1000) * documents;
  assert.ok(coresUsed > 0.02 && coresUsed < 1.5 * (embed?.machine.cores ?? 0), `${coresUsed} cores`);
  // Of so few vectors all are compared exactly.
  assert.equal(value(store, "vector search", "recall@10 against exact"), 1);
  // At least the vector, 384 float32; at most a few pages of an almost empty file for each.
  const bytes = value(store, "on disk", "size");
  assert.ok(bytes > 384 * 4 && bytes < 100_000, `${bytes} bytes a chunk`);
  assert.deepEqual(
    store?.budgets.map(({ what }) => what),
    ["vector search, p50", "vector search, p99", "vector search, recall@10"],
  );
  assert.deepEqual(embed?.options, {
    bench: "embed",
    rounds: 1,
    documents: 40,
    cores: 2,
    python: false,
    node: false,
  });
  assert.equal(embed?.machine.cpu, cpus()[0]?.model.trim());
  assert.match(stderr, /^== embed: texts 40/m);
  assert.match(stderr, /AVX2 (yes|no|unknown), avx512_vnni (yes|no|unknown)/);
  assert.match(stderr, /^other work before the start: (\d+ % of the cores|unknown)$/m);
  assert.match(stderr, /: npm run bench -- embed --rounds 1 --documents 40 --cores 2 --no-python --no-node$/m);
  assert.match(stderr, /^1 of 2, embed: .*\n/m);
  assert.deepEqual(await readdir(results), kept);
});

test("a bench that fails is told, the next one runs, and the exit code is 1", async () => {
  const { code, stdout, stderr } = await bench(
    "embed",
    "eval",
    import.meta.dirname,
    "--documents",
    "4",
    "--rounds",
    "1",
  );
  assert.equal(code, 1);
  assert.match(stderr, /^eval failed: /m);
  assert.match(stdout, /^== embed: texts 4/m);
});

test("what a machine lacks is told in plain words, with how to get it and without a stack", async () => {
  const nowhere = join(import.meta.dirname, "no such folder");
  const machine = { ISTHMUS_PEERS_DIR: nowhere, PATH: nowhere, CI: undefined };
  const { code, stderr } = await benchIn(machine, "growth", "--store", "weaviate", "--documents", "10");
  assert.equal(code, 1);
  assert.match(stderr, /^growth failed: weaviate\S* \S+ is missing: install Go .*\n\n$/m);
  assert.doesNotMatch(stderr, /^ +at /m);
});

test("a word that is no bench is told with the usage, and nothing runs", async () => {
  const { code, stdout, stderr } = await bench("ingset");
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /There is no bench "ingset"/);
  assert.match(stderr, /Usage: npm run bench/);
});

test("--help lists every bench with its usual minutes, and every option", async () => {
  const { code, stdout } = await bench("--help");
  assert.match(stdout, /^ {2}memory +13\+17 min /m);
  assert.equal(code, 0);
  for (const word of ["embed", "store", "ingest", "cold", "query", "memory", "--rounds", "--no-node", "--json"]) {
    assert.ok(stdout.includes(word), word);
  }
});
