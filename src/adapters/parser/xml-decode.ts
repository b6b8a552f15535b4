import { IsthmusError } from "../../core/errors.ts";

/** Where the white space, comments and processing instructions at the start of the text end. */
function prologEnd(text: string): number {
  const space = /\s*/y;
  for (let at = 0; ; ) {
    space.lastIndex = at;
    space.exec(text);
    at = Math.max(at, space.lastIndex);
    const close = text.startsWith("<?", at) ? "?>" : text.startsWith("<!--", at) ? "-->" : "";
    const end = close === "" ? -1 : text.indexOf(close, at + 2);
    if (end === -1) return at;
    at = end + close.length;
  }
}

/**
 * The text without its document type declaration: the entities it declares are never expanded (a few lines of them can
 * stand for gigabytes, or for files of this machine), and stay in the text as they are written.
 */
export function withoutDoctype(text: string): string {
  const start = prologEnd(text);
  if (!/^<!DOCTYPE\b/i.test(text.slice(start, start + 10))) return text;
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (text.startsWith("<!--", at)) {
      const end = text.indexOf("-->", at);
      if (end === -1) break;
      at = end + 2;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "[") depth += 1;
    else if (character === "]") depth -= 1;
    else if (character === ">" && depth === 0) return text.slice(0, start) + text.slice(at + 1);
  }
  // It never ends: nothing of the file is more than a declaration, or it is damaged; the parser makes the best of it.
  return text;
}

// The parser looks through all open elements at each tag: without a bound, time would be the square of the depth.
const deepest = 1000;

/** @throws `parse_limit` for elements beyond all measure. @param name how messages call the file. */
export function checkDepth(depth: number, name: string): void {
  if (depth <= deepest) return;
  throw new IsthmusError("parse_limit", `${name} nests its elements more than ${deepest} deep. Simplify the file.`);
}
