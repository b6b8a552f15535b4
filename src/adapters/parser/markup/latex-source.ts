// Far beyond any argument that is a heading or a name: past it, a brace that nobody closed is taken for a character.
export const longestArgument = 20_000;

/** The text without its comments. `\%` is a character, a comment takes its line end along, and code keeps its signs. */
export function withoutComments(source: string): string {
  const parts: string[] = [];
  const special =
    /\\begin\{((?:verbatim|Verbatim|lstlisting|minted|alltt|spverbatim)\*?)\}|\\[\s\S]|%[^\n]*(?:\n[ \t]*(?=\S))?/g;
  let from = 0;
  for (let match = special.exec(source); match; match = special.exec(source)) {
    const [token, environment] = match;
    if (environment !== undefined) {
      const end = source.indexOf(`\\end{${environment}}`, match.index);
      special.lastIndex = end === -1 ? source.length : end;
    } else if (token.startsWith("%")) {
      parts.push(source.slice(from, match.index));
      from = special.lastIndex;
    }
  }
  return parts.join("") + source.slice(from);
}

/** Where a sign comes next at or after a place, -1 for nowhere. */
export type Find = (sign: string, from: number) => number;

/** Remembers what it found: to look through all that follows at each sign that nobody closes would cost the square. */
export function finderIn(source: string): Find {
  const found = new Map<string, { readonly from: number; readonly at: number }>();
  return (sign, from) => {
    const known = found.get(sign);
    if (known && known.from <= from && (known.at === -1 || from <= known.at)) return known.at;
    const at = source.indexOf(sign, from);
    found.set(sign, { from, at });
    return at;
  };
}

/** Where the bracket that opens at `from` is closed, or -1. */
export function closing(source: string, from: number, close: string): number {
  let depth = 0;
  const end = Math.min(source.length, from + longestArgument);
  for (let at = from; at < end; at += 1) {
    const character = source[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "}") {
      if (depth === (close === "}" ? 1 : 0)) return close === "}" ? at : -1;
      depth -= 1;
    } else if (character === close && depth === 0) return at;
  }
  return -1;
}

/** Reads arguments as they come: `*`, options between brackets, and up to `count` of those between braces. */
export function argumentsAt(
  source: string,
  from: number,
  count: number,
): { options: string[]; values: string[]; next: number } {
  const options: string[] = [];
  const values: string[] = [];
  let at = source[from] === "*" ? from + 1 : from;
  for (;;) {
    // Arguments may stand apart, yet a paragraph's end is never crossed.
    const gap = /^[ \t]*\n?[ \t]*/.exec(source.slice(at, at + 100))?.[0].length ?? 0;
    const start = source[at] === "[" || source[at] === "{" ? at : at + gap;
    const open = source[start];
    const isValue = open === "{" && values.length < count;
    const isOption = open === "[" && (values.length === 0 || values.length < count);
    if (!isValue && !isOption) break;
    const end = closing(source, start, open === "{" ? "}" : "]");
    if (end === -1) break;
    (isValue ? values : options).push(source.slice(start + 1, end));
    at = end + 1;
  }
  return { options, values, next: at };
}
