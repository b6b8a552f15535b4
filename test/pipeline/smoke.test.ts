import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { versionsIn } from "../../scripts/ci/commands/rollback.ts";
import { takeBack } from "../../scripts/ci/function-rollback.ts";
import { proveDocument } from "../../scripts/ci/smoke.ts";
import type { Tools } from "../../scripts/ci/tools.ts";
import { type AnswerBody, pageInOrder, startPublicApi } from "./public-api.ts";

const place = { stage: "dev", region: "us-east-1" };
const published = { query: ["3", "9", "10", "12"], answer: ["2", "4", "5"] };

/** The clouds' programs, in this process: an upload is there until it is removed, an alias is where it was moved. */
function inProcess(live: { query: string; answer: string }, record?: object) {
  const aliases = { ...live };
  const uploaded = new Set<string>();
  const answer = (program: string, args: readonly string[]): { code: number; stdout: string; stderr: string } => {
    const [, command = "", ...rest] = args;
    const named = (flag: string) => args[args.indexOf(flag) + 1] ?? "";
    const ran = (value?: unknown) => ({
      code: 0,
      stdout: value === undefined ? "" : JSON.stringify(value),
      stderr: "",
    });
    if (program === "gcloud" && command === "cat")
      return record === undefined
        ? { code: 1, stdout: "", stderr: "ERROR: (gcloud.storage.cat) The following URLs matched no objects or files:" }
        : ran(record);
    if (program === "gcloud" && command === "cp") uploaded.add(rest[1] ?? "");
    if (program === "gcloud" && command === "rm") uploaded.delete(rest[0] ?? "");
    if (program !== "aws") return ran();
    const name = named("--function-name") === "rag-query-api-dev-query" ? "query" : "answer";
    if (command === "get-alias") return ran({ FunctionVersion: aliases[name] });
    if (command === "update-alias") aliases[name] = named("--function-version");
    if (command === "describe-stack-resource") return ran({ StackResourceDetail: { PhysicalResourceId: "api1" } });
    if (command === "get-stage") return ran({ deploymentId: "d1" });
    if (command === "get-deployments") return ran({ items: [] });
    return ran({ Versions: ["$LATEST", ...published[name]].map((Version) => ({ Version })) });
  };
  const call = async (program: string, args: readonly string[]) => answer(program, args);
  const start = (): never => assert.fail("nothing is started here");
  const tools: Tools = { dryRun: false, say: () => {}, ask: call, change: call, start };
  return { tools, aliases, uploaded };
}

const cited = (change: Partial<AnswerBody["citations"][number]>) => (body: AnswerBody) => ({
  ...body,
  citations: body.citations.map((each) => ({ ...each, ...change })),
});

const answers: readonly [name: string, spoil: (body: AnswerBody) => AnswerBody | number, says: RegExp | undefined][] = [
  ["that cites the document", (body) => body, undefined],
  ["that has no model and cites the document", (body) => ({ ...body, degraded: true }), undefined],
  ["that breaks a line where the document has a space", cited({ quote: "This document\nis here" }), undefined],
  ["that fails", () => 503, /\/answer: answered 503/],
  ["that abstains", (body) => ({ ...body, abstained: true, reason: "not_answerable" }), /no answer, not_answerable/],
  ["without a citation", (body) => ({ ...body, citations: [] }), /no citation that stands in the document/],
  ["with a quote that its passage has not", cited({ quote: "Its word is another." }), /no citation that stands/],
  ["that names a passage that is not there", cited({ passage: 2 }), /no citation that stands/],
  ["that cites another document", cited({ source: { uri: "gs://example/another.md" } }), /no citation that stands/],
  [
    "whose passage was made up with its quote",
    (body) => ({
      ...cited({ quote: "Made up." })(body),
      passages: body.passages.map((each) => ({ ...each, content: "Made up." })),
    }),
    /no citation that stands/,
  ],
  [
    "whose passage is another document's",
    (body) => ({ ...body, passages: body.passages.map((each) => ({ ...each, source: { uri: "gs://example/b.md" } })) }),
    /no citation that stands/,
  ],
];

suite("the smoke test's look at an answer", () => {
  for (const [name, spoil, says] of answers) {
    test(`an answer ${name} is ${says === undefined ? "good" : "a failure, though the search is well"}`, async () => {
      const { tools, uploaded } = inProcess({ query: "12", answer: "5" });
      const api = await startPublicApi((word) => [...uploaded].filter((uri) => uri.includes(word)), spoil);
      try {
        const word = "isthmusabcdefgh";
        const probe = {
          ...{ bucket: "documents", name: `isthmus-smoke-test/${word}.md`, word, answers: true as const },
          ...{ way: { kind: "events" as const }, url: api.url, key: "a key", pollSeconds: 0, attempts: 2 },
        };
        const proof = await proveDocument(probe, tools);
        assert.equal(proof.found, true);
        assert.equal(proof.cited, says === undefined, proof.reason);
        if (says !== undefined) assert.match(proof.reason, says);
        assert.deepEqual([...uploaded], [], "nothing is left behind");
      } finally {
        await api.close();
      }
    });
  }
});

const pages: readonly [name: string, page: typeof pageInOrder, says: RegExp | undefined][] = [
  ["that is in order", pageInOrder, undefined],
  ["that is not there", () => [404, {}, "{}"], /answered 404/],
  ["without a policy", (path) => (path === "/" ? [200, {}, "<script>"] : pageInOrder(path)), /without its content/],
  ["without a script", () => [200, { "content-security-policy": "script-src 'self'" }, "{}"], /names no script/],
  ["whose script is refused", (path) => (path === "/" ? pageInOrder(path) : [403, {}, ""]), /its script answered 403/],
];

suite("the smoke test's look at the console", () => {
  for (const [name, page, says] of pages) {
    test(`a page ${name} is ${says === undefined ? "good" : "a failure, before anything is put into the bucket"}`, async () => {
      const { tools, uploaded } = inProcess({ query: "12", answer: "5" });
      let puts = 0;
      const api = await startPublicApi((word) => [...uploaded].filter((uri) => uri.includes(word)), undefined, page);
      try {
        const change: Tools["change"] = async (program, args) => {
          puts += 1;
          return await tools.change(program, args);
        };
        const word = "isthmusabcdefgh";
        const probe = {
          ...{ bucket: "documents", name: `isthmus-smoke-test/${word}.md`, word, page: true as const },
          ...{ way: { kind: "events" as const }, url: api.url, key: "a key", pollSeconds: 0, attempts: 2 },
        };
        const proof = await proveDocument(probe, { ...tools, change });
        assert.equal(proof.shown, says === undefined, proof.reason);
        if (says === undefined) return;
        assert.match(proof.reason, says);
        assert.equal(puts, 0);
      } finally {
        await api.close();
      }
    });
  }
});

suite("both functions go back together", () => {
  const record = { commit: "2".repeat(40), function_version: "9", answer_version: "4" };
  const cases: [string, object | undefined, string][] = [
    ["to what last passed", record, "were rolled back: query from 12 to 9, answer from 5 to 4"],
    ["but one that did not change", { ...record, answer_version: "5" }, "query from 12 to 9, answer stays at 5"],
    ["or the other", { ...record, function_version: "12" }, "query stays at 12, answer from 5 to 4"],
    [
      "one that was never recorded to the version before",
      { commit: record.commit, function_version: "9" },
      "query from 12 to 9, answer from 5 to 4",
    ],
    ["both so where nothing is recorded", undefined, "query from 12 to 10, answer from 5 to 4"],
    ["not where they passed before", { ...record, function_version: "12", answer_version: "5" }, "stay at query 12"],
  ];
  for (const [name, recorded, says] of cases) {
    test(name, async () => {
      const { tools, aliases } = inProcess({ query: "12", answer: "5" }, recorded);
      const end = await takeBack(place, "state", { query: "12", answer: "5" }, tools);
      assert.ok(end.includes(says), end);
      for (const [, name = "", to = ""] of end.matchAll(/(query|answer) from \d+ to (\d+)/g))
        assert.equal(aliases[name as "query" | "answer"], to);
    });
  }

  test("one that has no version before stays, and the other goes", async () => {
    const { tools, aliases } = inProcess({ query: "12", answer: "2" });
    const end = await takeBack(place, "state", { query: "12", answer: "2" }, tools);
    assert.match(end, /query from 12 to 10, answer stays at 2/);
    assert.deepEqual(aliases, { query: "10", answer: "2" });
  });

  test("where neither has one, it says so", async () => {
    const { tools } = inProcess({ query: "3", answer: "2" });
    const end = await takeBack(place, "state", { query: "3", answer: "2" }, tools);
    assert.match(end, /could not be rolled back: query 3 and answer 2 are live already, and nothing is before them/);
  });

  test("one that cannot be moved does not keep the other where it is", async () => {
    const { tools, aliases } = inProcess({ query: "12", answer: "5" }, record);
    const change: Tools["change"] = async (program, args) => {
      if (args.includes("rag-query-api-dev-query")) throw new Error("AccessDenied");
      return await tools.change(program, args);
    };
    const end = await takeBack(place, "state", { query: "12", answer: "5" }, { ...tools, change });
    assert.match(end, /could not be rolled back: query did not go to 9: AccessDenied/);
    assert.deepEqual(aliases, { query: "12", answer: "4" });
  });

  test("versions are named by function", () => {
    assert.deepEqual(versionsIn("41"), { query: "41" });
    assert.deepEqual(versionsIn("answer=2"), { answer: "2" });
    assert.deepEqual(versionsIn("query=41,answer=2"), { query: "41", answer: "2" });
    for (const to of ["3; true", "query=", "another=3", "query=3;answer=2", "query=3,", "query=-1"])
      assert.throws(() => versionsIn(to), /it is a number, or as query=41,answer=17/, to);
  });
});
