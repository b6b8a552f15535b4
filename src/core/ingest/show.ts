import { peekable } from "../byte-stream.ts";
import { type ChunkSpan, chunkDocument } from "../chunking/chunk.ts";
import { type IsthmusError, toIsthmusError } from "../errors.ts";
import type { Source } from "../ports.ts";
import type { ObjectRef, ParsedDocument, ParseFault } from "../types.ts";
import type { Cutting } from "./pipeline.ts";

/** Bytes that choose the parser, as in ingestion. */
const headBytes = 4096;

/** What an ingest reads in a file, in the order in which it would meet it. */
export type Shown =
  /** Comes first; `parser` reads it. */
  | { readonly kind: "file"; readonly parser: string; readonly contentType: string }
  /** The document, or one record of it; its chunks come after it. */
  | { readonly kind: "document"; readonly document: ParsedDocument }
  | { readonly kind: "chunk"; readonly span: ChunkSpan; readonly tokens: number }
  | ParseFault
  /** Why there is no more: the file as a whole fails, is skipped or is empty. */
  | { readonly kind: "error"; readonly error: IsthmusError };

/**
 * Reads one object as an ingest would, by the same parsers with the same limits, and keeps nothing.
 *
 * @throws what ends a run: a fatal error, or a stop by the signal.
 */
export async function* showObject(
  cutting: Cutting,
  source: Source,
  ref: ObjectRef,
  signal?: AbortSignal,
): AsyncGenerator<Shown> {
  const bytes = peekable(source.read(ref, signal), () => undefined);
  const passed: ParseFault[] = [];
  const passedOver = (place: string, error: IsthmusError): void => {
    passed.push({ kind: "fault", id: place, code: "content_skipped", reason: error.message });
  };
  try {
    const selection = cutting.registry.select(ref, await bytes.peek(headBytes));
    if ("skip" in selection) return yield { kind: "error", error: selection.skip };
    const { parser, contentType } = selection;
    yield { kind: "file", parser: parser.name, contentType };
    const input = { uri: ref.uri, contentType, bytes: bytes.rest(), passedOver, ...(signal && { signal }) };
    for await (const item of parser.parse(input)) {
      yield* passed.splice(0);
      if (item.kind === "fault") {
        yield item;
        continue;
      }
      yield { kind: "document", document: item };
      const chunking = await cutting.chunking(signal);
      for (const span of chunkDocument(item, chunking)) {
        yield { kind: "chunk", span, tokens: chunking.countTokens(span.embedded) };
      }
    }
    yield* passed;
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    if (error.fatal || signal?.aborted === true) throw thrown;
    yield* passed;
    yield { kind: "error", error };
  } finally {
    await bytes.close();
  }
}
