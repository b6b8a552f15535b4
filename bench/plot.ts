import { headOf, type Plotted, type PlottedBudget } from "./latest.ts";

/** How often a budget is met over: 1 is just met, 2 twice as good, below 1 missed. Nothing at all is within any upper bound. */
export function margin({ bound, limit, measured }: PlottedBudget): number {
  if (bound === "at most" && measured <= 0) return Number.POSITIVE_INFINITY;
  return bound === "at least" ? measured / limit : limit / measured;
}

const width = 1060;
const left = 530;
const right = 250;
const row = 22;
const top = 64;
/** The axis is logarithmic: from a quarter of the budget to sixteen times as good. */
const [least, most] = [0.25, 16];

function x(value: number): number {
  const share = Math.log(Math.min(most, Math.max(least, value)) / least) / Math.log(most / least);
  return Math.round((left + share * (width - left - right)) * 10) / 10;
}

/** The reports of one machine: a bar a budget, from the budget itself to what was measured: to the right it is met, to the left missed. */
export function budgetsSvg(reports: readonly Plotted[]): string {
  const rows = reports.flatMap(({ bench, budgets }) => budgets.map((budget) => ({ bench, ...budget })));
  const height = top + rows.length * row + 24;
  const lines = [0.25, 0.5, 1, 2, 4, 8, 16].map(
    (value) =>
      `<line x1="${x(value)}" x2="${x(value)}" y1="${top - 8}" y2="${height - 20}" class="${value === 1 ? "budget" : "grid"}"/>` +
      `<text x="${x(value)}" y="${top - 14}" class="tick">${value === 1 ? "budget" : `${value}x`}</text>`,
  );
  const bars = rows.map((each, index) => {
    const y = top + index * row;
    const [from, to] = [x(1), x(margin(each))];
    const met = margin(each) >= 1;
    const shown = `${round(each.measured)} ${each.unit} (${each.bound} ${each.limit})`;
    return (
      `<text x="${left - 10}" y="${y + 14}" class="what">${escaped(`${each.bench}: ${each.what}`)}</text>` +
      `<rect x="${Math.min(from, to)}" y="${y + 3}" width="${Math.max(2, Math.abs(to - from))}" height="${row - 8}" class="${met ? "met" : "missed"}"/>` +
      `<text x="${width - right + 12}" y="${y + 14}" class="value">${escaped(shown)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<style>
  svg { background: #fff } text { fill: #222 } .what { text-anchor: end } .tick { text-anchor: middle; fill: #666 }
  .grid { stroke: #ddd } .budget { stroke: #222; stroke-width: 1.5 } .met { fill: #2a9d62 } .missed { fill: #d1495b }
</style>
<title>What was measured against the budgets</title>
<text x="10" y="20" font-size="14">What was measured against the budgets: how many times better (right) or worse (left)</text>
<text x="10" y="38" fill="#666">${escaped(headOf(reports))}</text>
${[...lines, ...bars].join("\n")}
</svg>
`;
}

export function round(value: number): string {
  return Math.abs(value) < 10 ? Number(value.toPrecision(3)).toString() : Math.round(value).toLocaleString("en-US");
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
