import { openShowing } from "../../compose/show.ts";
import { openLook } from "../../compose/source.ts";
import type { Settings } from "../../config/settings.ts";
import type { IsthmusError } from "../../core/errors.ts";
import type { Shown } from "../../core/ingest/show.ts";
import { isLoss, type ObjectRef, type ParsedDocument } from "../../core/types.ts";
import { closingAll } from "../closing.ts";
import type { Invocation } from "../command.ts";
import { count, type Output, readable, visible } from "../terminal/output.ts";
import { openPlaces } from "./places.ts";
import { runtimeOf } from "./shared.ts";

/** Records of one file that are shown; all are read and counted. */
const recordsShown = 200;
/** Characters of a chunk's beginning, in the list of chunks. */
const beginning = 60;

interface ShownChunk {
  readonly heading: string;
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
}

interface ShownDocument {
  readonly document: ParsedDocument;
  readonly chunks: ShownChunk[];
}

/** What one file gave; beyond `recordsShown` documents they are counted alone. */
interface Reading {
  readonly ref: ObjectRef;
  parser: string | undefined;
  contentType: string | undefined;
  readonly documents: ShownDocument[];
  records: number;
  chunks: number;
  readonly faults: Extract<Shown, { kind: "fault" }>[];
  faultCount: number;
  error: IsthmusError | undefined;
}

/**
 * Prints what an ingest would read in each file. Opens no index and writes none.
 *
 * @returns 0; 2 where a file or a part of it cannot be used.
 */
export async function showFiles(invocation: Invocation, settings: Settings, signal: AbortSignal): Promise<number> {
  const { output, positionals } = invocation;
  return await closingAll(async (closing) => {
    const { places, failures } = await openPlaces(positionals, settings, output, closing, openLook);
    const runtime = await runtimeOf(invocation, settings, signal);
    closing.add(() => runtime.close());
    const showing = await openShowing(runtime);
    closing.add(() => showing.close());
    const files: Reading[] = [];
    // All are found before one is read: who named a folder by mistake need not wait for the others.
    const refs = await Promise.all(places.map(({ source, location }) => showing.object(source, location)));
    for (const [index, { source }] of places.entries()) {
      const ref = refs[index];
      if (ref === undefined) continue;
      const reading = await readAll(ref, showing.show(source, ref, signal));
      print(output, reading);
      files.push(reading);
    }
    output.data({ files: files.map(asJson) });
    const bad = files.some(({ error, faults }) => error !== undefined || faults.some(isLoss));
    return bad || failures.length > 0 ? 2 : 0;
  });
}

async function readAll(ref: ObjectRef, shown: AsyncIterable<Shown>): Promise<Reading> {
  const reading: Reading = {
    ref,
    parser: undefined,
    contentType: undefined,
    documents: [],
    records: 0,
    chunks: 0,
    faults: [],
    faultCount: 0,
    error: undefined,
  };
  for await (const item of shown) {
    switch (item.kind) {
      case "file":
        reading.parser = item.parser;
        reading.contentType = item.contentType;
        break;
      case "document":
        reading.records++;
        if (reading.records <= recordsShown) reading.documents.push({ document: item.document, chunks: [] });
        break;
      case "chunk": {
        reading.chunks++;
        const { heading, start, end } = item.span;
        if (reading.records <= recordsShown)
          reading.documents.at(-1)?.chunks.push({ heading, start, end, tokens: item.tokens });
        break;
      }
      case "fault":
        reading.faultCount++;
        if (reading.faultCount <= recordsShown) reading.faults.push(item);
        break;
      case "error":
        reading.error = item.error;
    }
  }
  return reading;
}

/** What is no fault is told in words. */
const plainly: Readonly<Record<string, string>> = { content_skipped: "passed over", content_note: "note" };

/** Of text that goes to a terminal: lines stay, what would steer it does not. */
function lines(text: string): string[] {
  return text.split("\n").map((line) => visible(line.replaceAll("\t", "    ")));
}

function print(output: Output, { ref, parser, documents, records, chunks, faults, faultCount, error }: Reading): void {
  const read = parser === undefined ? "" : `, read as ${parser}`;
  output.line(output.style("bold", `${readable(ref.uri)}  (${count(ref.size, "byte")}${read})`));
  for (const shown of documents) printDocument(output, shown);
  if (records > documents.length) {
    output.line(`… and ${count(records - documents.length, "more record")}, read alike and not shown.`);
  }
  for (const { id, code, reason } of faults) {
    const where = id === "" ? "" : `${visible(id)}: `;
    const style = code === "content_note" ? "dim" : "yellow";
    output.line(output.style(style, `${plainly[code] ?? code}: ${where}${visible(reason)}`));
  }
  if (faultCount > faults.length) output.line(`… and ${count(faultCount - faults.length, "more fault")}.`);
  if (error) output.line(output.style("red", `${error.code}: ${visible(error.message)}`));
  else output.line(`${count(records, "document")}, ${count(chunks, "chunk")}.`);
  output.line();
}

function printDocument(output: Output, { document, chunks }: ShownDocument): void {
  const id = document.id === undefined ? "" : `#${visible(document.id)}  `;
  output.line();
  output.line(`${id}${output.style("bold", visible(document.title))}`);
  for (const [key, value] of Object.entries(document.metadata)) {
    output.line(output.style("dim", `${visible(key)}: ${visible([value].flat().join(", "))}`));
  }
  for (const { heading, start, end } of document.sections) {
    output.line();
    output.line(output.style("cyan", `[${start}–${end}] ${visible(heading)}`));
    for (const line of lines(document.text.slice(start, end))) output.line(line);
  }
  output.line();
  for (const [index, { start, end, tokens }] of chunks.entries()) {
    const words = document.text.slice(start, Math.min(end, start + beginning)).replace(/\s+/g, " ");
    const place = `chunk ${index + 1}  [${start}–${end}]  ${count(tokens, "token")}`;
    output.line(output.style("dim", `${place}  ${visible(words)}…`));
  }
}

function asJson({ ref, parser, contentType, documents, records, chunks, faults, faultCount, error }: Reading) {
  return {
    uri: ref.uri,
    size: ref.size,
    ...(parser !== undefined && { parser, content_type: contentType }),
    records,
    chunks,
    documents: documents.map(({ document, chunks: cut }) => ({
      ...(document.id !== undefined && { id: document.id }),
      title: document.title,
      metadata: document.metadata,
      text: document.text,
      sections: document.sections,
      chunks: cut,
    })),
    faults: faults.map(({ id, code, reason }) => ({ id, code, reason })),
    faults_count: faultCount,
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
