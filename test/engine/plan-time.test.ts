import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { byMachine, type PlottedFigure, readReports, resultFiles } from "../../bench/latest.ts";
import { exactly } from "../../src/core/plan/range.ts";
import type { StoreKind } from "../../src/core/plan/storage.ts";
import { durationOf } from "../../src/core/plan/time.ts";
import { root } from "../support/cli.ts";

/** An ingest that a bench has timed. */
interface Timed {
  readonly what: string;
  readonly store: StoreKind;
  readonly text: keyof typeof texts;
  readonly layout: "files" | "lines";
  /** A chunk each. */
  readonly count: number;
  readonly seconds: number;
}

/**
 * The texts of the benches (made of cranfield's sentences), and what it takes to embed one against a passage: 2.2 and 14.7 ms of
 * CPU, in turn in one run on the machine that the results are of.
 */
const texts = { sentence: { tokens: 17.7, effort: 2.2 / 14.7 }, passage: { tokens: 140.1, effort: 1 } } as const;

/** The machine that all of these benches were run on. */
const [ofTheMachine = []] = byMachine((await readReports(await resultFiles(join(root, "bench", "results")))).reports);
const reports = new Map(ofTheMachine.map(({ bench, figures }) => [bench, figures]));
const figuresOf = (bench: string) => reports.get(bench) ?? [];
const ingest = figuresOf("ingest").filter(({ measure }) => measure === "documents");
const passagesEmbedded = ingest.find(({ subject }) => subject === "embedding alone")?.median ?? Number.NaN;

function memoryRuns(bench: string, store: StoreKind): Timed[] {
  return figuresOf(bench).flatMap(({ subject, measure, median }) => {
    if (measure !== "rate" || subject.endsWith("nothing changed")) return [];
    const count = Number(/^[\d,]+(?=, )/.exec(subject)?.[0].replaceAll(",", ""));
    const layout = subject.includes("a document a line") ? "lines" : "files";
    return [{ what: `${bench}: ${subject}`, store, text: "sentence", layout, count, seconds: count / median }];
  });
}

function ingestRuns(): Timed[] {
  return ingest.flatMap(({ subject, unit, median }) => {
    const store = /^isthmus into (SQLite|Weaviate)/.exec(subject)?.[1];
    if (store === undefined || unit !== "documents/s") return [];
    const layout = subject.endsWith("a document a line") ? "lines" : "files";
    const count =
      figuresOf("ingest").find((each) => each.subject === subject && each.measure === "chunks")?.median ?? 0;
    const kind = store === "SQLite" ? "sqlite" : "weaviate";
    return [{ what: `ingest: ${subject}`, store: kind, text: "passage", layout, count, seconds: count / median }];
  });
}

function growthRuns(): Timed[] {
  const steps = figuresOf("growth").filter(({ measure }) => measure === "ingest, since the size before");
  return Object.values(Object.groupBy(steps, ({ subject }) => subject)).flatMap((ofStore: PlottedFigure[] = []) =>
    ofStore.map(({ subject, at = 0, median }, step) => {
      const count = at - (ofStore[step - 1]?.at ?? 0);
      const store = subject === "SQLite" ? "sqlite" : "weaviate";
      const what = `growth: ${subject}, to ${at}`;
      return { what, store, text: "sentence", layout: "lines", count, seconds: (count * median) / 1000 };
    }),
  );
}

const timed = [
  ...memoryRuns("memory", "sqlite"),
  ...memoryRuns("memory-weaviate", "weaviate"),
  ...ingestRuns(),
  ...growthRuns(),
];

suite("the time foretold, against the ingests that the committed benches timed", () => {
  test("they are of both stores, both layouts, short texts and long, few and many", () => {
    const kinds = new Set(timed.flatMap(({ store, layout, text }) => [`${store} ${layout}`, text]));
    assert.equal(kinds.size, 6, [...kinds].join(", "));
    const counts = timed.map(({ count }) => count);
    assert.ok(Math.min(...counts) <= 1000 && Math.max(...counts) >= 100_000, counts.join(", "));
  });

  for (const { what, store, text, layout, count, seconds } of timed) {
    test(what, () => {
      const { tokens, effort } = texts[text];
      const load = {
        documents: layout === "files" ? count : 1,
        chunks: exactly(count),
        tokens: exactly(count * tokens),
      };
      const tokensPerSecond = exactly((tokens * passagesEmbedded) / effort);
      const { low, expected, high } = durationOf(load, load, { kind: "measured", tokensPerSecond, store }, 1).elapsed;
      const told = `${seconds.toFixed(1)} s measured, ${low.toFixed(1)} to ${high.toFixed(1)} foretold, ${expected.toFixed(1)} expected`;
      assert.ok(low <= seconds && seconds <= high, told);
      // A range that holds anything foretells nothing.
      assert.ok(high < 4 * low, told);
      assert.ok(expected > seconds / 2 && expected < 2 * seconds, told);
    });
  }
});
