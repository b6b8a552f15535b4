import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { createDesk } from "../support/cli.ts";

const cases = join(import.meta.dirname, "../cases");
const desk = createDesk();
let folder = "";

/** The files that `isthmus query` finds, by name. */
async function found(...where: readonly string[]): Promise<string[]> {
  const conditions = where.flatMap((condition) => ["--where", condition]);
  const answer = await desk.run("query", "zebra", "--mode", "keyword", "--k", "50", "--json", ...conditions);
  assert.equal(answer.code, 0, answer.stderr);
  const { results } = answer.json<{ results: { source: { uri: string } }[] }>();
  return results.map(({ source }) => source.uri.slice(source.uri.lastIndexOf("/") + 1)).sort();
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "isthmus-filters-"));
  for (const name of ["filter-list-member", "filter-number-form"]) {
    await cp(join(cases, name, "a.jsonl"), join(folder, `${name}.jsonl`));
  }
  const files = {
    "yaml.md": "---\ntags: [red, 'blue, dark']\nver: 1.10\ndraft: no\n---\nzebra",
    "toml.md": '+++\ntags = ["red", "blue"]\nver = 1.0\n+++\nzebra',
    "table.csv": 'text,ver,city\nzebra,1.0,Caf\u00e9\nzebra,1.1,"London, UK"\n',
    "beside.jsonl": '{"text":"zebra","tags":["green","red"],"ver":1.10,"city":"Cafe\u0301"}\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { code, stderr } = await desk.run("ingest", folder);
  assert.equal(code, 0, stderr);
});
after(async () => {
  await desk.clear();
  await rm(folder, { recursive: true, force: true });
});

suite("--where", () => {
  test("finds a member of a list, whatever the format of the file", async () => {
    assert.deepEqual(await found("tags=red"), ["beside.jsonl#1", "filter-list-member.jsonl#1", "toml.md", "yaml.md"]);
    assert.deepEqual(await found("tags=blue, dark"), ["yaml.md"]);
    assert.deepEqual(await found("tags=red, green"), []);
  });

  test("finds a whole number in either form, and keeps versions apart", async () => {
    for (const ver of ["1", "1.0", "1.00"]) {
      assert.deepEqual(await found(`ver=${ver}`), ["filter-number-form.jsonl#1", "table.csv#1", "toml.md"], ver);
    }
    assert.deepEqual(await found("ver=1.10"), ["beside.jsonl#1", "yaml.md"]);
    assert.deepEqual(await found("ver=1.1"), ["table.csv#2"]);
  });

  test("finds text in either Unicode form, and a cell with a comma only whole", async () => {
    for (const city of ["Caf\u00e9", "Cafe\u0301"]) {
      assert.deepEqual(await found(`city=${city}`), ["beside.jsonl#1", "table.csv#1"]);
    }
    assert.deepEqual(await found("city=London, UK"), ["table.csv#2"]);
    assert.deepEqual(await found("city=London"), []);
  });

  test("several of one key mean or, of several keys and", async () => {
    assert.deepEqual(await found("ver=1.1", "ver=1.10"), ["beside.jsonl#1", "table.csv#2", "yaml.md"]);
    assert.deepEqual(await found("ver=1.1", "ver=1.10", "tags=red"), ["beside.jsonl#1", "yaml.md"]);
  });
});
