import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { distance, tooFarApart } from "../../eval/apart.ts";
import { qualityLosses, readBaseline, recallLosses } from "../../eval/baseline.ts";
import { measureQuality, type Quality } from "../../eval/measure.ts";
import { classHere, readSample } from "../../eval/processor.ts";
import { makeRecallData, measureRecall, type RecallData } from "../../eval/recall.ts";
import { docsSet, openTestSet, type TestSet } from "../../eval/test-set.ts";
import { readBeir, readBeirCorpus } from "../../src/adapters/beir/read.ts";
import { createSqliteStore } from "../../src/adapters/store/sqlite/store.ts";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { parseSettings } from "../../src/config/parse.ts";
import { scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const never = new AbortController().signal;
let folder = "";
let set: TestSet;
let embedded: Quality;
let recallData: RecallData;
let processor: string | undefined;
const settingsWith = (environment: Readonly<Record<string, string>>) =>
  parseSettings({ ISTHMUS_DATA_DIR: join(folder, "data"), ...environment });

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "isthmus-quality-test-"));
  set = await openTestSet(docsSet);
  embedded = await measureQuality(set, settingsWith({}), never);
  processor = await classHere(await readSample());
  recallData = await makeRecallData(docsSet);
});
after(() => rm(folder, { recursive: true, force: true }));

suite("the set that ships with the project", () => {
  test("asks at least 60 questions, and every judgement names a document that is there", async () => {
    const { queries, judgements, corpusPath } = await readBeir(docsSet);
    const documents = new Set<string>();
    for await (const { id } of readBeirCorpus(corpusPath)) documents.add(id);
    assert.ok(queries.length >= 60, `${queries.length} questions`);
    assert.equal(new Set(queries.map(({ text }) => text)).size, queries.length);
    for (const { id, text } of queries) {
      const grades = [...(judgements.get(id) ?? [])];
      assert.ok(
        grades.some(([, grade]) => grade > 0),
        `${text}: nothing is relevant`,
      );
      for (const [document] of grades) assert.ok(documents.has(document), `${text}: ${document}`);
    }
  });

  test("is hard: keywords alone miss at least 15 % of the questions in their first three", () => {
    assert.ok(embedded.missed.keyword >= 0.15, `${embedded.missed.keyword} missed`);
    assert.ok(embedded.missed.hybrid < embedded.missed.keyword, `hybrid misses ${embedded.missed.hybrid}`);
  });
});

suite("the embedded store", () => {
  test("finds as well as the baseline", async () => {
    const baseline = await readBaseline();
    assert.deepEqual(qualityLosses(set, "sqlite", embedded, baseline, processor), []);
  });

  test("its codes find as many of the nearest chunks as the baseline", async () => {
    const baseline = await readBaseline();
    const recall = await measureRecall(createSqliteStore({ directory: join(folder, "recall") }), recallData);
    assert.deepEqual(recallLosses("sqlite", recall, baseline), []);
  });
});

await suiteWithWeaviate("Weaviate", {}, (running) => {
  test("finds as well as the baseline, and as the embedded store", async () => {
    const { url, grpcUrl, keys } = running();
    const settings = settingsWith({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: url,
      WEAVIATE_GRPC_URL: grpcUrl,
      WEAVIATE_API_KEY: keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
    });
    const baseline = await readBaseline();
    const quality = await measureQuality(set, settings, never);
    assert.deepEqual(qualityLosses(set, "weaviate", quality, baseline, processor), []);
    assert.deepEqual(tooFarApart(set.name, distance(quality, embedded)), []);
  });

  test("its quantised index finds as many of the nearest chunks as the baseline", async () => {
    const baseline = await readBaseline();
    const recall = await measureRecall(createWeaviateStore(scratchSettings(running())), recallData);
    assert.deepEqual(recallLosses("weaviate", recall, baseline), []);
  });
});
