const fence = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})/;
const moduleLine =
  /^(?:import\s*(?:["'{*]|[\w$]+\s+from\s*["']|[\w$]+\s*,\s*[{*])|export\s*(?:[{*]|(?:default|const|let|var|function|async|class)\s))/;
/^(?:import(?:\s+[\w*{"']|\s*["'{*])|export\s+(?:default\b|const\b|let\b|var\b|function\b|async\b|class\b|\{|\*))/;
// What these attributes hold is shown to readers.
const shownAttribute = /(?:^|\s)(?:title|label|alt|caption|summary|description|header|name)=(?:"([^"]*)"|'([^']*)')/g;
/** A tag or an expression that is longer is taken for text. */
const longestTag = 20_000;
/** So many tags without an end, and what looks like tags is taken for text from there on: it may be made to cost time. */
const mostUnclosed = 50;

/** Offset after the balanced end of what begins at `start` (a brace or a tag), quotes and templates respected; -1 without one. */
function balancedEnd(text: string, start: number, tag: boolean): number {
  let depth = 0;
  const last = Math.min(text.length, start + longestTag);
  for (let at = start; at < last; at += 1) {
    const character = text.charAt(at);
    if ((character === '"' || character === "'" || character === "`") && (tag || depth > 0)) {
      let close = at + 1;
      while (close < last && text.charAt(close) !== character) close += text.charAt(close) === "\\" ? 2 : 1;
      // An apostrophe in words that stand between braces opens no string.
      if (close < last) at = close;
    } else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0 && !tag) return at + 1;
    } else if (tag && character === ">" && depth === 0) return at + 1;
  }
  return -1;
}

function wordsOfTag(tag: string): string {
  return [...tag.matchAll(shownAttribute)].map(([, double, single]) => double ?? single ?? "").join(" — ");
}

/** Prose of MDX: components by what they show, comments out, code in backticks as it is. */
function withoutComponents(text: string): string {
  const parts: string[] = [];
  let from = 0;
  let unclosed = 0;
  // What components side by side show are words of their own; a component inside a word leaves it whole.
  let isApart = false;
  const add = (words: string): void => {
    if (words === "") return;
    const touches = /[^\s([{"'“‘]$/u.test(parts.at(-1) ?? "") && /^[\p{L}\p{N}*_[`]/u.test(words);
    parts.push(isApart && touches ? ` ${words}` : words);
    isApart = false;
  };
  const mark = /`+|\{\/\*|<\/?(?:[A-Z][\w.-]*|>)/g;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const start = found.index;
    let end = -1;
    let shown = "";
    if (found[0].startsWith("`")) {
      const close = text.indexOf(found[0], start + found[0].length);
      mark.lastIndex = close === -1 ? start + found[0].length : close + found[0].length;
      continue;
    }
    if (found[0] === "{/*") {
      const close = text.indexOf("*/}", start);
      end = close === -1 ? -1 : close + 3;
    } else if (found[0].endsWith(">")) end = start + found[0].length;
    else {
      end = balancedEnd(text, start, true);
      if (end !== -1) shown = wordsOfTag(text.slice(start, end));
    }
    if (end === -1) {
      unclosed += 1;
      if (unclosed > mostUnclosed) break;
      continue;
    }
    const isBesideAnother = from > 0 && from === start;
    add(text.slice(from, start));
    if (shown !== "") {
      isApart = true;
      add(shown);
    }
    isApart ||= shown !== "" || isBesideAnother;
    from = end;
    mark.lastIndex = end;
  }
  add(text.slice(from));
  return parts.join("");
}

/** Offset of the line after the imports or the export that begin at `start`: to a blank line, but never inside braces. */
function moduleEnd(text: string, start: number): number {
  let at = start;
  let unclosed = false;
  while (at < text.length) {
    const lineBreak = text.indexOf("\n", at);
    const end = lineBreak === -1 ? text.length : lineBreak;
    const brace: number = unclosed ? -1 : text.indexOf("{", at);
    const close = brace !== -1 && brace < end ? balancedEnd(text, brace, false) : -1;
    unclosed ||= brace !== -1 && brace < end && close === -1;
    if (close > end) at = close;
    else if (text.slice(at, end).trim() === "") return at;
    else at = Math.min(end + 1, text.length);
  }
  return text.length;
}

/**
 * MDX as its readers see it: without imports, exports and comments, components by the titles and labels they show and by what
 * they hold. Code stays as it is.
 *
 * @param text with line feeds, after its front matter.
 */
export function withoutMdx(text: string): string {
  const parts: string[] = [];
  let prose = 0;
  let closing: string | undefined;
  let afterBlank = true;
  for (let at = 0; at < text.length; ) {
    const lineBreak = text.indexOf("\n", at);
    const next = lineBreak === -1 ? text.length : lineBreak + 1;
    const line = text.slice(at, next);
    const [, marks] = fence.exec(line) ?? [];
    if (closing !== undefined) {
      if (marks?.startsWith(closing) === true) {
        closing = undefined;
        parts.push(text.slice(prose, next));
        prose = next;
      }
    } else if (marks !== undefined) {
      parts.push(withoutComponents(text.slice(prose, at)));
      prose = at;
      closing = marks;
    } else if (afterBlank && moduleLine.test(line)) {
      parts.push(withoutComponents(text.slice(prose, at)));
      prose = moduleEnd(text, at);
      at = prose;
      continue;
    }
    afterBlank = line.trim() === "";
    at = next;
  }
  const rest = text.slice(prose);
  parts.push(closing === undefined ? withoutComponents(rest) : rest);
  return parts.join("").replace(/\n[ \t]*\n(?:[ \t]*\n)+/g, "\n\n");
}
