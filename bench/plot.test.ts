import assert from "node:assert/strict";
import { test } from "node:test";
import { growthSvg } from "./growth-plot.ts";
import type { Plotted, PlottedBudget } from "./latest.ts";
import { budgetsSvg, margin } from "./plot.ts";

const atLeast: PlottedBudget = { what: "speed <b>", bound: "at least", limit: 2, unit: "x", measured: 3 };
const atMost: PlottedBudget = { what: "memory", bound: "at most", limit: 600, unit: "MiB", measured: 1200 };
const plotted: Plotted = { bench: "a", at: "2026-01-02T03:04:05Z", machine: "m", node: "24", figures: [], budgets: [] };

test("a margin over 1 is a budget that is met, whichever way it bounds", () => {
  assert.equal(margin(atLeast), 1.5);
  assert.equal(margin(atMost), 0.5);
  assert.equal(margin({ ...atMost, measured: 300 }), 2);
  assert.ok(margin({ ...atMost, measured: -1 }) > 1);
});

test("a met budget's bar goes right from the budget's line, a missed one's left", () => {
  const svg = budgetsSvg([{ ...plotted, machine: "m & n", budgets: [atLeast, atMost] }]);
  const line = Number(/<line x1="([\d.]+)"[^>]*class="budget"/.exec(svg)?.[1]);
  const bar = (kind: string) => {
    const [, x, width] =
      new RegExp(`<rect x="([\\d.]+)" y="\\d+" width="([\\d.]+)"[^>]*class="${kind}"`).exec(svg) ?? [];
    return { from: Number(x), to: Number(x) + Number(width) };
  };
  assert.equal(bar("met").from, line);
  assert.ok(bar("met").to > line);
  assert.ok(bar("missed").from < line);
  assert.ok(Math.abs(bar("missed").to - line) < 0.2);
  assert.ok(svg.includes("m &amp; n") && svg.includes("speed &lt;b&gt;") && !svg.includes("<b>"));
});

test("sizes stand at even steps of their logarithm, values at their height above 0", () => {
  const measure = "ingest, since the size before";
  const figures = [1_000, 10_000, 100_000].map((at, index) => ({
    subject: "A & B",
    measure,
    unit: "ms a chunk",
    median: index + 1,
    at,
  }));
  const svg = growthSvg([{ ...plotted, figures }]) ?? "";
  const points = /<polyline points="([^"]+)"/
    .exec(svg)?.[1]
    ?.split(" ")
    .map((point) => point.split(",").map(Number));
  const [[x1, y1] = [], [x2, y2] = [], [x3, y3] = []] = points ?? [];
  assert.ok(Math.abs(Number(x2) - Number(x1) - (Number(x3) - Number(x2))) < 0.2);
  // 1, 2 and 3 of a scale that ends at 4: quarters of the height.
  assert.equal(Number(y1) - Number(y2), 50);
  assert.equal(Number(y2) - Number(y3), 50);
  assert.ok(svg.includes("A &amp; B") && svg.includes(">10 k<"));
});

test("a store's line is that of its latest report, of both stores or of it alone; without sizes there is no picture", () => {
  const figure = (subject: string, at: number) => ({
    subject,
    measure: "vector search, p50",
    unit: "ms",
    median: 1,
    at,
  });
  const both = { ...plotted, at: "2026-01-01T00:00:00Z", figures: [figure("A", 1_000), figure("B", 1_000)] };
  const later = { ...plotted, at: "2026-01-02T00:00:00Z", figures: [figure("B", 1_000), figure("B", 10_000)] };
  const svg = growthSvg([later, both]) ?? "";
  const points = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, line = ""]) => line.split(" ").length);
  assert.deepEqual(points, [1, 2]);
  assert.match(svg, /measured on 2026-01-01 to 2026-01-02/);
  assert.equal(growthSvg([{ ...plotted, budgets: [atLeast] }]), undefined);
});
