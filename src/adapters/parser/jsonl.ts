import type { Parser } from "../../core/ports.ts";
import type { Parsed } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { recordDocument } from "./document.ts";
import { isJsonObject, jsonMetadata } from "./json-metadata.ts";
import { lineRecords } from "./line-records.ts";
import { invalidFault } from "./record-faults.ts";

/** The id as the record gives it (`id`, or `_id` as BEIR writes it), else its line number. */
function recordId(record: Record<string, unknown>, line: number): string {
  for (const id of [record["id"], record["_id"]]) {
    if (typeof id === "string" && id !== "") return id.toWellFormed();
    if (typeof id === "number") return String(id);
  }
  return String(line);
}

function parseRecord(json: string, line: number): Parsed {
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch {
    // The engine's own message quotes the text, which must not reach a log.
    return invalidFault(String(line), `Line ${line} is not valid JSON: each line must be one whole JSON object.`);
  }
  if (!isJsonObject(record)) return invalidFault(String(line), `Line ${line} is JSON, but not an object.`);
  const id = recordId(record, line);
  const { text, title, metadata } = record;
  if (typeof text !== "string") {
    return invalidFault(id, `Line ${line} has no "text": a record needs a string in the field "text".`);
  }
  if (title !== undefined && title !== null && typeof title !== "string") {
    return invalidFault(id, `Line ${line}: the field "title" must be a string.`);
  }
  if (metadata !== undefined && metadata !== null && !isJsonObject(metadata)) {
    return invalidFault(id, `Line ${line}: the field "metadata" must be an object.`);
  }
  const cleanTitle = cleanLine(title ?? "");
  const cleaned = cleanText(text);
  // A record that is a title alone is still worth finding.
  return recordDocument(id, cleanTitle, cleaned.trim() === "" ? cleanTitle : cleaned, jsonMetadata(record));
}

/**
 * One JSON object a line: `text` (required), `id` or `_id`, `title`, `metadata`; see `jsonMetadata` for what is kept.
 * Blank lines are skipped. A record with an empty text and no title is a document without sections.
 */
export function createJsonlParser(maxRecordBytes: number): Parser {
  return {
    name: "jsonl",
    version: 2,
    records: true,
    parse: (input) =>
      lineRecords(input, maxRecordBytes, (json, line) => (json.trim() === "" ? undefined : parseRecord(json, line))),
  };
}
