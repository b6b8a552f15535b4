import type { Archive } from "./archive.ts";
import { type Block, rowText } from "./blocks.ts";
import { mathText } from "./math.ts";
import type { Relationship } from "./package.ts";
import { alternative, childOf, childrenOf, descendants, elementsOf, textOf, type XmlElement, xmlTree } from "./xml.ts";

// A chart may hold the cells of a whole sheet.
const maxChartRows = 2_000;

/** What somebody wrote about a picture for those who cannot see it; "" for none, or for what programs fill in. */
export function alternativeText(properties: XmlElement | undefined): string {
  const { descr = "", title = "" } = properties?.attributes ?? {};
  const text = (descr.trim() || title.trim()).replace(/\s+/g, " ");
  return /^\S+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)$|^(?:[a-z]:\\|https?:\/\/|file:)\S*$/i.test(text)
    ? ""
    : text;
}

function runText(element: XmlElement): string {
  if (element.name === "a:br") return "\n";
  if (element.name === "a:t") return textOf(element);
  if (element.name === "m:oMath" || element.name === "m:oMathPara") return mathText(element);
  if (element.name === "mc:AlternateContent")
    return elementsOf({ ...element, children: alternative(element) })
      .map(runText)
      .join("");
  return element.name.endsWith("Pr") ? "" : elementsOf(element).map(runText).join("");
}

/** The paragraphs inside an element of DrawingML, one a string. */
export function drawingParagraphs(element: XmlElement | undefined): string[] {
  return element ? descendants(element, "a:p").map(runText) : [];
}

function points(holder: XmlElement | undefined): Map<number, string> {
  const found = new Map<number, string>();
  if (!holder) return found;
  for (const point of descendants(holder, "c:pt")) {
    const index = Number(point.attributes["idx"]);
    if (index < maxChartRows) found.set(index, descendants(point, "c:v").map(textOf).join(" "));
  }
  return found;
}

/** A chart as what it shows: its titles, then a row for each category with the values of each series. */
function chartBlocks(chart: XmlElement): Block[] {
  const titles = descendants(chart, "c:title").map((title) => drawingParagraphs(title).join(" "));
  const series = descendants(chart, "c:ser");
  const names = series.map((one) => [...points(childOf(one, "c:tx")).values()].join(" "));
  const categories = series.map((one) => points(childOf(one, "c:cat") ?? childOf(one, "c:xVal")));
  const values = series.map((one) => points(childOf(one, "c:val") ?? childOf(one, "c:yVal")));
  const indexes = [...new Set([...categories, ...values].flatMap((one) => [...one.keys()]))].sort((a, b) => a - b);
  const rows = indexes.map((index) => {
    const category = categories.find((one) => one.has(index))?.get(index) ?? "";
    return [category, ...values.map((one) => one.get(index) ?? "")];
  });
  return [
    ...titles.map((text) => ({ text })),
    ...[["", ...names], ...rows].map((cells) => ({ text: rowText(cells), group: "table" as const })),
  ];
}

/** The words of a diagram (SmartArt), a point a line. */
function diagramBlocks(data: XmlElement): Block[] {
  return descendants(data, "dgm:pt").flatMap((point) => {
    const text = drawingParagraphs(childOf(point, "dgm:t")).join("\n");
    return [{ text, group: "list" as const }];
  });
}

/** What the charts and diagrams of a part say, by the id that the part has for each. */
export async function drawnParts(
  archive: Archive,
  relationships: readonly Relationship[],
): Promise<Map<string, readonly Block[]>> {
  const drawn = new Map<string, readonly Block[]>();
  for (const { id, type, target } of relationships) {
    if (type !== "chart" && type !== "diagramData") continue;
    const root = await xmlTree(archive.stream(target));
    if (root) drawn.set(id, type === "chart" ? chartBlocks(root) : diagramBlocks(root));
  }
  return drawn;
}

/** The ids by which a drawing shows charts and diagrams. */
export function drawnIds(drawing: XmlElement): string[] {
  return descendants(drawing, "c:chart", "dgm:relIds").flatMap(({ attributes }) => {
    const id = attributes["r:id"] ?? attributes["r:dm"];
    return id === undefined ? [] : [id];
  });
}

/** The rows of a table of DrawingML. */
export function drawingTable(table: XmlElement): Block[] {
  return childrenOf(table, "a:tr").map((row) => ({
    text: rowText(childrenOf(row, "a:tc").map((cell) => drawingParagraphs(cell).join(" "))),
    group: "table" as const,
  }));
}
