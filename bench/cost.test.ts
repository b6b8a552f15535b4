import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadPrices } from "../src/compose/prices.ts";
import type { PriceList } from "../src/core/plan/prices.ts";
import { ingestCost, ingestNote, queryCost, withIngestCost, withQueryCost } from "./cost.ts";
import type { Report } from "./report.ts";

const source = "https://example.com/";
const prices: PriceList = {
  asOf: "2026",
  currency: "USD",
  regions: [],
  prices: {
    nodeHour: { amount: 0.36, unit: "hour", what: "node", source },
    spotNodeHour: { amount: [0.1, 0.2], unit: "hour", what: "spot", source },
    lambdaGbSecondX86: { amount: 0.00001, unit: "GB-second", what: "time", source },
    lambdaRequests: { amount: 0.2, unit: "1,000,000 requests", what: "requests", source },
    restApiRequests: { amount: 3.5, unit: "1,000,000 requests", what: "gateway", source },
  },
};
const report: Report = { bench: "x", parameters: {}, figures: [], budgets: [], notes: [] };

test("a million chunks cost the node's time for them, round by round", () => {
  const figures = [
    { subject: "a", measure: "documents", unit: "documents/s", samples: [50, 100] },
    { subject: "a", measure: "chunks", unit: "chunks", samples: [2000, 2000] },
    { subject: "embedding alone", measure: "documents", unit: "documents/s", samples: [60] },
    { subject: "a / b", measure: "documents", unit: "x", samples: [2] },
  ];
  // 1,000 documents are 2,000 chunks: 50 documents/s are 100 chunks/s, 10,000 s for a million.
  assert.deepEqual(
    ingestCost(figures, 1000, prices).map(({ subject, measure, unit, samples }) => [
      subject,
      measure,
      unit,
      samples.map((sample) => Number(sample.toFixed(6))),
    ]),
    [
      ["a", "a million chunks, node", "$", [1, 0.5]],
      ["a", "a million chunks, spot, middle of its prices", "$", [0.416667, 0.208333]],
    ],
  );
});

test("a million queries cost the milliseconds begun, the requests and the gateway", () => {
  const figures = queryCost([9.2, 10, 10.1], 512, prices);
  const costs = Object.fromEntries(figures.map(({ measure, samples }) => [measure, samples[0]?.toFixed(6)]));
  // 10, 10 and 11 ms, half a GB: 31 / 3 / 1000 * 0.5 * 1e6 GB-seconds.
  assert.deepEqual(costs, {
    "the function's time": "0.051667",
    "its requests": "0.200000",
    "the gateway": "3.500000",
    together: "3.751667",
  });
});

test("what has no price is left out, and no sum stands for the whole without it", () => {
  const { restApiRequests: _, ...some } = prices.prices;
  const measures = queryCost([10], 1024, { ...prices, prices: some }).map(({ measure }) => measure);
  assert.deepEqual(measures, ["the function's time", "its requests"]);
});

test("the benches take the shipped prices and the function's own memory, and say whose milliseconds they are", async () => {
  const priced = await withQueryCost([12.6], report);
  assert.equal(priced.figures.length, 4);
  assert.match(priced.notes.join(), /1024 MB, x86, prices of \d{4}.*takes longer/);
  const ingested = await withIngestCost(1, report);
  assert.match(
    ingested.notes.join(),
    /e2-standard-4, on demand and of n2-standard-4, Spot.*VNNI.*may be slower or faster/,
  );
});

test("the dollars of an ingest say whether the cores measured have VNNI, which the node priced may lack", () => {
  const vnni = (avx512Vnni: boolean | undefined, avxVnni: boolean | undefined) =>
    /these cores ([^;]*); a node without/.exec(ingestNote(prices, { avx512Vnni, avxVnni }))?.[1];
  assert.equal(vnni(true, false), "have VNNI");
  assert.equal(vnni(false, true), "have VNNI");
  assert.equal(vnni(false, false), "have no VNNI");
  assert.equal(vnni(undefined, undefined), "do not tell whether they have VNNI");
});

test("the machines priced are those of infra/terraform's pools", async () => {
  const variables = await readFile(join(import.meta.dirname, "../infra/terraform/gcp/variables.tf"), "utf8");
  const machine = (pattern: RegExp) => pattern.exec(variables)?.[1] ?? "not found";
  const shipped = (await loadPrices()).prices;
  const primary = machine(/variable "machine_type" \{[^}]*default\s*=\s*"([^"]+)"/);
  const ingestion = machine(/variable "ingest_pool" \{[^}]*machine_type = optional\(string, "([^"]+)"\)/);
  assert.equal(shipped.nodeHour?.what, `${primary}, on demand`);
  assert.equal(shipped.spotNodeHour?.what, `${ingestion}, Spot`);
});
