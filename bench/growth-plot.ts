import { headOf, type Plotted, type PlottedFigure } from "./latest.ts";
import { escaped, round } from "./plot.ts";

/** What stands together on one chart: measures of the same unit, the first drawn whole and the second dashed. */
const charts = [
  { title: "ingest, ms a chunk", measures: ["ingest, since the size before"] },
  { title: "search p50, ms (dashed: hybrid)", measures: ["vector search, p50", "hybrid search, p50"] },
  { title: "memory, MiB (dashed: the server)", measures: ["peak memory of ingest", "memory of the server"] },
] as const;
const colours = ["#2563a8", "#c2571a", "#2a9d62", "#7a4fa3"];

const chart = { width: 300, height: 200, left: 48, gap: 12, top: 84, bottom: 34 } as const;
const width = charts.length * (chart.width + chart.gap);
const height = chart.top + chart.height + chart.bottom;

/**
 * Time, search and memory against the size of the index: a chart each, the size on a logarithmic axis, values from 0.
 *
 * @param reports of one machine; a store stands as its latest report has it, be it of both stores or of that one alone.
 * @returns undefined where none of them is about sizes.
 */
export function growthSvg(reports: readonly Plotted[]): string | undefined {
  const latest = new Map<string, { readonly report: Plotted; readonly points: readonly Point[] }>();
  for (const report of reports.toSorted((left, right) => (left.at < right.at ? -1 : 1))) {
    const all = report.figures.filter((figure): figure is Point => figure.at !== undefined);
    for (const [subject, points = []] of Object.entries(Object.groupBy(all, (point) => point.subject))) {
      latest.set(subject, { report, points });
    }
  }
  if (latest.size === 0) return undefined;
  const points = [...latest.values()].flatMap((each) => each.points);
  const sizes = [...new Set(points.map(({ at }) => at))].sort((left, right) => left - right);
  const subjects = [...latest.keys()].toSorted();
  const legend = subjects.map(
    (subject, index) =>
      `<rect x="${10 + index * 110}" y="48" width="14" height="4" fill="${colours[index % colours.length]}"/>` +
      `<text x="${30 + index * 110}" y="54">${escaped(subject)}</text>`,
  );
  const drawn = charts.map(({ title, measures }, index) =>
    drawChart(title, measures, points, sizes, subjects, index * (chart.width + chart.gap)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<style>
  svg { background: #fff } text { fill: #222 } .tick { fill: #666; font-size: 11px } .grid { stroke: #ddd }
  polyline { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 5 4 }
</style>
<title>Ingest, search and memory against the number of chunks</title>
<text x="10" y="20" font-size="14">Ingest, search and memory against the number of chunks</text>
<text x="10" y="38" fill="#666">${escaped(headOf([...latest.values()].map(({ report }) => report)))}</text>
${[...legend, ...drawn].join("\n")}
</svg>
`;
}

type Point = PlottedFigure & { at: number };

function drawChart(
  title: string,
  measures: readonly string[],
  points: readonly Point[],
  sizes: readonly number[],
  subjects: readonly string[],
  offset: number,
): string {
  const shown = points.filter(({ measure }) => measures.includes(measure));
  const greatest = niceAbove(Math.max(0, ...shown.map(({ median }) => median)));
  const [from, to] = [offset + chart.left, offset + chart.width - 14];
  const [least, most] = [Math.log(sizes[0] ?? 1), Math.log(sizes.at(-1) ?? 1)];
  const x = (size: number) =>
    coordinate(from + (most > least ? (Math.log(size) - least) / (most - least) : 0) * (to - from));
  const y = (value: number) => coordinate(chart.top + chart.height * (1 - value / greatest));
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * greatest);
    const label = `<text x="${from - 6}" y="${at + 4}" text-anchor="end" class="tick">${round(share * greatest)}</text>`;
    return `<line x1="${from}" x2="${to}" y1="${at}" y2="${at}" class="grid"/>${label}`;
  });
  const ticks = sizes.map(
    (size) =>
      `<text x="${x(size)}" y="${chart.top + chart.height + 18}" text-anchor="middle" class="tick">${shortened(size)}</text>`,
  );
  const lines = measures.flatMap((measure, dashed) =>
    subjects.flatMap((subject, index) => {
      const own = shown.filter((point) => point.subject === subject && point.measure === measure);
      if (own.length === 0) return [];
      const colour = colours[index % colours.length];
      const path = own.map(({ at, median }) => `${x(at)},${y(median)}`).join(" ");
      const dots = own.map(({ at, median }) => `<circle cx="${x(at)}" cy="${y(median)}" r="3" fill="${colour}"/>`);
      return [`<polyline points="${path}" stroke="${colour}"${dashed > 0 ? ' class="dashed"' : ""}/>${dots.join("")}`];
    }),
  );
  return [`<text x="${from}" y="${chart.top - 10}">${escaped(title)}</text>`, ...grid, ...ticks, ...lines].join("\n");
}

/** The least of 1, 2, 4, 8, 10, 20 … that is not below the value: quarters of it are short numbers. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 8, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}

function shortened(size: number): string {
  return size >= 1e6 ? `${size / 1e6} M` : size >= 1e3 ? `${size / 1e3} k` : String(size);
}
