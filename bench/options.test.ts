import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedBench } from "./bench.ts";
import { parseCommandLine, UsageError } from "./options.ts";

function bench(name: string, more: Partial<ListedBench> = {}): ListedBench {
  return { name, summary: "", minutes: 3, ...more, run: () => Promise.reject(new Error("not to be run")) };
}

const known = [bench("embed"), bench("first-run", { paths: "taken" }), bench("eval", { paths: "needed" })];
const here = import.meta.dirname;
const parse = (...words: string[]) => parseCommandLine(words, known, {});
const names = (...words: string[]) => parse(...words).runs.map(({ name }) => name);

test("without a name every bench runs and the plots are drawn; one that needs paths only with paths", () => {
  for (const words of [[], ["all"]]) {
    const wanted = parse(...words);
    assert.deepEqual(
      wanted.runs.map(({ name }) => name),
      ["embed", "first-run"],
    );
    assert.deepEqual([wanted.plots, wanted.notes.length], [true, 1]);
  }
  assert.deepEqual(names("all", here), ["embed", "first-run", "eval"]);
  assert.deepEqual(names("--rounds", "2"), ["embed", "first-run"]);
});

test("named benches run, each once, and nothing is drawn", () => {
  assert.deepEqual(names("first-run", "embed", "embed"), ["embed", "first-run"]);
  assert.equal(parse("embed").plots, false);
  assert.deepEqual([names("plot"), parse("plot").plots], [[], true]);
  assert.deepEqual([parse("plot", "--no-record").plots, parse("--no-record").plots], [true, false]);
});

test("paths go to the bench that needs them, and else to the one that takes them", () => {
  const operands = (...words: string[]) => {
    const wanted = parse(...words);
    return wanted.runs.map(({ options }) => options.operands.length);
  };
  assert.deepEqual(operands("all", here), [0, 0, 1]);
  assert.deepEqual(operands("first-run", here, here), [2]);
  assert.deepEqual(operands("embed", "first-run", here), [0, 1]);
});

test("options reach the benches", () => {
  const words = ["embed", "--rounds", "2", "--documents", "50", "--no-python", "--no-node", "--no-record", "--json"];
  const wanted = parseCommandLine(words, known, { ISTHMUS_BENCH_CORPUS: "corpus.jsonl" });
  assert.deepEqual([wanted.recorded, wanted.json], [false, true]);
  assert.deepEqual(wanted.runs[0]?.options, {
    rounds: 2,
    documents: 50,
    cores: 2,
    full: false,
    store: "sqlite",
    stores: ["sqlite", "weaviate"],
    python: false,
    node: false,
    corpus: "corpus.jsonl",
    operands: [],
  });
});

test("all measures both stores where a bench measures one, unless one is named; Weaviate only where there is one", () => {
  const all = [bench("growth"), bench("memory", { minutes: 13, minutesOnWeaviate: 20 })];
  const runs = (...words: string[]) =>
    parseCommandLine(words, all, {}).runs.map(({ name, options: { store, stores }, ifWeaviate, minutes }) => {
      return [name, store, stores.length, ifWeaviate, minutes];
    });
  assert.deepEqual(runs(), [
    ["growth", "sqlite", 2, false, 3],
    ["memory", "sqlite", 2, false, 13],
    ["memory --store weaviate", "weaviate", 2, true, 20],
  ]);
  assert.deepEqual(runs("all", "--store", "sqlite"), [
    ["growth", "sqlite", 1, false, 3],
    ["memory", "sqlite", 1, false, 13],
  ]);
  assert.deepEqual(runs("memory"), [["memory", "sqlite", 2, false, 13]]);
  // Asked for by name, it is a failure where there is none.
  assert.deepEqual(runs("memory", "--store", "weaviate"), [["memory --store weaviate", "weaviate", 1, false, 20]]);
});

test("what a bench usually takes is known for its own sizes alone", () => {
  const minutes = (...words: string[]) => parse("embed", ...words).runs.map((each) => each.minutes);
  assert.deepEqual(minutes("--no-python"), [3]);
  for (const words of [["--rounds", "2"], ["--documents", "2"], ["--full"]]) {
    assert.deepEqual(minutes(...words), [undefined], words.join(" "));
  }
});

test("a slip of the pen is told before anything runs", () => {
  const fault = (...words: string[]) => {
    try {
      parse(...words);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    return assert.fail(`${words.join(" ")} was understood`);
  };
  assert.match(fault("emebd"), /There is no bench "emebd"/);
  assert.match(fault("embed", "ingset"), /There is no bench "ingset"; there are embed, first-run, eval, all and plot/);
  assert.match(fault("eval", "no/such/folder"), /"no\/such\/folder" is neither a bench .* nor a path that exists/);
  assert.match(fault("eval"), /eval wants BEIR folders/);
  assert.match(fault("--rounds", "0"), /--rounds wants a whole number above 0, not "0"/);
  assert.match(fault("--store", "lance"), /sqlite or weaviate/);
  assert.match(fault("--round", "2"), /--round/);
});
