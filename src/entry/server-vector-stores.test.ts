import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import { fakeResult } from "../http/fake-engine.ts";
import { vectorStoreDoor } from "../http/vector-stores/door.ts";
import { openAiProblem, vectorStoreSearchResponse } from "../http/vector-stores/schema.ts";
import { readAs, serveFake } from "./server-testing.ts";

const doors = { doors: [vectorStoreDoor] };
const secret = "zebra-in-the-pantry";

function search(url: string, body: unknown, headers: Record<string, string> = {}, id = "default"): Promise<Response> {
  return fetch(`${url}/v1/vector_stores/${id}/search`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const eq = (key: string, value: unknown) => ({ type: "eq", key, value });
const compared = (type: string, value: unknown, key = "year") => ({ type, key, value });
const nested = (depth: number): object => (depth === 0 ? eq("a", "b") : { type: "and", filters: [nested(depth - 1)] });

describe("POST /v1/vector_stores/{id}/search", () => {
  it("answers with a page of passages and their places", async () => {
    await using server = await serveFake({}, doors);
    const response = await search(server.url, {
      query: "how?",
      rewrite_query: true,
      ranking_options: { ranker: "auto" },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-request-id"), response.headers.get("x-trace-id"));
    const [{ content, source, score } = assert.fail()] = fakeResult.results;
    assert.deepEqual(await readAs(vectorStoreSearchResponse, response), {
      object: "vector_store.search_results.page",
      search_query: ["how?"],
      data: [
        {
          file_id: source.uri,
          filename: "security.md",
          score,
          attributes: { team: "platform", year: 2026, draft: false },
          content: [{ type: "text", text: content }],
          source,
        },
      ],
      has_more: false,
      next_page: null,
    });
    assert.deepEqual(server.asked, [{ query: "how?", k: 10, mode: "hybrid" }]);
  });

  it("joins the results of several queries: each passage once, with its best score, the best first", async () => {
    const [passage = assert.fail()] = fakeResult.results;
    const at = (ordinal: number, score: number) => ({ ...passage, source: { ...passage.source, ordinal }, score });
    const found: Record<string, (typeof passage)[]> = { one: [at(1, 0.9), at(2, 0.2)], two: [at(3, 0.8), at(2, 0.5)] };
    await using server = await serveFake(
      { search: async ({ query }) => ({ ...fakeResult, results: found[query] ?? [] }) },
      doors,
    );
    const page = async (more: object) => {
      const response = await search(server.url, { query: ["one", "two"], ...more });
      const { data } = await readAs(vectorStoreSearchResponse, response);
      return data.map(({ score, source }) => [source.ordinal, score]);
    };
    assert.deepEqual(await page({}), [
      [1, 0.9],
      [3, 0.8],
      [2, 0.5],
    ]);
    assert.deepEqual(await page({ max_num_results: 1 }), [[1, 0.9]]);
    assert.deepEqual(await page({ ranking_options: { score_threshold: 0.8 } }), [
      [1, 0.9],
      [3, 0.8],
    ]);
  });

  const mapped: [name: string, filters: object, filter: object][] = [
    ["eq", eq("team", "a"), { metadata: { team: "a" } }],
    ["in", compared("in", ["a", 1]), { metadata: { year: ["a", 1] } }],
    ["gte", compared("gte", 2), { range: { year: { from: 2 } } }],
    ["lte of a day", compared("lte", "2026-01-31"), { range: { year: { to: "2026-01-31" } } }],
    ["gt", compared("gt", 2), { range: { year: { from: 2.0000000000000004 } } }],
    ["gt of a negative number", compared("gt", -2), { range: { year: { from: -1.9999999999999998 } } }],
    ["lt of zero", compared("lt", 0), { range: { year: { to: -5e-324 } } }],
    ["gt of a month", compared("gt", "2026-01"), { range: { year: { from: "2026-02-01T00:00:00.000Z" } } }],
    ["lt of a day", compared("lt", "2026-02-01"), { range: { year: { to: "2026-01-31T23:59:59.999Z" } } }],
    [
      "and",
      { type: "and", filters: [eq("team", "a"), compared("gte", 1), { type: "and", filters: [compared("lte", 9)] }] },
      { metadata: { team: "a" }, range: { year: { from: 1, to: 9 } } },
    ],
    [
      "or on one key",
      { type: "or", filters: [eq("team", "a"), { type: "or", filters: [compared("in", ["b", "c"], "team")] }] },
      { metadata: { team: ["a", "b", "c"] } },
    ],
    ["eq on __proto__", eq("__proto__", "a"), { metadata: JSON.parse('{"__proto__":"a"}') }],
  ];
  for (const [name, filters, filter] of mapped) {
    it(`searches by ${name}`, async () => {
      await using server = await serveFake({}, doors);
      const response = await search(server.url, { query: "how?", filters });
      assert.equal(response.status, 200, await response.text());
      assert.deepEqual(server.asked[0]?.filter, filter);
    });
  }

  const bad: [name: string, body: unknown, parameter: string | null][] = [
    ["no query", {}, "query"],
    ["an empty query", { query: " " }, "query"],
    ["no queries", { query: [] }, "query"],
    ["nine queries", { query: Array(9).fill("a") }, "query"],
    ["a long query among others", { query: ["a", "a".repeat(2001)] }, "query"],
    ["max_num_results of 0", { query: "a", max_num_results: 0 }, "max_num_results"],
    ["max_num_results of 51", { query: "a", max_num_results: 51 }, "max_num_results"],
    ["an unknown field", { query: "a", mode: "vector" }, "mode"],
    ["a threshold of 2", { query: "a", ranking_options: { score_threshold: 2 } }, "ranking_options.score_threshold"],
    ["ne", { query: "a", filters: compared("ne", secret) }, "filters"],
    ["nin", { query: "a", filters: compared("nin", [secret]) }, "filters"],
    ["gt of a list", { query: "a", filters: compared("gt", [1]) }, "filters"],
    ["gt of a word", { query: "a", filters: compared("gt", secret) }, "filters"],
    ["eq of a list", { query: "a", filters: eq("a", [secret]) }, "filters"],
    ["in of a word", { query: "a", filters: compared("in", secret) }, "filters"],
    ["two of eq on one key", { query: "a", filters: { type: "and", filters: [eq("a", 1), eq("a", 2)] } }, "filters"],
    [
      "two bounds on one side",
      { query: "a", filters: { type: "and", filters: [compared("gt", 1), compared("gte", 2)] } },
      "filters",
    ],
    ["or on two keys", { query: "a", filters: { type: "or", filters: [eq("a", 1), eq("b", 2)] } }, "filters"],
    ["or of a bound", { query: "a", filters: { type: "or", filters: [compared("gt", 1)] } }, "filters"],
    ["and of nothing", { query: "a", filters: { type: "and", filters: [] } }, "filters.filters"],
    ["an unknown type", { query: "a", filters: compared(secret, 1) }, "filters.type"],
    ["filters nine deep", { query: "a", filters: nested(9) }, "filters"],
    ["filters two thousand deep", { query: "a", filters: nested(2000) }, "filters"],
    ["a list", [secret], null],
    ["broken JSON", `{"query":"${secret}`, null],
  ];
  for (const [name, body, parameter] of bad) {
    it(`refuses ${name}, in the words that OpenAI's clients read`, async () => {
      await using server = await serveFake({}, doors);
      const response = await search(server.url, body);
      const problem = await readAs(openAiProblem, response);
      assert.equal(response.status, 400, JSON.stringify(problem));
      assert.equal(problem.error.message, problem.detail);
      assert.equal(problem.error.code, problem.code);
      assert.equal(problem.error.type, "invalid_request_error");
      assert.equal(problem.error.param, parameter);
      assert.ok(!JSON.stringify(problem).includes(secret), "the answer repeats what was sent");
      assert.equal(server.asked.length, 0);
    });
  }

  it("has one store, and the rights, bounds and failures of every other route", async () => {
    const overrides = { ...doors, apiKeys: ["k"] };
    await using server = await serveFake({}, overrides);
    const key = { authorization: "Bearer k" };
    const told = async (response: Response) => {
      const { error, status, code } = await readAs(openAiProblem, response);
      assert.equal(status, response.status);
      assert.equal(error.code, code);
      return [status, code, error.type];
    };
    assert.equal((await search(server.url, { query: "a" }, key)).status, 200);
    assert.equal((await search(server.url, { query: "a" }, { "x-api-key": "k" })).status, 200);
    const refused = await search(server.url, { query: "a" });
    assert.match(refused.headers.get("www-authenticate") ?? "", /Bearer/);
    assert.deepEqual(await told(refused), [401, "unauthenticated", "authentication_error"]);
    assert.deepEqual(await told(await search(server.url, { query: "a" }, key, "vs_1")), [
      404,
      "not_found",
      "invalid_request_error",
    ]);
    const elsewhere = await fetch(`${server.url}/v1/files`, { headers: key });
    assert.deepEqual(await told(elsewhere), [404, "not_found", "invalid_request_error"]);
    const foreign = await search(server.url, { query: "a" }, { ...key, origin: "https://evil.example" });
    assert.deepEqual(await told(foreign), [403, "origin_not_allowed", "invalid_request_error"]);
    const large = await search(server.url, { query: "a".repeat(70_000) }, key);
    assert.deepEqual(await told(large), [413, "body_too_large", "invalid_request_error"]);
    const wrongMethod = await fetch(`${server.url}/v1/vector_stores/default/search`, { headers: key });
    assert.deepEqual(await told(wrongMethod), [405, "method_not_allowed", "invalid_request_error"]);
    assert.equal(wrongMethod.headers.get("allow"), "POST, OPTIONS");
    await using busy = await serveFake({}, { ...overrides, maxConcurrency: 0, maxWaiting: 0 });
    const turnedAway = await search(busy.url, { query: "a" }, key);
    assert.equal(turnedAway.headers.get("retry-after"), "1");
    assert.deepEqual(await told(turnedAway), [429, "too_many_requests", "rate_limit_error"]);
    await using broken = await serveFake(
      { search: () => Promise.reject(new IsthmusError("store_unavailable", secret)) },
      overrides,
    );
    assert.deepEqual(await told(await search(broken.url, { query: "a" }, key)), [
      503,
      "store_unavailable",
      "server_error",
    ]);
    await using without = await serveFake({}, { apiKeys: ["k"] });
    assert.equal((await search(without.url, { query: "a" }, key)).status, 404, "only where the door is");
  });
});
