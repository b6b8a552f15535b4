import { childOf, childrenOf, elementsOf, textOf, type XmlElement } from "./xml.ts";

/** In parentheses where it is more than a name or a number, so that `(a+b)/2` does not become `a+b/2`. */
function operand(element: XmlElement | undefined): string {
  const text = inner(element);
  return /^[\p{L}\p{M}\p{N}.,]*$/u.test(text) ? text : `(${text})`;
}

function inner(element: XmlElement | undefined): string {
  return elementsOf(element).map(mathText).join("");
}

/** A setting inside an element's properties, for example the character of an `m:nary`. */
function setting(element: XmlElement, properties: string, name: string): string | undefined {
  return childOf(childOf(element, properties), name)?.attributes["m:val"];
}

function limits(element: XmlElement): string {
  const below = operand(childOf(element, "m:sub"));
  const above = operand(childOf(element, "m:sup"));
  return (below && `_${below}`) + (above && `^${above}`);
}

/** A sign over what it belongs to: of a letter `x̂`, of more than one `(a+b)̂`. */
function marked(element: XmlElement, sign: string): string {
  return `${operand(childOf(element, "m:e"))}${sign}`;
}

const isOff = (setting: string | undefined): boolean => /^(?:0|off|false)$/.test(setting ?? "");

const forms: Readonly<Record<string, (element: XmlElement) => string>> = {
  "m:t": textOf,
  "w:t": textOf,
  "m:f": (f) => {
    const separator = setting(f, "m:fPr", "m:type") === "noBar" ? " over " : "/";
    return `${operand(childOf(f, "m:num"))}${separator}${operand(childOf(f, "m:den"))}`;
  },
  "m:sSup": (s) => operand(childOf(s, "m:e")) + limits(s),
  "m:sSub": (s) => operand(childOf(s, "m:e")) + limits(s),
  "m:sSubSup": (s) => operand(childOf(s, "m:e")) + limits(s),
  "m:sPre": (s) => limits(s) + operand(childOf(s, "m:e")),
  "m:rad": (rad) => {
    const degree = inner(childOf(rad, "m:deg"));
    return `${degree && `[${degree}]`}√${operand(childOf(rad, "m:e"))}`;
  },
  // The integral is the character of one that names none (ECMA-376 part 1, 22.1.2.20).
  "m:nary": (nary) => {
    const sign = setting(nary, "m:naryPr", "m:chr") ?? "∫";
    return `${sign}${limits(nary)} ${inner(childOf(nary, "m:e"))}`;
  },
  "m:d": (d) => {
    const open = setting(d, "m:dPr", "m:begChr") ?? "(";
    const close = setting(d, "m:dPr", "m:endChr") ?? ")";
    const between = setting(d, "m:dPr", "m:sepChr") ?? "|";
    return `${open}${childrenOf(d, "m:e").map(inner).join(between)}${close}`;
  },
  "m:m": (matrix) => {
    const rows = childrenOf(matrix, "m:mr").map((row) => childrenOf(row, "m:e").map(inner).join(", "));
    return `[${rows.join("; ")}]`;
  },
  "m:eqArr": (array) => childrenOf(array, "m:e").map(inner).join("; "),
  "m:func": (func) => `${inner(childOf(func, "m:fName"))} ${operand(childOf(func, "m:e"))}`,
  "m:limLow": (low) => `${inner(childOf(low, "m:e"))}_${operand(childOf(low, "m:lim"))}`,
  "m:limUpp": (upper) => `${inner(childOf(upper, "m:e"))}^${operand(childOf(upper, "m:lim"))}`,
  // The circumflex is the sign of an accent that names none (22.1.2.20), a line below that of a bar (22.1.2.7).
  "m:acc": (acc) => marked(acc, setting(acc, "m:accPr", "m:chr") ?? "\u0302"),
  "m:bar": (bar) => marked(bar, setting(bar, "m:barPr", "m:pos") === "top" ? "\u0305" : "\u0332"),
  "m:phant": (phantom) => (isOff(setting(phantom, "m:phantPr", "m:show")) ? "" : inner(childOf(phantom, "m:e"))),
  // What was deleted from an equation, or moved out of it.
  "w:del": () => "",
  "w:moveFrom": () => "",
  "m:oMathPara": (paragraph) => childrenOf(paragraph, "m:oMath").map(inner).join("\n"),
};

/** An equation (Office MathML, ECMA-376 part 1, 22.1) as one would type it: `x=(-b±√(b^2-4ac))/(2a)`. */
export function mathText(element: XmlElement): string {
  const form = forms[element.name];
  if (form) return form(element);
  return element.name.endsWith("Pr") ? "" : inner(element);
}
