import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openTestSet } from "../../eval/test-set.ts";
import { IsthmusError } from "../../src/core/errors.ts";

let scratch = "";
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), "isthmus-test-set-"));
});
after(() => rm(scratch, { recursive: true, force: true }));

const good = {
  "corpus.jsonl": '{"_id":"d1","text":"one"}\n{"_id":"d2","text":"two"}\n',
  "queries.jsonl": '{"_id":"q1","text":"which?"}\n',
  "qrels/test.tsv": "q1\td1\t1\n",
};

/** The key of a set called `tiny`, its files changed as told. */
async function keyOf(changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = join(await mkdtemp(join(scratch, "set-")), "tiny");
  await mkdir(join(folder, "qrels"), { recursive: true });
  for (const [name, content] of Object.entries({ ...good, ...changes })) await writeFile(join(folder, name), content);
  return (await openTestSet(folder)).key;
}

test("a set goes by its name and a digest, wherever it lies", async () => {
  const key = await keyOf();
  assert.match(key, /^tiny@[0-9a-f]{12}$/);
  assert.equal(await keyOf(), key);
});

for (const name of Object.keys(good) as (keyof typeof good)[]) {
  test(`another ${name} under the same name is another set`, async () => {
    assert.notEqual(await keyOf({ [name]: good[name].replace("1", "7") }), await keyOf());
  });
}

test("a line that moves from one file to the next is another set", async () => {
  const moved = { "corpus.jsonl": `${good["corpus.jsonl"]}${good["queries.jsonl"]}`, "queries.jsonl": "" };
  assert.notEqual(await keyOf(moved), await keyOf());
});

test("line ends and other files in the folder make no other set", async () => {
  const windows = Object.fromEntries(Object.entries(good).map(([name, text]) => [name, text.replaceAll("\n", "\r\n")]));
  assert.equal(await keyOf({ ...windows, "README.md": "About this set." }), await keyOf());
});

test("a folder that is not there, and one that is no set, are told with the next step", async () => {
  const fails = (words: RegExp) => (error: unknown) =>
    error instanceof IsthmusError && error.code === "source_not_found" && words.test(error.message);
  const absent = join(scratch, "absent");
  await assert.rejects(
    openTestSet(absent),
    fails(/There is no folder .*absent\. Name one in BEIR layout, with corpus/),
  );
  await mkdir(join(scratch, "empty"));
  await assert.rejects(openTestSet(join(scratch, "empty")), fails(/There is no file .*corpus\.jsonl/));
});
