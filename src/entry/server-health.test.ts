import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import { healthResponse, readyResponse } from "../http/schemas/health.ts";
import { readAs, readProblem, serveFake } from "./server-testing.ts";

describe("GET /healthz and /readyz", () => {
  it("are open, and tell a living process from a working index", async () => {
    const check = () => Promise.reject(new IsthmusError("store_missing", "/secret/path"));
    await using server = await serveFake({ check }, { apiKeys: ["k"] });
    const health = await fetch(`${server.url}/healthz`);
    assert.deepEqual(await readAs(healthResponse, health), { status: "ok", version: "1.2.3" });
    const ready = await fetch(`${server.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.equal(ready.headers.get("retry-after"), "5");
    const problem = await readProblem(ready);
    assert.equal(problem.code, "store_unavailable");
    assert.match(problem.error, /^Nothing has been indexed yet/);
    assert.ok(!problem.error.includes("/secret"));
  });

  it("is ready with the model's name", async () => {
    await using server = await serveFake();
    const response = await fetch(`${server.url}/readyz`);
    assert.deepEqual(await readAs(readyResponse, response), {
      ready: true,
      model: { model: "sentence-transformers/all-MiniLM-L6-v2", dimensions: 384, revision: "sha256:0" },
    });
  });

  it("is not ready while the engine cannot start, and is once it can", async () => {
    let starts = 0;
    await using server = await serveFake(
      {},
      {
        engine: async () => {
          starts += 1;
          throw new IsthmusError(starts === 1 ? "model_damaged" : "store_locked", "x");
        },
      },
    );
    const first = await fetch(`${server.url}/readyz`);
    assert.deepEqual([first.status, (await readProblem(first)).code], [503, "not_ready"]);
    const second = await fetch(`${server.url}/readyz`);
    assert.deepEqual([second.status, (await readProblem(second)).code], [503, "store_unavailable"]);
  });

  it("gives up on a check that hangs", async () => {
    const check = () => new Promise<void>(() => {});
    await using server = await serveFake({ check }, { deadlineMs: 20 });
    const response = await fetch(`${server.url}/readyz`);
    assert.deepEqual([response.status, (await readProblem(response)).code], [503, "not_ready"]);
  });

  it("checks once for all probes that wait together", async () => {
    let checks = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      checks += 1;
      return promise;
    };
    await using server = await serveFake({ check });
    const probes = Array.from({ length: 5 }, () => fetch(`${server.url}/readyz`));
    while (checks === 0) await new Promise((turn) => setImmediate(turn));
    await fetch(`${server.url}/healthz`);
    resolve();
    for (const probe of probes) assert.equal((await probe).status, 200);
    assert.ok(checks < 5);
  });
});
