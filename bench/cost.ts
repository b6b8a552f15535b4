import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { loadPrices } from "../src/compose/prices.ts";
import { type PriceList, type PriceName, priceOf } from "../src/core/plan/prices.ts";
import { describeMachine, type Machine } from "./machine.ts";
import type { Figure, Report } from "./report.ts";
import { mean } from "./statistics.ts";

const million = 1_000_000;
/** The primary pool's machine, and the ingestion pool's. */
const nodePrices = ["nodeHour", "spotNodeHour"] as const satisfies PriceName[];
const template = join(import.meta.dirname, "..", "infra", "serverless.yml");
const functionSchema = z.object({ functions: z.object({ query: z.object({ memorySize: z.number() }) }) });

/** The report of an ingest bench, with dollars for a million chunks. @param documents of one round. */
export async function withIngestCost(documents: number, report: Report): Promise<Report> {
  const prices = await loadPrices();
  const figures = ingestCost(report.figures, documents, prices);
  const notes = [ingestNote(prices, await describeMachine())];
  return { ...report, figures: [...report.figures, ...figures], notes: [...report.notes, ...notes] };
}

/** Whose speed the dollars are of, and whose price: they may be two machines. */
export function ingestNote(prices: PriceList, machine: Pick<Machine, "avx512Vnni" | "avxVnni">): string {
  const nodes = nodePrices.flatMap((name) => prices.prices[name]?.what ?? []).join(" and of ");
  const has = machine.avx512Vnni || machine.avxVnni;
  const vnni = { true: "have VNNI", false: "have no VNNI", undefined: "do not tell whether they have VNNI" }[`${has}`];
  return [
    `dollars: a node as fast as the cores measured here, at the price of ${nodes} (${prices.asOf})`,
    `these cores ${vnni}; a node without it, as an e2 may be, takes about twice as long as one with it`,
    "a cloud's vCPU may be slower or faster, and nothing but the node is in it",
  ].join("; ");
}

/**
 * What the node's time for a million chunks costs, of every contestant that tells documents a second and chunks.
 *
 * @param figures `documents` in documents/s, and `chunks` of all documents together.
 * @param documents of one round.
 */
export function ingestCost(figures: readonly Figure[], documents: number, prices: PriceList): Figure[] {
  return figures.flatMap((figure) => {
    if (figure.measure !== "documents" || figure.unit !== "documents/s") return [];
    const of = (measure: string) => figures.find((each) => each.subject === figure.subject && each.measure === measure);
    const chunks = of("chunks")?.samples;
    if (chunks === undefined) return [];
    const rates = figure.samples.map((rate, round) => (rate * (chunks[round] ?? Number.NaN)) / documents);
    return nodePrices.flatMap((name) => {
      const price = prices.prices[name];
      const hour = priceOf(prices, name)?.expected;
      if (price === undefined || hour === undefined) return [];
      const samples = rates.map((rate) => (million / rate / 3600) * hour);
      const middle = typeof price.amount === "number" ? "" : ", middle of its prices";
      return [{ subject: figure.subject, measure: `a million chunks, ${price.what}${middle}`, unit: "$", samples }];
    });
  });
}

/** The report of a query bench, with dollars for a million queries. @param milliseconds of each query. */
export async function withQueryCost(milliseconds: readonly number[], report: Report): Promise<Report> {
  const prices = await loadPrices();
  const { memorySize } = functionSchema.parse(parse(await readFile(template, "utf8"))).functions.query;
  return {
    ...report,
    figures: [...report.figures, ...queryCost(milliseconds, memorySize, prices)],
    notes: [
      ...report.notes,
      `dollars: ${memorySize} MB, x86, prices of ${prices.asOf}, milliseconds as measured here: Lambda gives that memory ${(memorySize / 1769).toFixed(2)} of a vCPU, so its function takes longer; cold starts, traffic between the clouds and the free tier are not in it`,
    ],
  };
}

/**
 * What a million queries cost: the function's time, by the millisecond begun, its requests, and the gateway's.
 *
 * @param memory of the function, MB.
 */
export function queryCost(milliseconds: readonly number[], memory: number, prices: PriceList): Figure[] {
  const billed = mean(milliseconds.map(Math.ceil)) / 1000;
  const parts: readonly (readonly [PriceName, string, number])[] = [
    ["lambdaGbSecondX86", "the function's time", million * billed * (memory / 1024)],
    ["lambdaRequests", "its requests", 1],
    ["restApiRequests", "the gateway", 1],
  ];
  const costs = parts.flatMap(([name, measure, quantity]) => {
    const price = priceOf(prices, name)?.expected;
    return price === undefined ? [] : [{ measure, cost: price * quantity }];
  });
  const figure = (measure: string, cost: number) => ({
    subject: "a million queries",
    measure,
    unit: "$",
    samples: [cost],
  });
  const figures = costs.map(({ measure, cost }) => figure(measure, cost));
  // A sum without one of its parts would be read as the whole.
  if (costs.length < parts.length) return figures;
  return [
    ...figures,
    figure(
      "together",
      costs.reduce((sum, { cost }) => sum + cost, 0),
    ),
  ];
}
