/** Whether what stands at a URI is Markdown; a record of a file of many is not. */
export function isMarkdown(uri: string): boolean {
  return /\.(?:md|markdown|mdown|mkd)$/i.test(uri);
}

const FENCE = /^\s*(?:```|~~~)/;
const ROW = /^\s*\|.*\|\s*$/;
const RULE = /^[\s|:-]+$/;

/**
 * A sentence, a row below its columns' names, or a block of code, written in Markdown, as the lines that a person reads in a terminal: code without its
 * fences and set in, a row as its cells below each other with their names, and the words without marks. What it does not know stays as it is written.
 */
export function markdownLines(text: string): string[] {
  const lines = text.split("\n");
  const read: string[] = [];
  let fenced = false;
  let columns: readonly string[] | undefined;
  for (const [at, line] of lines.entries()) {
    if (FENCE.test(line)) {
      fenced = !fenced;
      continue;
    }
    if (fenced) {
      read.push(`    ${line}`);
    } else if (ROW.test(line)) {
      const names = columns === undefined && ROW.test(lines[at + 1] ?? "");
      if (names) columns = cellsOf(line);
      else if (!RULE.test(line)) read.push(...rowLines(cellsOf(line), columns));
      continue;
    } else {
      read.push(words(line.replace(/^\s{0,3}#{1,6}\s+/, "")));
    }
    columns = undefined;
  }
  return read;
}

function rowLines(cells: readonly string[], columns: readonly string[] | undefined): string[] {
  const filled = cells.flatMap((cell, at) => (cell === "" ? [] : [{ name: columns?.[at] ?? "", cell }]));
  if (columns === undefined) return [filled.map(({ cell }) => cell).join(" · ")];
  return filled.map(({ name, cell }) => (name === "" ? cell : `${name}: ${cell}`));
}

/** A bar that is part of a cell is written with a backslash. */
function cellsOf(row: string): string[] {
  return row
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => words(cell.trim().replaceAll("\\|", "|")));
}

/** Code, and between it: links, strong words, and signs with a backslash before them. Underscores are left: most are parts of names. */
const MARKS =
  /(?<!`)(?<ticks>`+)(?!`)(?<code>.+?)(?<!`)\k<ticks>(?!`)|!?\[(?<label>[^\]]*)\]\((?<target>[^()\s]*)\)|\*\*(?<strong>[^*\s](?:[^*]*[^*\s])?)\*\*|\\(?<sign>[!-/:-@[-`{-~])/g;

function words(text: string): string {
  return text.replace(MARKS, (whole, ...found) => {
    const { code, label, target, strong, sign } = found.at(-1) as Readonly<Record<string, string | undefined>>;
    if (code !== undefined) return /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code;
    if (strong !== undefined) return words(strong);
    if (label === undefined || target === undefined) return sign ?? whole;
    const said = words(label);
    // A place in the documents says nothing here; an address on the web can be followed.
    return /^https?:/i.test(target) && said !== target ? [said, `(${target})`].filter(Boolean).join(" ") : said;
  });
}
