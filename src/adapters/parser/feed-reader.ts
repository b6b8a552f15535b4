import { Parser } from "htmlparser2";
import { IsthmusError } from "../../core/errors.ts";
import type { Metadata, Parsed } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";
import { declaredEncoding } from "./declared-encoding.ts";
import { decodeText, lostCharacters } from "./decode.ts";
import { recordDocument } from "./document.ts";
import { htmlContent } from "./html-content.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";
import { uniqueIds } from "./unique-ids.ts";
import { checkDepth, withoutDoctype } from "./xml-decode.ts";

/** What the fields of RSS 2.0, RSS 1.0 (RDF) and Atom are called, with prefix, in lower case; the first that is there counts. */
const bodyFields = ["content:encoded", "content", "description", "summary"];
const idFields = ["guid", "id", "link"];
const dateFields = ["pubdate", "published", "updated", "dc:date", "date"];
const authorFields = ["author", "dc:creator", "itunes:author"];

/** The fields of one item: the text of each, the texts of several of one name in order. */
type Fields = Map<string, string[]>;

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

function itemsOf(xml: string, fileName: string): Fields[] {
  const items: Fields[] = [];
  let fields: Fields | undefined;
  // Depths of open elements: of all, of the item, of the field within it.
  let depth = 0;
  let itemDepth = 0;
  let field: { readonly name: string; readonly isMarkup: boolean; readonly parts: string[] } | undefined;
  const add = (name: string, text: string): void => {
    if (text.trim() === "") return;
    const known = fields?.get(name);
    if (known) known.push(text);
    else fields?.set(name, [text]);
  };
  const parser = new Parser(
    {
      onopentag(qualified, attributes) {
        const name = qualified.toLowerCase();
        depth += 1;
        checkDepth(depth, fileName);
        if (!fields) {
          if (name !== "item" && name !== "entry") return;
          fields = new Map();
          itemDepth = depth;
        } else if (depth === itemDepth + 1) {
          field = { name, isMarkup: attributes["type"] === "xhtml", parts: [] };
          if (name === "link" && (attributes["rel"] ?? "alternate") === "alternate")
            add(name, attributes["href"] ?? "");
          if (name === "category") add(name, attributes["term"] ?? "");
        } else field?.parts.push(field.isMarkup ? `<${qualified}>` : " ");
      },
      ontext(data) {
        field?.parts.push(field.isMarkup ? escaped(data) : data);
      },
      onclosetag(qualified) {
        if (fields && depth > itemDepth + 1 && field?.isMarkup) field.parts.push(`</${qualified}>`);
        if (fields && field && depth === itemDepth + 1) {
          add(field.name, field.parts.join(""));
          field = undefined;
        }
        if (fields && depth === itemDepth) {
          items.push(fields);
          fields = undefined;
        }
        depth -= 1;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(xml);
  parser.end();
  return items;
}

function metadataOf(fields: Fields): Metadata {
  const first = (names: readonly string[]): string =>
    cleanLine(names.map((name) => fields.get(name)?.[0]).find(Boolean) ?? "");
  const all: [string, string | string[]][] = [
    ["link", first(["link"])],
    ["date", first(dateFields)],
    ["author", first(authorFields)],
    ["categories", (fields.get("category") ?? []).map(cleanLine).filter((name) => name !== "")],
  ];
  return Object.fromEntries(all.filter(([, value]) => value.length > 0));
}

/** RSS and Atom: each item is a record, by its id or its link. Runs in the sandbox. */
export async function readFeed(job: SandboxJob): Promise<readonly Parsed[]> {
  const decoded = await decodeText(job.bytes, { declared: declaredEncoding(job.bytes) });
  const items = itemsOf(withoutDoctype(decoded.text), job.name);
  if (items.length === 0) throw new IsthmusError("content_empty", `${job.name} is a feed without items.`);
  const idOf = uniqueIds();
  const records = items.map((fields, index) => {
    const value = (names: readonly string[]): string => names.map((name) => fields.get(name)?.[0]).find(Boolean) ?? "";
    const title = htmlContent(value(["title"]), true).text;
    const { text } = htmlContent(value(bodyFields), true);
    return recordDocument(
      idOf(cleanLine(value(idFields)) || String(index + 1)),
      cleanLine(title),
      text === "" ? title : text,
      metadataOf(fields),
    );
  });
  const lost = lostCharacters(decoded);
  return lost ? [...records, lost] : records;
}
