// Each pattern is bounded, and looks at one line or paragraph at a time.
const unconstrained: readonly (readonly [RegExp, string])[] = [
  [/\*\*([^*\n]{1,1000}?)\*\*/g, "$1"],
  [/__([^_\n]{1,1000}?)__/g, "$1"],
  [/``([^`\n]{1,1000}?)``/g, "$1"],
  [/##([^#\n]{1,1000}?)##/g, "$1"],
];
const before = String.raw`(?<![\p{L}\p{N}_\\;:}])`;
const after = String.raw`(?![\p{L}\p{N}_])`;
const constrained = ["*", "_", "`", "#", "+"].map((mark): readonly [RegExp, string] => {
  const escaped = `\\${mark}`.replace("\\_", "_").replace("\\`", "`").replace("\\#", "#");
  return [new RegExp(`${before}${escaped}(\\S(?:[^${escaped}]{0,1000}?\\S)?)${escaped}${after}`, "gu"), "$1"];
});

/** The first of the attributes between brackets, without its quotes. */
function firstAttribute(attributes: string): string {
  const [, quoted] = /^\s*"((?:[^"\\]|\\.){0,1000})"/.exec(attributes) ?? [];
  if (quoted !== undefined) return quoted;
  // Words with an equals sign behind them are named attributes, and no text.
  return /^\s*[\w-]{1,40}=/.test(attributes) ? "" : attributes.replace(/,\s*[\w-]{1,40}=.*$/s, "").replace(/\^$/, "");
}

/** Text of AsciiDoc as a reader sees it. @param attributes what `{name}` stands for. */
export function asciidocInline(text: string, attributes: ReadonlyMap<string, string>): string {
  let shown = text
    .replace(/(?<!\\)\{([\w-]{1,60})\}/g, (whole, name: string) => attributes.get(name.toLowerCase()) ?? whole)
    .replace(/\+\+\+([\s\S]{0,2000}?)\+\+\+/g, "$1")
    .replace(/\(\(\([^()]{0,300}\)\)\)/g, "")
    .replace(/\(\(([^()]{1,300})\)\)/g, "$1")
    .replace(/\[\[[^\]\n]{1,200}\]\]|\banchor:[^\s[]{1,200}\[[^\]\n]{0,200}\]/g, "")
    .replace(/footnote(?:ref)?:[\w-]{0,60}\[((?:[^\]\\]|\\.){0,2000})\]/g, (_whole, note: string) =>
      note === "" ? "" : ` (${note})`,
    )
    .replace(/<<([^<>,\n]{1,300})(?:,([^<>]{1,300}))?>>/g, (_whole, id: string, label?: string) =>
      (label ?? id.replace(/^.*#/, "")).trim(),
    )
    .replace(/\b(?:stem|latexmath|asciimath|kbd|btn|pass):[\w,]{0,20}\[((?:[^\]\\]|\\.){0,1000})\]/g, "$1")
    .replace(/\bmenu:([^[\n]{1,100})\[([^\]\n]{0,300})\]/g, (_whole, menu: string, items: string) =>
      [menu, ...items.split(">")]
        .map((item) => item.trim())
        .filter(Boolean)
        .join(" > "),
    )
    .replace(
      /\b(?:image|icon|video|audio):([^:\s[][^\s[]{0,500})\[([^\]\n]{0,1000})\]/g,
      (_whole, _target, list: string) => firstAttribute(list).replace(/,.*$/s, ""),
    )
    .replace(
      /(?:\blink:|\bmailto:|\bxref:)([^\s[\]]{1,1000})\[((?:[^\]\\]|\\.){0,1000})\]/g,
      (_whole, target: string, list: string) => firstAttribute(list) || target,
    )
    .replace(
      /(?<![\w"'(])((?:https?|ftp|irc):\/\/[^\s[\]<>]{1,1000})\[((?:[^\]\\]|\\.){0,1000})\]/g,
      (_whole, target: string, list: string) => firstAttribute(list) || target,
    )
    .replace(/\[[.#%\w -]{1,60}\](?=[#*_`+])/g, "")
    .replace(/"`([^`\n]{1,500})`"/g, "“$1”")
    .replace(/'`([^`\n]{1,500})`'/g, "‘$1’");
  for (const [pattern, replacement] of [...unconstrained, ...constrained]) shown = shown.replace(pattern, replacement);
  return shown
    .replace(/\^([^\s^]{1,100})\^|~([^\s~]{1,100})~/g, (_whole, above?: string, below?: string) => above ?? below ?? "")
    .replace(/\s<\d{1,3}>(?=\s|$)/g, "")
    .replace(/\\(?=[{*_`#+^~<([:])/g, "");
}
