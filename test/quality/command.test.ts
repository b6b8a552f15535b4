import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { openStores } from "../../eval/stores.ts";
import { IsthmusError } from "../../src/core/errors.ts";

const main = join(import.meta.dirname, "..", "..", "eval", "main.ts");
let empty = "";
before(async () => {
  empty = await mkdtemp(join(tmpdir(), "isthmus-no-peers-"));
});
after(() => rm(empty, { recursive: true, force: true }));

/** No Weaviate is cached, and there is no Go that could build one. */
const withoutPeers = (ci: "true" | undefined) => ({ ISTHMUS_PEERS_DIR: empty, PATH: empty, CI: ci });

/** The gate as somebody starts it. */
async function evaluate(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, ...environment },
  });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

for (const [words, message] of [
  [["--updat"], /^Unknown option '--updat'/],
  [["--store", "lance"], /^--store is "lance"; it is sqlite, weaviate or both\.$/m],
  [["--store"], /^Option '--store <value>' argument missing/],
] as const) {
  test(`${words.join(" ")} is told with the usage, and nothing runs`, async () => {
    const { code, stdout, stderr } = await evaluate(words);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.match(stderr, /^Usage: npm run eval -- [\s\S]*^Example: /m);
    assert.doesNotMatch(stderr, /^ +at /m);
  });
}

test("a folder that is not there ends it before anything is measured, without a stack", async () => {
  const { code, stdout, stderr } = await evaluate(["no/such/set", "--json"]);
  assert.equal(code, 1);
  assert.match(stderr, /^There is no folder .*no.such.set\. Name one in BEIR layout, with corpus\.jsonl/);
  assert.doesNotMatch(stderr, /^ +at /m);
  assert.equal(JSON.parse(stdout).error.code, "source_not_found");
});

test("--help says what there is", async () => {
  const { code, stdout } = await evaluate(["--help"]);
  assert.equal(code, 0);
  for (const word of ["--store", "--update", "--json", "Example:"]) assert.ok(stdout.includes(word), word);
});

test("without a Weaviate, wanting it alone is told and fails, and so is wanting both in CI", async () => {
  for (const [store, ci] of [
    ["weaviate", undefined],
    ["weaviate", "true"],
    ["both", "true"],
  ] as const) {
    const { code, stderr } = await evaluate(["--store", store], withoutPeers(ci));
    assert.equal(code, 1, `${store}, CI ${ci}`);
    assert.match(stderr, /There is no Weaviate to measure on: weaviate-server .* is missing: install Go/);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
});

test("without a Weaviate, wanting both measures the embedded store and says what is missing", async () => {
  const told: string[] = [];
  const { stores, missing, close } = await here(withoutPeers(undefined), () =>
    openStores(["sqlite", "weaviate"], empty, (line) => told.push(line)),
  );
  await close();
  assert.deepEqual([stores.map(({ name }) => name), missing], [["sqlite"], ["weaviate"]]);
  assert.match(told.join("\n"), /weaviate-server .* is missing/);
  await here(withoutPeers("true"), () =>
    assert.rejects(
      openStores(["sqlite", "weaviate"], empty, () => {}),
      (error) => error instanceof IsthmusError && error.code === "store_unavailable",
    ),
  );
});

/** Runs `body` in this process with another environment. */
async function here<Result>(environment: NodeJS.ProcessEnv, body: () => Promise<Result>): Promise<Result> {
  const names = Object.keys(environment);
  const kept = names.map((name) => env[name]);
  for (const name of names) set(name, environment[name]);
  try {
    return await body();
  } finally {
    for (const [index, name] of names.entries()) set(name, kept[index]);
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete env[name];
  else env[name] = value;
}
