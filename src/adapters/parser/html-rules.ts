/** Never text, wherever they stand. */
const notText = new Set(
  "script style svg iframe object embed canvas audio video map datalist rp annotation annotation-xml".split(" "),
);

/** Elements that end a paragraph where they begin and end. */
export const paragraphElements: ReadonlySet<string> = new Set(
  "address article aside blockquote body center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4"
    .concat(" h5 h6 header hgroup hr html legend main nav ol p pre section summary table ul caption textarea")
    .split(" "),
);
/** Elements that begin a new line. */
export const lineElements: ReadonlySet<string> = new Set(["br", "li", "dt", "dd", "option", "label"]);

// Inline elements that stand apart on the page though nothing is between them: links in a row, and spans that are laid out
// as columns or labels. Other spans may be parts of one word.
const apart = /(?:^|[-_\s])(?:col|cell|column|item|tag|badge|chip|pill)s?(?:$|[-_\s\d])/i;

/** Elements that hold parts of a page. */
export const boxElements: ReadonlySet<string> = new Set("div section article main td center form".split(" "));

type Attributes = Readonly<Record<string, string>>;

/** 1 to 6, or 0 for what is no heading. */
export function headingLevel(element: string): number {
  return /^h[1-6]$/.test(element) ? Number(element.slice(1)) : 0;
}

export function standsApart(element: string, attributes: Attributes): boolean {
  return element === "a" || element === "button" || (element === "span" && apart.test(attributes["class"] ?? ""));
}

const tabOrPanel = /(?:^|[-_\s])(?:tab-?(?:pane|panel|content)|accordion|collaps(?:e|ible)|expansion)/i;

const tableRoles: ReadonlyMap<string, string> = new Map([
  ["table", "table"],
  ["grid", "table"],
  ["treegrid", "table"],
  ["rowgroup", "tbody"],
  ["row", "tr"],
  ["cell", "td"],
  ["gridcell", "td"],
  ["columnheader", "th"],
  ["rowheader", "th"],
]);

/** The element that a division or a span stands for by its role: a heading, or a part of a table. */
export function meantElement(element: string, attributes: Attributes): string {
  const role = attributes["role"];
  if (role === undefined || !/^(?:div|span|p|li|ul|section)$/.test(element)) return element;
  if (role.toLowerCase() === "heading") return `h${/^[1-6]$/.exec(attributes["aria-level"] ?? "")?.[0] ?? 2}`;
  return tableRoles.get(role.toLowerCase()) ?? element;
}

/** Hidden for good: not the other tabs, folded answers, and what is only to be found by searching. */
function isHidden(attributes: Attributes): boolean {
  const style = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(attributes["style"] ?? "");
  if (!style && !("hidden" in attributes)) return false;
  if (attributes["hidden"]?.toLowerCase() === "until-found") return style;
  return attributes["role"]?.toLowerCase() !== "tabpanel" && !tabOrPanel.test(attributes["class"] ?? "");
}

/** Whether an element, with all that is in it, is never text. */
export function isNotText(element: string, attributes: Attributes): boolean {
  if (element === "template") return !("shadowrootmode" in attributes || "shadowroot" in attributes);
  return (
    notText.has(element) || (element === "span" && /(?:^|\s)mw-editsection(?:\s|$)/.test(attributes["class"] ?? ""))
  );
}

const note = /(?:^|[-_\s])(?:admonition|callout|note|tip|warning|caution|danger|important|hint)(?:$|[-_\s])/i;
const droppedRoles = new Set(["navigation", "contentinfo", "search", "menu", "menubar"]);

/**
 * Whether an element, with all that is in it, is no part of what the page has to say.
 *
 * @param insideContent within `main`, `article` or `section`, where footers and asides belong to the content.
 * @param unfolds the ids of what headings and terms show when they are clicked.
 */
export function isBoilerplate(
  element: string,
  attributes: Attributes,
  insideContent: boolean,
  unfolds: ReadonlySet<string>,
): boolean {
  if (element === "nav" || element === "menu") return true;
  if (isHidden(attributes) && !unfolds.has(attributes["id"] ?? "")) return true;
  if (element === "dialog" && !("open" in attributes)) return true;
  const role = attributes["role"]?.toLowerCase() ?? "";
  const isNote = element === "aside" && note.test(attributes["class"] ?? "");
  if (!insideContent && !isNote && (element === "footer" || element === "aside" || role === "complementary"))
    return true;
  return droppedRoles.has(role);
}

/**
 * Where on the page a piece of text stands. `banner`: the site's header. `overlay`: dialogs, those about cookies among them.
 * `consent`: by its names about cookies. `muted`: what is taken from readers of the screen. `chrome`: by its
 * names a menu, a list of other pages or an advertisement. `control`: labels and buttons of a form. `noscript`: for browsers without
 * scripts.
 */
export type Region =
  | ("main" | "article" | "control" | "form" | "banner" | "overlay" | "consent" | "muted" | "noscript")
  | ("chrome" | "link");

const consent = /(?:^|[-_\s])(?:cookies?|consent|gdpr)(?:$|[-_\s])/i;
// Dialogs of the makers by whom most pages ask, under names that no page gives its own text.
const consentMakers =
  /(?:^|[-_\s])(?:CybotCookiebot|usercentrics|cmpbox|qc-cmp2|didomi|cmplz|BorlabsCookie|sp_message|klaro|tarteaucitron|iubenda|termly|axeptio|onetrust|truste|trustarc|cky|(?:cookie|consent)-?(?:bar|bot|box|banner|consent|notice|popup|law|root|manager|modal|dialog|container)s?(?=$|[-_\s])|fc-consent)/i;
const mayBeChrome = /^(?:div|section|ul|ol|table|td|aside|header|footer|figure)$/;
const namesOf = (words: string): RegExp =>
  new RegExp(`(?:^|[-_\\s])(?:${words.replaceAll(" ", "|")})(?:$|[-_\\s])`, "i");
const strangers =
  "related recommended newsletter promo sponsor(?:ed)? advert(?:isement)? ads? outbrain taboola popular trending share sharing";
const chrome = namesOf(`${strangers} nav navbar navigation menu breadcrumbs? sidebar footer social toolbar masthead`);
// Within the text a menu or a social box may be what the author put there: a list of parts, a quoted post.
const chromeInContent = namesOf(strangers);
const comment = /(?:^|[-_\s])comments?(?:$|[-_\s])/i;
const controls = new Set(["label", "button", "legend", "select", "textarea", "input"]);

/** The region that an element opens, if it opens one. */
export function regionOf(
  element: string,
  attributes: Attributes,
  inside: { readonly content: boolean; readonly form: boolean },
): Region | undefined {
  const role = attributes["role"]?.toLowerCase() ?? "";
  const names = `${attributes["class"] ?? ""} ${attributes["id"] ?? ""}`;
  if (element === "main" || role === "main") return "main";
  // Blogs mark each comment as an article of its own.
  if (element === "article" || role === "article") return comment.test(names) ? undefined : "article";
  if (element === "noscript") return "noscript";
  if (role === "dialog" || role === "alertdialog") return "overlay";
  if (/^(?:div|section|aside|dialog)$/.test(element)) {
    if (consentMakers.test(names)) return "overlay";
    if (consent.test(names)) return element === "dialog" ? "overlay" : "consent";
  }
  if (role === "banner" || (element === "header" && !inside.content)) return "banner";
  if (attributes["aria-hidden"] === "true") return "muted";
  if (element === "form") return "form";
  if (element === "a" && "href" in attributes) return "link";
  if (mayBeChrome.test(element) && (inside.content ? chromeInContent : chrome).test(names)) return "chrome";
  return inside.form && controls.has(element) ? "control" : undefined;
}
