import type { Costs } from "../../core/plan/cost.ts";
import { columns } from "../terminal/columns.ts";
import type { Output } from "../terminal/output.ts";
import type { ShownPlan } from "./plan-json.ts";
import { money, spanOf } from "./plan-numbers.ts";

/** What the plan comes to in the cloud: once, and for a month. */
export function printCosts(output: Output, { forecast, circumstances, oldPrices }: ShownPlan): void {
  const { currency, asOf, regions, prices } = circumstances.prices;
  const { once, month } = forecast;
  const local = circumstances.store === "sqlite" && !circumstances.bucket;
  const whose = local ? "In the cloud, with Weaviate, it would cost, by prices" : "Prices";
  output.line(`${whose} as of ${asOf}, ${currency}, ${regions.join(" and ")}:`);
  if (oldPrices) {
    output.line(
      output.style("yellow", "  these prices are over six months old: look them up, or give your own (--prices)"),
    );
  }
  const node = (circumstances.spot ? prices.spotNodeHour : prices.nodeHour)?.what;
  const rows = [
    ...(once === undefined ? [] : costRows(once, node)),
    ...costRows(month.starter).map(([what = "", cost = "", span = ""]) => [`a month: ${what}`, cost, span]),
    ...costRows(month.production).map(([what = "", cost = "", span = ""]) => [`a month: ${what}`, cost, span]),
  ];
  for (const line of columns(rows)) output.line(`  ${line}`);
  const missing = [once, month.starter, month.production].flatMap((costs) => costs?.missing ?? []);
  if (missing.length > 0) output.line(`  not counted, for the file has no price of it: ${missing.join(", ")}`);
}

function costRows({ lines, sum }: Costs, node?: string): string[][] {
  const rows = lines.map(({ name, what, cost }) => {
    const detail = node !== undefined && /nodeHour$/i.test(name) ? ` (${node})` : "";
    return [`${what}${detail}`, money(cost.expected), spanOf(cost)];
  });
  return lines.length > 1 ? [...rows, ["once, together", money(sum.expected), spanOf(sum)]] : rows;
}
