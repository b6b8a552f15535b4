import assert from "node:assert/strict";
import type { ErrorCode } from "../../../src/core/errors.ts";
import { IsthmusError } from "../../../src/core/errors.ts";
import type { Parser, ParserRegistry } from "../../../src/core/ports.ts";
import { isLoss, type ObjectRef, type Parsed, type ParsedDocument, type ParseFault } from "../../../src/core/types.ts";

export type Content = string | Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>;

export async function* streamOf(content: Content): AsyncGenerator<Uint8Array> {
  if (typeof content === "string") yield Buffer.from(content);
  else if (content instanceof Uint8Array) yield content;
  else yield* content;
}

/** The same bytes in pieces that end at the given offsets. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

interface ParseOptions {
  readonly uri?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export async function parseAll(parser: Parser, content: Content, options: ParseOptions = {}): Promise<Parsed[]> {
  const { uri = "file:///docs/sample.txt", contentType = "text/plain", signal } = options;
  const bytes = streamOf(content);
  const all: Parsed[] = [];
  for await (const parsed of parser.parse({ uri, contentType, bytes, ...(signal ? { signal } : {}) })) all.push(parsed);
  return all;
}

/** The one document that comes out, without a loss. */
export async function parseOne(parser: Parser, content: Content, options: ParseOptions = {}): Promise<ParsedDocument> {
  const parsed = (await parseAll(parser, content, options)).filter((one) => one.kind === "document" || isLoss(one));
  const [document] = parsed;
  assert.equal(parsed.length, 1);
  assert.equal(document?.kind, "document");
  return document;
}

export const documentsOf = (parsed: readonly Parsed[]): ParsedDocument[] =>
  parsed.filter((one) => one.kind === "document");
export const faultsOf = (parsed: readonly Parsed[]): ParseFault[] => parsed.filter((one) => one.kind === "fault");

/** Each section as "heading: text". */
export function sectionTexts(document: ParsedDocument): string[] {
  return document.sections.map(({ heading, start, end }) => `${heading}: ${document.text.slice(start, end)}`);
}

/** Sections must be in order, apart, inside the text, and hold something. */
export function assertSections(document: ParsedDocument): void {
  let last = 0;
  for (const { start, end } of document.sections) {
    assert.ok(start >= last && end > start && end <= document.text.length, `section ${start}-${end} after ${last}`);
    assert.notEqual(document.text.slice(start, end).trim(), "");
    last = end;
  }
}

export function objectRef(uri: string, contentType?: string): ObjectRef {
  const ref = { uri, version: "1", size: 1, updatedAt: "2026-01-01T00:00:00.000Z" };
  return contentType === undefined ? ref : { ...ref, contentType };
}

/** Selects by name and content as an ingest would, then parses. */
export async function parseWith(registry: ParserRegistry, name: string, content: Uint8Array): Promise<Parsed[]> {
  const uri = `file:///docs/${encodeURIComponent(name)}`;
  const selected = registry.select(objectRef(uri), content.subarray(0, 4096));
  if ("skip" in selected) throw selected.skip;
  return parseAll(selected.parser, content, { uri, contentType: selected.contentType });
}

/** The first document of a file, with its sections in order. */
export async function readWith(registry: ParserRegistry, name: string, source: string): Promise<ParsedDocument> {
  const [document] = documentsOf(await parseWith(registry, name, Buffer.from(source)));
  assert.ok(document);
  assertSections(document);
  return document;
}

/** A check for `assert.rejects` and `assert.throws`: an `IsthmusError` of this code whose message fits. */
export function failsWith(code: ErrorCode, message = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof IsthmusError, `expected an IsthmusError, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}
