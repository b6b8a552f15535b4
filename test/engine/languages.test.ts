import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { openIngestEngine } from "../../src/compose/ingest-engine.ts";
import { languagesIn } from "../../src/compose/languages.ts";
import { openQueryEngine, type QueryEngine } from "../../src/compose/query-engine.ts";
import { openRuntime, type Runtime } from "../../src/compose/runtime.ts";
import { openSource } from "../../src/compose/source.ts";
import { parseSettings } from "../../src/config/parse.ts";

const cases = join(import.meta.dirname, "../cases");
const questions: Record<string, readonly { query: string; file: string }[]> = JSON.parse(
  await readFile(join(cases, "search-languages/queries.json"), "utf8"),
);
/** Of more languages, ten questions each with the text that must come first. */
const more: Record<string, readonly (readonly [question: string, text: string])[]> = JSON.parse(
  await readFile(join(import.meta.dirname, "languages.json"), "utf8"),
);
let folder = "";
let runtime: Runtime;
let engine: QueryEngine;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "isthmus-languages-"));
  const settings = parseSettings({ ISTHMUS_DATA_DIR: folder });
  runtime = await openRuntime(settings);
  const writer = await openIngestEngine(runtime);
  for (const name of ["search-languages", "search-query-soft-hyphen", "search-thai-hybrid"]) {
    const source = await openSource(join(cases, name), settings);
    await writer.ingest(source).finally(() => source.close());
  }
  const texts = join(folder, "more");
  for (const [language, list] of Object.entries(more)) {
    await mkdir(join(texts, language), { recursive: true });
    for (const [at, [, text]] of list.entries()) await writeFile(join(texts, language, `${at}.txt`), text);
  }
  const source = await openSource(texts, settings);
  await writer.ingest(source).finally(() => source.close());
  await writer.close();
  engine = await openQueryEngine(runtime);
});
after(async () => {
  await engine.close();
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

suite("languages", () => {
  for (const [language, list] of Object.entries(questions)) {
    for (const mode of ["keyword", "hybrid"] as const) {
      test(`${language}: ${mode} search has at least 8 of 10 first among the texts of its language`, async () => {
        const missed: string[] = [];
        for (const { query, file } of list) {
          const { results } = await engine.retriever.query({ query, mode, k: 50 });
          const first = results.find(({ source }) => source.uri.includes(`/${language}/`));
          if (first?.source.uri.endsWith(`/${file}`) !== true) missed.push(query);
        }
        assert.ok(missed.length <= 2, missed.join(", "));
      });
    }
  }

  for (const [language, list] of Object.entries(more)) {
    test(`${language}: keyword search has at least 8 of 10 first among the texts of its language`, async () => {
      const missed: string[] = [];
      for (const [at, [query]] of list.entries()) {
        const { results } = await engine.retriever.query({ query, mode: "keyword", k: 50 });
        const first = results.find(({ source }) => source.uri.includes(`/more/${language}/`));
        if (first?.source.uri.endsWith(`/${language}/${at}.txt`) !== true) missed.push(query);
      }
      assert.ok(missed.length <= 2, missed.join(", "));
    });
  }

  test("the index tells which languages it holds", async () => {
    const held = await languagesIn(engine.reader, "");
    for (const language of [...Object.keys(questions), ...Object.keys(more)])
      assert.ok(held.includes(language), language);
    const { results } = await engine.retriever.query({ query: "Krankenhaus", mode: "keyword" });
    assert.deepEqual(await languagesIn(engine.reader, results[0]?.source.uri ?? ""), ["de"]);
  });

  test("the default mode finds a Thai word, which is one unknown token for the model", async () => {
    for (const query of ["โรงพยาบาล", "ยี่สิบสี่ชั่วโมง", "โรงพยาบาลเปิดกี่โมง"]) {
      const { results } = await engine.retriever.query({ query, k: 50 });
      const thai = results.filter(({ source }) => /\/th\/|search-thai-hybrid/.test(source.uri));
      assert.match(thai[0]?.source.uri ?? "", /search-thai-hybrid\/a\.txt$|th\/04\.txt$/, query);
    }
  });

  test("a long question in any language is answered, and not refused for the forms of its words", async () => {
    const query =
      "Welche Krankenhäuser der Stadt haben im kommenden Winter noch genügend Betten für Kranke, die nachts mit dem Zug aus " +
      "den Bergen kommen, und wer bezahlt ihnen dort Kaffee, Bücher, Reis und einen Lehrer für die mitgebrachten Katzen?";
    for (const mode of ["keyword", "hybrid"] as const) {
      const { results } = await engine.retriever.query({ query, mode, k: 50 });
      assert.ok(results.length > 0);
    }
  });

  test("a question with soft hyphens finds the text that it was copied from", async () => {
    const query = "co\u00ADoper\u00ADa\u00ADtive";
    const { results } = await engine.retriever.query({ query, mode: "keyword" });
    assert.match(results[0]?.source.uri ?? "", /search-query-soft-hyphen\/a\.txt$/);
  });
});
