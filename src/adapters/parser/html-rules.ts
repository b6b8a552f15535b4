/** Never text, wherever they stand. */
const notText = new Set(
  "script style noscript template svg iframe object embed canvas audio video map select datalist button textarea".split(
    " ",
  ),
);
/** Text, but of the site and not of the page. */
const boilerplate = new Set(["nav", "aside", "menu", "dialog"]);
const droppedRoles = new Set(["navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar"]);

/** Elements that end a paragraph where they begin and end. */
export const paragraphElements: ReadonlySet<string> = new Set(
  "address article aside blockquote body center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4"
    .concat(" h5 h6 header hgroup hr html legend main nav ol p pre section summary table ul caption")
    .split(" "),
);
/** Elements that begin a new line. */
export const lineElements: ReadonlySet<string> = new Set(["br", "li", "dt", "dd"]);

/** 1 to 6, or 0 for what is no heading. */
export function headingLevel(element: string): number {
  return /^h[1-6]$/.test(element) ? Number(element.slice(1)) : 0;
}

function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  if ("hidden" in attributes || attributes["aria-hidden"] === "true") return true;
  return /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(attributes["style"] ?? "");
}

/** Whether an element, with all that is in it, is never text. */
export function isNotText(element: string): boolean {
  return notText.has(element);
}

/**
 * Whether an element, with all that is in it, is no part of what the page has to say.
 *
 * @param insideContent within `main`, `article` or `section`, where `header` and `footer` belong to the content.
 */
export function isBoilerplate(
  element: string,
  attributes: Readonly<Record<string, string>>,
  insideContent: boolean,
): boolean {
  if (boilerplate.has(element) || isHidden(attributes)) return true;
  if ((element === "header" || element === "footer") && !insideContent) return true;
  return droppedRoles.has(attributes["role"]?.toLowerCase() ?? "");
}

/** Where on the page a piece of text stands. */
export type Region = "main" | "article" | "form" | "page";

/** The region that an element opens, if it opens one. */
export function regionOf(element: string, attributes: Readonly<Record<string, string>>): Region | undefined {
  if (element === "main" || attributes["role"] === "main") return "main";
  if (element === "article" || attributes["role"] === "article") return "article";
  return element === "form" ? "form" : undefined;
}
