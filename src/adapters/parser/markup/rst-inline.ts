/**
 * A line of reStructuredText as a reader sees it: marks of emphasis, roles and targets are gone, words stay.
 *
 * @param substitutions what `|name|` stands for.
 */
export function rstInline(line: string, substitutions: ReadonlyMap<string, string>): string {
  // What stands between literal marks is kept as it is.
  return line
    .split(/(``[^`]{1,2000}?``(?!`))/)
    .map((part, index) => (index % 2 === 1 ? part.slice(2, -2) : marked(part, substitutions)))
    .join("");
}

/** `title <target>` shows its title; `~module.Name` of a role its last part. */
function shownText(text: string, isRole: boolean): string {
  const [, title = ""] = /^([^<>]{1,500}?)\s*<[^<>]{1,1000}>$/s.exec(text) ?? [];
  if (title.trim() !== "") return title.trim();
  if (!isRole) return text.replace(/^<([^<>]*)>$/, "$1");
  if (text.startsWith("~")) return text.slice(text.lastIndexOf(".") + 1).replace(/^~/, "");
  return text.replace(/^!/, "");
}

function marked(text: string, substitutions: ReadonlyMap<string, string>): string {
  return text
    .replace(/\|([^|\s](?:[^|\n]{0,200}[^|\s])?)\|_{0,2}/g, (whole, name: string) => substitutions.get(name) ?? whole)
    .replace(
      /(?<![\w`:]):(pep|rfc):`(\d{1,6})`/g,
      (_whole, series: string, number: string) => `${series.toUpperCase()} ${number}`,
    )
    .replace(/(?<![\w`:]):[a-zA-Z][\w:+.-]{0,60}:`([^`]{1,2000})`/g, (_whole, shown: string) => shownText(shown, true))
    .replace(/_?`([^`]{1,2000})`(?::[a-zA-Z][\w:+.-]{0,60}:|__?)?/g, (_whole, shown: string) => shownText(shown, false))
    .replace(/(?<![\w*\\])\*\*(\S(?:[^*]{0,2000}?\S)?)\*\*(?!\w)/g, "$1")
    .replace(/(?<![\w*\\])\*(\S(?:[^*]{0,2000}?[^*\s\\])?)\*(?![\w*])/g, "$1")
    .replace(/(\[[\w#*.-]{1,60}\])_(?!\w)/g, "$1")
    .replace(/(?<![\w\\_])([A-Za-z0-9]+(?:[-.:+_][A-Za-z0-9]+){0,20})__?(?=[\s.,;:!?)\]'"/>-]|$)/g, "$1")
    .replace(/\\([\s\S]?)/g, (_whole, character: string) => (/\s/.test(character) ? "" : character));
}
