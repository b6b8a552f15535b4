import type { Metadata, Parsed } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { isMachineData } from "./csv-cells.ts";
import { recordDocument } from "./document.ts";
import { fewestOfVector, isJsonObject, jsonMetadata } from "./json-metadata.ts";
import { invalidFault } from "./record-faults.ts";

// The text of a record as collections of documents (text, page_content, content, body), logs (message, msg) and chats
// (messages, conversations) name it.
const textFields = ["text", "page_content", "content", "body", "message", "msg", "messages", "conversations"];
// Deeper than this, a value is data of some program.
const deepest = 8;

type JsonObject = Record<string, unknown>;

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));

const textRank = new Map(textFields.map((name, rank) => [name, rank]));
const longestField = Math.max(...textFields.map((name) => name.length));

/** The keys of the title and of the text fields that a record has, whatever their case, the first in rank first. */
function wordKeys(record: JsonObject): { title: string | undefined; texts: string[] } {
  let title: string | undefined;
  const texts: { key: string; rank: number }[] = [];
  for (const key of Object.keys(record)) {
    if (key.length > longestField) continue;
    const name = key.toLowerCase();
    const rank = textRank.get(name);
    // As it is before any other case.
    if (rank !== undefined) texts.push({ key, rank: key === name ? rank : rank + 0.5 });
    else if (name === "title" && (title === undefined || key === name)) title = key;
  }
  if (texts.length > 1) texts.sort((a, b) => a.rank - b.rank);
  return { title, texts: texts.map(({ key }) => key) };
}

// What a part of a message is, and whose: no words of it.
const namesOfParts = new Set(["type", "role", "from", "id"]);

/** The words of a part of a message, and what else it holds: calls of tools and their input, thoughts, texts in several languages. */
function withOthers(own: string, key: string | undefined, part: JsonObject, depth: number): string {
  const lines: string[] = [];
  for (const name of Object.keys(part)) {
    if (name === key || namesOfParts.has(name)) continue;
    const value = part[name];
    if (key !== undefined && (value === null || typeof value !== "object")) continue;
    if (typeof part["type"] === "string" && /image|audio|video/.test(part["type"])) break;
    for (const line of listed(cleanLine(name), value, depth + 1)) {
      if (own === "" || !own.includes(line.slice(line.indexOf(": ") + 2))) lines.push(line);
    }
  }
  if (lines.length === 0) return own;
  return own.trim() === "" ? lines.join("\n") : `${own}\n${lines.join("\n")}`;
}

/** The words of a text field: a string, parts of a message, or the turns of a chat, each after the name of who speaks. */
function wordsOf(value: unknown, depth = 1): string {
  if (isScalar(value)) return cleanText(String(value));
  if (depth > deepest) return "";
  if (Array.isArray(value)) {
    const parts = value.map((part) => wordsOf(part, depth + 1)).filter((part) => part.trim() !== "");
    return parts.join(value.some(isJsonObject) ? "\n\n" : "\n");
  }
  if (!isJsonObject(value)) return "";
  const key = ["text", "content", "value", "parts"].find((name) => Object.hasOwn(value, name));
  const own = key === undefined ? "" : wordsOf(value[key], depth + 1);
  const words = withOthers(own, key, value, depth);
  const speaker = value["role"] ?? value["from"];
  return typeof speaker === "string" && words !== "" ? `${cleanLine(speaker)}: ${words}` : words;
}

/** Every value below a field as a line `name: value`, names joined by dots. */
function* listed(name: string, value: unknown, depth = 1): Generator<string> {
  if (isScalar(value)) {
    const text = cleanText(String(value)).trim();
    if (text !== "" && !isMachineData(text)) yield `${name}: ${text}`;
  } else if (Array.isArray(value)) {
    if (value.length >= fewestOfVector && value.every((part) => typeof part === "number")) return;
    if (value.length > 0 && value.every(isScalar)) yield* listed(name, value.join(", "), depth);
    else if (depth < deepest) for (const part of value) yield* listed(name, part, depth + 1);
  } else if (isJsonObject(value) && depth < deepest) {
    for (const [key, part] of Object.entries(value)) yield* listed(`${name}.${cleanLine(key)}`, part, depth + 1);
  }
}

/** The id as the record gives it (`id`, or `_id` as BEIR writes it), else its place. */
function recordId(record: JsonObject, place: number): string {
  for (const id of [record["id"], record["_id"]]) {
    if (typeof id === "string" && id !== "") return id.toWellFormed();
    if (typeof id === "number") return String(id);
  }
  return String(place);
}

/** The keys that are no values of a record; an id that is no name (an object of a database) is a value like any other. */
function ownOf(record: JsonObject): ReadonlySet<string> {
  const given = ["id", "_id"].filter((key) => typeof record[key] !== "object" || record[key] === null);
  const metadata = record["metadata"];
  return new Set(isJsonObject(metadata) || metadata === null ? [...given, "metadata"] : given);
}

interface Content {
  readonly title: string;
  readonly text: string;
  readonly metadata: Metadata;
}

/** A file that is one object, if that has a text of its own: its words, title and metadata; else undefined. */
export function recordOf(value: JsonObject): Content | undefined {
  const { metadata } = value;
  if (metadata !== undefined && metadata !== null && !isJsonObject(metadata)) return undefined;
  // The document is cited by the file's name, so its id has no other place than among its fields.
  const content = contentOf(value, new Set(["metadata"]));
  if (content.words.trim() === "") return undefined;
  const ids = ["id", "_id"].flatMap((key): [string, string | number | boolean][] => {
    const id = value[key];
    return isScalar(id) ? [[key, typeof id === "string" ? cleanText(id) : id]] : [];
  });
  return { ...content, metadata: { ...Object.fromEntries(ids), ...content.metadata } };
}

/** The first of the text fields that holds words, then every other field as a line. */
function contentOf(
  value: JsonObject,
  own: ReadonlySet<string>,
): Content & { readonly words: string; readonly textKey: string | undefined } {
  const { title: titleKey, texts } = wordKeys(value);
  const title = titleKey !== undefined && isScalar(value[titleKey]) ? cleanLine(String(value[titleKey])) : "";
  let textKey = texts[0];
  let words = "";
  for (const key of texts) {
    words = wordsOf(value[key]);
    if (words.trim() === "") continue;
    textKey = key;
    break;
  }
  const lines: string[] = [];
  for (const key of Object.keys(value)) {
    if (own.has(key) || key === textKey || (key === titleKey && title !== "")) continue;
    lines.push(...listed(cleanLine(key), value[key]));
  }
  const text = [words, lines.join("\n")].filter((part) => part.trim() !== "").join("\n\n");
  return { title, text, words, textKey, metadata: jsonMetadata(value, textKey) };
}

/**
 * A JSON value as a document. Its text is the first of the text fields that holds words, then every other field as a line
 * `name: value`, so that each word can be found; those of `metadata` are for filters alone. `title` is the title.
 *
 * @param place line or number of the record, from 1.
 * @param name how messages call it: `Line 3`.
 */
export function jsonRecord(
  value: unknown,
  place: number,
  name: string,
  distinctId: (id: string, place: number) => string,
): Parsed {
  if (typeof value === "string" && value.trim() !== "") {
    return recordDocument(distinctId(String(place), place), "", cleanText(value));
  }
  if (!isJsonObject(value)) return invalidFault(String(place), `${name} is JSON, but not an object.`);
  const given = recordId(value, place);
  const { title, text: content, words, textKey, metadata: kept } = contentOf(value, ownOf(value));
  // As in a table: an id is a word to look for, unless it only counts; beside a text it would blur what that is about.
  const listedId = words.trim() === "" && content !== "" && !/^\d{1,6}$/.test(given) && given !== String(place);
  const text = listedId ? `id: ${cleanLine(given)}\n${content.trimStart()}` : content;
  if (text === "" && title === "" && textKey === undefined) {
    return invalidFault(given, `${name} has no "text": a record needs words in "text", "content" or another field.`);
  }
  // A record that is a title alone is still worth finding.
  return recordDocument(distinctId(given, place), title, text || title, kept);
}
