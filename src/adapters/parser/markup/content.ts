import type { Metadata } from "../../../core/types.ts";
import { cleanLine, cleanText } from "../clean.ts";
import { decodeText, lostCharacters } from "../decode.ts";
import { wholeDocument } from "../document.ts";
import type { SandboxItem, SandboxJob } from "../sandbox-protocol.ts";
import { type Heading, sectionsOf } from "../sections.ts";

/** What a reader of a markup language makes of a source text. */
export interface MarkupContent {
  /** As the document itself gives it, else "". */
  readonly title: string;
  readonly text: string;
  readonly headings: readonly Heading[];
  readonly metadata: Metadata;
}

/** Titled by what the document says, else by a first heading that stands above all others, else by its file name. */
export async function markupDocument(
  job: SandboxJob,
  read: (source: string) => MarkupContent,
): Promise<readonly SandboxItem[]> {
  const decoded = await decodeText(job.bytes);
  const { title, text, headings, metadata } = read(cleanText(decoded.text));
  const [first, ...others] = headings;
  const top = first && others.every((heading) => heading.level > first.level) ? first.label : "";
  const sections = sectionsOf(text, headings);
  const shown = cleanLine(title) || top || job.fallbackTitle;
  const document = wholeDocument(job.name, { title: shown, text, sections, metadata });
  const lost = lostCharacters(decoded);
  return lost ? [document, lost] : [document];
}

/** Metadata without empty values, each on one line. */
export function markupMetadata(fields: Iterable<readonly [string, string]>): Metadata {
  const kept = [...fields].map(([key, value]): [string, string] => [cleanLine(key).toLowerCase(), cleanLine(value)]);
  return Object.fromEntries(kept.filter(([key, value]) => key !== "" && value !== ""));
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The lines without the indent that all of them share. */
export function dedent(lines: readonly string[]): string[] {
  const shared = lines
    .filter((line) => line.trim() !== "")
    .reduce((least, line) => Math.min(least, indentOf(line)), Number.POSITIVE_INFINITY);
  return lines.map((line) => line.slice(Math.min(shared, indentOf(line))));
}

/** The lines from `from` on that are indented by more than `indent`, blank ones between them included. */
export function indentedBlock(
  lines: readonly string[],
  from: number,
  indent: number,
): { readonly lines: string[]; readonly next: number } {
  let end = from;
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.trim() === "") continue;
    if (indentOf(line) <= indent) break;
    end = at + 1;
  }
  return { lines: lines.slice(from, end), next: end };
}

/** A row of a table in one line, empty cells in their place; "" for a row of nothing else. */
export function tableRow(cells: readonly string[]): string {
  const shown = cells.map((cell) => cell.replace(/\s+/g, " ").trim());
  return shown.some((cell) => cell !== "") ? shown.join(" | ") : "";
}

/** How a file that is only named here is told: it is a document of its own, where it was ingested. */
export const included = (name: string): string => `(includes ${name.trim()})`;
