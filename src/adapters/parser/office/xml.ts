import { Parser } from "htmlparser2";

/**
 * An element of a document's XML. Names have the prefix that `prefixes` gives their namespace, whatever the file calls
 * it; text between the children is among them.
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}
export type XmlNode = XmlElement | string;

/** What of a stream of XML is wanted, see `readXml`. */
interface XmlVisitor {
  /** Whether the element is wanted whole: then it comes to `element`, and what is in it is not asked about. */
  open(name: string, attributes: Readonly<Record<string, string>>): boolean;
  element(element: XmlElement): void;
  /** The end of an element that was not wanted whole. */
  close?(name: string): void;
}

// Deeper than any program nests, and shallow enough for a reader that calls itself for each level.
const maxDepth = 500;

const openXml = "http://schemas.openxmlformats.org/";
const strictXml = "http://purl.oclc.org/ooxml/";
const openDocument = "urn:oasis:names:tc:opendocument:xmlns:";
const prefixes = new Map<string, string>([
  ["http://schemas.openxmlformats.org/markup-compatibility/2006", "mc"],
  ["http://schemas.openxmlformats.org/package/2006/relationships", "rel"],
  ["http://schemas.openxmlformats.org/package/2006/metadata/core-properties", "cp"],
  ["http://schemas.microsoft.com/office/word/2010/wordprocessingShape", "wps"],
  ["http://schemas.microsoft.com/office/powerpoint/2018/8/main", "p188"],
  ["http://schemas.microsoft.com/office/word/2003/wordml", "w"],
  ["urn:schemas-microsoft-com:vml", "v"],
  ["urn:schemas-microsoft-com:office:office", "o"],
  ["urn:schemas-microsoft-com:office:spreadsheet", "ss"],
  ["http://purl.org/dc/elements/1.1/", "dc"],
  ["http://www.idpf.org/2007/opf", "opf"],
  ["http://openebook.org/namespaces/oeb-package/1.0/", "opf"],
  ["http://www.w3.org/2001/04/xmlenc#", "enc"],
  ["urn:oasis:names:tc:opendocument:xmlns:container", "container"],
  ["http://www.w3.org/1999/xlink", "xlink"],
]);
for (const [path, prefix] of Object.entries({
  "wordprocessingml/": "w",
  "spreadsheetml/": "x",
  "presentationml/": "p",
  "drawingml/": "a",
})) {
  prefixes.set(`${openXml}${path}2006/main`, prefix).set(`${strictXml}${path}main`, prefix);
}
for (const [path, prefix] of Object.entries({ wordprocessingDrawing: "wp", chart: "c", diagram: "dgm" })) {
  prefixes.set(`${openXml}drawingml/2006/${path}`, prefix).set(`${strictXml}drawingml/${path}`, prefix);
}
for (const [path, prefix] of Object.entries({ math: "m", relationships: "r" })) {
  prefixes.set(`${openXml}officeDocument/2006/${path}`, prefix).set(`${strictXml}officeDocument/${path}`, prefix);
}
for (const [path, prefix] of Object.entries({
  "office:1.0": "office",
  "text:1.0": "text",
  "table:1.0": "table",
  "drawing:1.0": "draw",
  "presentation:1.0": "presentation",
  "style:1.0": "style",
  "datastyle:1.0": "number",
  "meta:1.0": "meta",
  "svg-compatible:1.0": "svg",
})) {
  prefixes.set(`${openDocument}${path}`, prefix);
}

type Decoder = InstanceType<typeof TextDecoder>;

/** Text from bytes by byte order mark, else by declaration, else as UTF-8. */
function decoderFor(head: Uint8Array): Decoder {
  const start = Buffer.from(head.subarray(0, 200)).toString("latin1");
  if (/^\xff\xfe|^<\0/.test(start)) return new TextDecoder("utf-16le");
  if (/^\xfe\xff|^\0</.test(start)) return new TextDecoder("utf-16be");
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(/^utf-?16/i.test(declared) ? "utf-8" : declared);
  } catch {
    return new TextDecoder("utf-8");
  }
}

interface Scope {
  readonly depth: number;
  readonly byPrefix: ReadonlyMap<string, string>;
  /** Names as resolved in this scope. */
  readonly names: Map<string, string>;
}

/** Resolves the names of a stream of XML: prefixes are the file's own affair. */
function createNames() {
  let scopes: Scope[] = [{ depth: 0, byPrefix: new Map(), names: new Map() }];
  const resolve = (raw: string, isAttribute: boolean): string => {
    const { byPrefix, names } = scopes[scopes.length - 1] as Scope;
    const key = isAttribute ? `@${raw}` : raw;
    const known = names.get(key);
    if (known !== undefined) return known;
    const colon = raw.indexOf(":");
    const prefix = colon === -1 ? "" : raw.slice(0, colon);
    const own = isAttribute && colon === -1 ? "" : (byPrefix.get(prefix) ?? prefix);
    const name = own === "" ? raw : `${own}:${raw.slice(colon + 1)}`;
    names.set(key, name);
    return name;
  };
  return {
    enter(depth: number, raw: Readonly<Record<string, string>>): void {
      const declared = Object.entries(raw).filter(([name]) => name === "xmlns" || name.startsWith("xmlns:"));
      if (declared.length === 0) return;
      const byPrefix = new Map(scopes.at(-1)?.byPrefix);
      for (const [name, uri] of declared) byPrefix.set(name.slice(6), prefixes.get(uri.trim()) ?? name.slice(6));
      scopes.push({ depth, byPrefix, names: new Map() });
    },
    leave(depth: number): void {
      if (scopes.at(-1)?.depth === depth) scopes = scopes.slice(0, -1);
    },
    element: (raw: string) => resolve(raw, false),
    attributes(raw: Readonly<Record<string, string>>): Record<string, string> {
      const resolved: Record<string, string> = {};
      for (const name of Object.keys(raw)) {
        if (!name.startsWith("xmlns")) resolved[resolve(name, true)] = raw[name] as string;
      }
      return resolved;
    },
  };
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
}

/**
 * Reads XML as it comes, keeping only what is asked for. Entities other than XML's own five and character numbers stay
 * as they are written: nothing is expanded, nothing is fetched.
 *
 * @throws an error for XML that is not well-formed, as far as nesting shows it; `RangeError` for nesting over 500 levels.
 */
export async function readXml(source: AsyncIterable<Uint8Array>, visitor: XmlVisitor): Promise<void> {
  const names = createNames();
  // Of the elements that were not wanted whole.
  const passed: string[] = [];
  const wanted: OpenElement[] = [];
  let depth = 0;
  let hasRoot = false;
  let justOpened = false;
  const parser = new Parser(
    {
      onopentag(rawName, rawAttributes) {
        depth += 1;
        hasRoot = true;
        if (depth > maxDepth) throw new RangeError("XML is nested too deeply");
        justOpened = true;
        names.enter(depth, rawAttributes);
        const name = names.element(rawName);
        const attributes = names.attributes(rawAttributes);
        if (wanted.length > 0 || visitor.open(name, attributes)) wanted.push({ name, attributes, children: [] });
        else passed.push(name);
      },
      ontext(data) {
        justOpened = false;
        const children = wanted.at(-1)?.children;
        if (!children) return;
        const last = children.at(-1);
        if (typeof last === "string") children[children.length - 1] = last + data;
        else children.push(data);
      },
      onclosetag(_name, implied) {
        // The parser calls `<a/>` implied as well.
        if (implied && !justOpened) throw new Error("XML is not well-formed");
        justOpened = false;
        names.leave(depth);
        depth -= 1;
        const element = wanted.pop();
        if (!element) visitor.close?.(passed.pop() as string);
        else if (wanted.length === 0) visitor.element(element);
        else wanted[wanted.length - 1]?.children.push(element);
      },
    },
    { xmlMode: true },
  );
  let decoder: Decoder | undefined;
  for await (const chunk of source) {
    decoder ??= decoderFor(chunk);
    parser.write(decoder.decode(chunk, { stream: true }));
  }
  if (decoder) parser.write(decoder.decode());
  if (depth > 0 || (decoder && !hasRoot)) throw new Error("XML ends early");
  parser.end();
}

/** A whole part as a tree; undefined for one that is empty or not there. */
export async function xmlTree(source: AsyncIterable<Uint8Array>): Promise<XmlElement | undefined> {
  let root: XmlElement | undefined;
  await readXml(source, {
    open: () => true,
    element(element) {
      root ??= element;
    },
  });
  return root;
}

const isElement = (node: XmlNode): node is XmlElement => typeof node !== "string";

export function elementsOf(element: XmlElement | undefined): XmlElement[] {
  return element?.children.filter(isElement) ?? [];
}

/** The first child by this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child): child is XmlElement => isElement(child) && child.name === name);
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return elementsOf(element).filter((child) => child.name === name);
}

/** All elements inside by one of the names, outermost first; not those within one that was found. */
export function descendants(element: XmlElement, ...wanted: readonly string[]): XmlElement[] {
  return elementsOf(element).flatMap((child) =>
    wanted.includes(child.name) ? [child] : descendants(child, ...wanted),
  );
}

/** All text inside, as it is written. */
export function textOf(element: XmlElement | undefined): string {
  return element?.children.map((child) => (isElement(child) ? textOf(child) : child)).join("") ?? "";
}

/** What an `mc:AlternateContent` shows: the newest form that holds anything, since all that matters here is its text. */
export function alternative(element: XmlElement): readonly XmlNode[] {
  const choices = [...childrenOf(element, "mc:Choice"), ...childrenOf(element, "mc:Fallback")];
  return choices.find((choice) => elementsOf(choice).length > 0)?.children ?? [];
}
