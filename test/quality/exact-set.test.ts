import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { distance, tooFarApart } from "../../eval/apart.ts";
import { qualityLosses, readBaseline } from "../../eval/baseline.ts";
import { measureQuality, type Quality } from "../../eval/measure.ts";
import { classHere, readSample } from "../../eval/processor.ts";
import { askedSet, exactSet, formsSet, openTestSet, type TestSet } from "../../eval/test-set.ts";
import { readBeir, readBeirCorpus } from "../../src/adapters/beir/read.ts";
import { parseSettings } from "../../src/config/parse.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";

const never = new AbortController().signal;
/** Of identifiers, codes, names, numbers and versions that one document has. */
const bars = { first: 0.95, firstThree: 0.99 } as const;
let folder = "";
let set: TestSet;
let forms: TestSet;
let asked: TestSet;
let embedded: Quality;
let processor: string | undefined;
const settingsWith = (environment: Readonly<Record<string, string>>) =>
  parseSettings({ ISTHMUS_DATA_DIR: join(folder, "data"), ...environment });

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "isthmus-exact-test-"));
  set = await openTestSet(exactSet);
  forms = await openTestSet(formsSet);
  asked = await openTestSet(askedSet);
  processor = await classHere(await readSample());
  embedded = await measureQuality(set, settingsWith({}), never);
});
after(() => rm(folder, { recursive: true, force: true }));

function assertFound(quality: Quality): void {
  for (const mode of ["keyword", "hybrid"] as const) {
    assert.ok(quality.first[mode] >= bars.first, `${mode}: ${quality.first[mode]} first`);
    assert.ok(1 - quality.missed[mode] >= bars.firstThree, `${mode}: ${1 - quality.missed[mode]} in the first three`);
  }
}

suite("what is one of a kind is found by default", () => {
  test("the set asks at least 120 questions, each for one document, and vectors alone do not find it", async () => {
    const { queries, judgements, corpusPath } = await readBeir(exactSet);
    const documents = new Set<string>();
    for await (const { id } of readBeirCorpus(corpusPath)) documents.add(id);
    assert.ok(queries.length >= 120, `${queries.length} questions`);
    for (const { id } of queries) {
      const [document, ...more] = [...(judgements.get(id) ?? new Map<string, number>()).keys()];
      assert.ok(document !== undefined && documents.has(document) && more.length === 0, id);
    }
    assert.ok(embedded.first.vector < 0.6, `${embedded.first.vector} first by vector`);
  });

  test("on the embedded store", async () => {
    assertFound(embedded);
    assert.deepEqual(qualityLosses(set, "sqlite", embedded, await readBaseline(), processor), []);
  });

  test("on the embedded store, in other ways of writing", async () => {
    assertFound(await measureQuality(forms, settingsWith({}), never));
  });

  test("on the embedded store, among texts that have the question's other words", async () => {
    assertFound(await measureQuality(asked, settingsWith({}), never));
  });
});

await suiteWithWeaviate("Weaviate", {}, (running) => {
  test("finds it as well", async () => {
    const { url, grpcUrl, keys } = running();
    const settings = settingsWith({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: url,
      WEAVIATE_GRPC_URL: grpcUrl,
      WEAVIATE_API_KEY: keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
    });
    const quality = await measureQuality(set, settings, never);
    assertFound(quality);
    assert.deepEqual(qualityLosses(set, "weaviate", quality, await readBaseline(), processor), []);
    assert.deepEqual(tooFarApart(set.name, distance(quality, embedded)), []);
    assertFound(await measureQuality(forms, settings, never));
    assertFound(await measureQuality(asked, settings, never));
  });
});
