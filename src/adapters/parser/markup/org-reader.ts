import type { SandboxItem, SandboxJob } from "../sandbox-protocol.ts";
import { createTextBuilder } from "../text-builder.ts";
import { dedent, included, type MarkupContent, markupDocument, markupMetadata, tableRow } from "./content.ts";

const headline = /^(\*{1,50})\s+(.*)$/;
const keyword = /^\s*#\+([A-Za-z_][\w-]{0,40})(?:\[[^\]]{0,200}\])?:\s*(.*)$/;
const blockBegin = /^\s*#\+begin_(\S{1,40})(?:\s|$)/i;
const drawer = /^\s*:([\w-]{1,60}):\s*$/;
const codeBlocks = new Set(["src", "example"]);
const silentBlocks = new Set(["comment", "export"]);

// A mark of emphasis stands after a blank or an opening sign, and before a blank or a closing one.
const emphasis = ["*", "/", "_", "+", "=", "~"].map((mark) => {
  const escaped = `\\${mark}`.replace(/^\\([_=~])$/, "$1");
  return new RegExp(
    `(?<![^\\s('"{[*/_+=~-])${escaped}(\\S(?:[^${escaped}\\n]{0,1000}?\\S)?)${escaped}(?![^\\s)'"}\\].,;:!?*/_+=~-])`,
    "gu",
  );
});

function inline(text: string): string {
  let shown = text
    .replace(/\[\[([^\][]{1,1000})\]\[([^\][]{1,1000})\]\]/g, "$2")
    .replace(/\[\[([^\][]{1,1000})\]\]/g, "$1")
    .replace(/\[fn:([\w-]{0,60}):([^\][]{1,1000})\]/g, " ($2)")
    .replace(/<<<?([^<>\n]{1,200})>>>?/g, "$1")
    .replace(/@@\w{1,20}:[^@\n]{0,500}@@/g, "");
  for (const pattern of emphasis) shown = shown.replace(pattern, "$1");
  return shown.replace(/\\\\$/gm, "").replace(/\[(?:\d{1,4}%|\d{1,6}\/\d{1,6})\]/g, "");
}

/** A headline without its state, its priority and its tags. */
function headlineText(text: string): string {
  return inline(
    text
      .replace(/\s+:[\w@#%:]{1,300}:\s*$/, "")
      .replace(/^(?:TODO|DONE|NEXT|WAITING|CANCELLED|CANCELED|HOLD|STARTED)\s+/, "")
      .replace(/^\[#[A-Z0-9]\]\s+/, ""),
  ).trim();
}

export function orgContent(source: string): MarkupContent {
  const lines = source.split("\n");
  const builder = createTextBuilder();
  const fields = new Map<string, string>();
  let paragraph: string[] = [];
  /** The level of a headline whose subtree is a comment. */
  let silentBelow = Number.POSITIVE_INFINITY;
  const flush = (): void => {
    builder.block(inline(paragraph.join("\n")));
    paragraph = [];
  };
  const endOf = (from: number, ends: (line: string) => boolean): number => {
    for (let at = from; at < lines.length; at += 1) {
      if (ends(lines[at] ?? "")) return at;
      // A headline ends whatever was left open.
      if (headline.test(lines[at] ?? "")) return at - 1;
    }
    return lines.length;
  };
  // Of drawers that nobody closes there may be many, and each would look through all that follows.
  let drawerEnd = -1;
  const endOfDrawer = (from: number): number => {
    if (from > drawerEnd) drawerEnd = endOf(from, (candidate) => /^\s*:END:\s*$/i.test(candidate));
    return drawerEnd;
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const [, stars, label = ""] = headline.exec(line) ?? [];
    if (stars !== undefined) {
      flush();
      if (stars.length <= silentBelow)
        silentBelow = /^(?:[A-Z]{2,20} )?COMMENT(?:\s|$)/.test(label) ? stars.length : Number.POSITIVE_INFINITY;
      if (silentBelow === Number.POSITIVE_INFINITY) builder.heading(stars.length, headlineText(label));
      continue;
    }
    if (silentBelow < Number.POSITIVE_INFINITY) continue;
    const block = blockBegin.exec(line)?.[1]?.toLowerCase();
    const [, name, value = ""] = keyword.exec(line) ?? [];
    if (block !== undefined) {
      flush();
      const end = endOf(at + 1, (candidate) => candidate.trim().toLowerCase() === `#+end_${block}`);
      const content = lines.slice(at + 1, end);
      // In code, a comma before a star or a plus sign protects it from being markup.
      if (codeBlocks.has(block))
        builder.block(
          dedent(content)
            .map((one) => one.replace(/^(\s*),(?=[*#])/, "$1"))
            .join("\n"),
        );
      else if (!silentBlocks.has(block)) builder.block(inline(dedent(content).join("\n")));
      at = end;
    } else if (name !== undefined) {
      flush();
      const key = name.toLowerCase();
      if (key === "caption" || key === "html" || key === "begin") builder.block(key === "caption" ? inline(value) : "");
      else if (key === "include") builder.block(included(value));
      else if (value !== "")
        fields.set(key, fields.has(key) && key === "title" ? `${fields.get(key)} ${value}` : value);
    } else if (/^\s*#(?:\s|$|\+)/.test(line)) flush();
    else if (drawer.test(line)) {
      flush();
      const isKept = !/^\s*:(?:PROPERTIES|LOGBOOK|CLOCK|END):/i.test(line);
      const end = endOfDrawer(at + 1);
      // A drawer that nobody closes is text.
      if (!isKept && end < lines.length) at = end;
    } else if (/^\s*\|/.test(line)) {
      flush();
      if (!/^\s*\|-[-+|]*\s*$/.test(line))
        builder.block(
          tableRow(
            line
              .trim()
              .replace(/^\||\|$/g, "")
              .split("|")
              .map(inline),
          ),
          "\n",
        );
    } else if (/^\s*:(?:\s|$)/.test(line)) {
      flush();
      builder.block(line.replace(/^\s*:\s?/, ""), "\n");
    } else if (line.trim() === "" || /^\s*-{5,}\s*$/.test(line)) flush();
    else paragraph.push(line.trim());
  }
  flush();
  const known = ["author", "date", "email", "description", "keywords"];
  const metadata = markupMetadata(known.map((key): [string, string] => [key, fields.get(key) ?? ""]));
  return { title: inline(fields.get("title") ?? ""), ...builder.finish(), metadata };
}

/** Org mode. Runs in the sandbox. */
export async function readOrg(job: SandboxJob): Promise<readonly SandboxItem[]> {
  return markupDocument(job, orgContent);
}
