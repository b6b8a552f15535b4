import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../../core/errors.ts";
import { createFakeEngine } from "../../http/fake-engine.ts";
import { createLifecycle, type EngineSteps, type Limits } from "./lifecycle.ts";

const limits: Limits = { connectMs: 20, initMs: 40, openMs: 20 };
/** Where the test itself would wait for ever. */
const hangs = { timeout: 30_000 };
const forever = () => new Promise<never>(() => {});

/** Steps that succeed unless told otherwise, and what was called. */
function stepsWith(overrides: Partial<EngineSteps<string>> = {}) {
  const called: string[] = [];
  const reported: string[] = [];
  const all: EngineSteps<string> = {
    loadModel: async () => "model",
    connect: async () => {},
    openEngine: async () => createFakeEngine(),
    ...overrides,
  };
  const counted: EngineSteps<string> = {
    loadModel() {
      called.push("load");
      return all.loadModel();
    },
    connect() {
      called.push("connect");
      return all.connect();
    },
    openEngine(model) {
      called.push(`open ${model}`);
      return all.openEngine(model);
    },
  };
  const lifecycle = createLifecycle(counted, (step) => void reported.push(step), limits);
  return { called, reported, lifecycle };
}

describe("the life of a container", () => {
  it("INIT loads the model and connects; the index is opened by the first request alone, once for all", async () => {
    const { called, reported, lifecycle } = stepsWith();
    await lifecycle.initialise();
    assert.deepEqual(called.toSorted(), ["connect", "load"]);
    const engines = await Promise.all([lifecycle.engine(), lifecycle.engine()]);
    assert.equal(engines[0], engines[1]);
    assert.equal(await lifecycle.engine(), engines[0]);
    assert.deepEqual(called.toSorted(), ["connect", "load", "open model"]);
    assert.deepEqual(reported, []);
  });

  it("a model that fails in INIT is loaded again by the next request, until it succeeds", async () => {
    let failures = 2;
    const { called, reported, lifecycle } = stepsWith({
      loadModel: async () => {
        if (failures-- > 0) throw new IsthmusError("model_damaged", "no");
        return "healed";
      },
    });
    await lifecycle.initialise();
    assert.deepEqual(reported, ["load the model"]);
    await assert.rejects(lifecycle.engine(), { code: "model_damaged" });
    await lifecycle.engine();
    assert.deepEqual(
      called.filter((step) => step !== "connect"),
      ["load", "load", "load", "open healed"],
    );
  });

  it("an index that does not open is opened again by the next request, without loading the model again", async () => {
    let failures = 1;
    const { called, lifecycle } = stepsWith({
      openEngine: async () => {
        if (failures-- > 0) throw new IsthmusError("store_unavailable", "down");
        return createFakeEngine();
      },
    });
    await lifecycle.initialise();
    await assert.rejects(lifecycle.engine(), { code: "store_unavailable" });
    await lifecycle.engine();
    assert.deepEqual(called, ["connect", "load", "open model", "open model"]);
  });

  it(
    "INIT waits neither for a network that hangs nor for a model that does, and fails no request for it",
    hangs,
    async () => {
      const { reported, lifecycle } = stepsWith({ connect: forever });
      await lifecycle.initialise();
      assert.deepEqual(reported, ["connect"]);
      await lifecycle.engine();
      const slow = stepsWith({ loadModel: forever });
      await slow.lifecycle.initialise();
      assert.deepEqual(slow.reported, ["load the model"]);
    },
  );

  it("an opening that hangs is given up, and the next request opens anew", hangs, async () => {
    let stuck = true;
    const { lifecycle } = stepsWith({ openEngine: () => (stuck ? forever() : Promise.resolve(createFakeEngine())) });
    await assert.rejects(lifecycle.engine(), { code: "store_unavailable" });
    stuck = false;
    await lifecycle.engine();
  });

  it("a step that throws at once is a failure like any other", async () => {
    const { reported, lifecycle } = stepsWith({
      connect: () => {
        throw new Error("at once");
      },
    });
    await lifecycle.initialise();
    assert.deepEqual(reported, ["connect"]);
  });
});
