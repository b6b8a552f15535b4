import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import { createFakeEngine } from "../http/fake-engine.ts";
import { readProblem, serveFake } from "./server-testing.ts";

const secret = "zebra-in-the-pantry";

describe("failures of the engine", () => {
  for (const [code, status, shown, retry] of [
    ["query_invalid", 400, "query_invalid", null],
    ["store_unavailable", 503, "store_unavailable", "3"],
    ["store_missing", 503, "store_unavailable", "3"],
    ["store_corrupt", 503, "store_unavailable", "3"],
    ["embedder_unavailable", 503, "embedder_unavailable", "3"],
    ["embedder_mismatch", 500, "internal", null],
    ["model_damaged", 500, "not_initialised", null],
    ["deadline_exceeded", 504, "deadline_exceeded", null],
    ["internal", 500, "internal", null],
  ] as const) {
    it(`${code} while searching is ${status} ${shown}`, async () => {
      const thrown = new IsthmusError(code, "why", { retryAfterMs: 2500, field: "filter" });
      await using server = await serveFake({ search: () => Promise.reject(thrown) });
      const response = await server.ask({ query: "a" });
      const problem = await readProblem(response);
      assert.equal(response.status, status);
      assert.equal(problem.code, shown);
      assert.equal(problem.field, code === "query_invalid" ? "filter" : undefined);
      assert.equal(response.headers.get("retry-after"), retry);
      assert.equal(server.records[0]?.cause, status < 500 ? undefined : thrown);
    });
  }

  it("answers 500 without a word of what was thrown, whatever it was", async () => {
    for (const thrown of [new TypeError(secret), secret, null, { secret }]) {
      await using server = await serveFake({ search: () => Promise.reject(thrown) });
      const response = await server.ask({ query: "a" });
      const text = await response.text();
      assert.equal(response.status, 500);
      assert.equal(JSON.parse(text).code, "internal");
      assert.ok(!text.includes(secret));
    }
  });

  for (const [code, status, shown] of [
    ["model_damaged", 500, "not_initialised"],
    ["embedder_unavailable", 500, "not_initialised"],
    ["store_unavailable", 503, "store_unavailable"],
    ["store_missing", 503, "store_unavailable"],
    ["store_mismatch", 503, "store_unavailable"],
  ] as const) {
    it(`${code} while starting is ${status} ${shown}, and the next request tries again`, async () => {
      let starts = 0;
      await using server = await serveFake(
        {},
        {
          engine: async () => {
            starts += 1;
            if (starts === 1) throw new IsthmusError(code, secret);
            return createFakeEngine();
          },
        },
      );
      const response = await server.ask({ query: "a" });
      const problem = await readProblem(response);
      assert.equal(response.status, status);
      assert.equal(problem.code, shown);
      assert.equal(response.headers.get("retry-after"), status === 503 ? "5" : null);
      assert.ok(!JSON.stringify(problem).includes(secret));
      if (code === "store_missing") assert.match(problem.error, /^Nothing has been indexed yet/);
      assert.equal((await server.ask({ query: "a" })).status, 200);
      assert.equal((await server.ask({ query: "a" })).status, 200);
      assert.equal(starts, 2);
    });
  }
});
