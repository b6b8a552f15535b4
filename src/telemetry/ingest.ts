import type { EmbeddingScheduler } from "../core/embedding.ts";
import type { Pipeline } from "../core/ingest/pipeline.ts";
import type { IngestEvent } from "../core/ingest-types.ts";
import type { Embedder, ParserRegistry, Source, TokenCounter } from "../core/ports.ts";
import type { ObjectRef } from "../core/types.ts";
import type { Deliveries } from "./changes.ts";
import type { Instruments } from "./instruments.ts";
import { labelsBy } from "./metrics.ts";
import type { Span } from "./span.ts";
import { observed } from "./streams.ts";
import { errorType, type Tracer } from "./tracer.ts";
import type { WaitingTexts } from "./waiting.ts";

/** Spans of a run: run -> document -> read, parse, chunk, embed, put, commit. */
export interface IngestObserver {
  source(source: Source): Source;
  registry(registry: ParserRegistry): ParserRegistry;
  pipeline(pipeline: Pipeline, embedder: Embedder): Pipeline;
  /** A run, in a trace of its own or under what is active; `onEvent` hears what the run tells. */
  run<Result extends { readonly interrupted: boolean; readonly failed: number }>(
    name: string,
    onEvent: ((event: IngestEvent) => void) | undefined,
    work: (onEvent: (event: IngestEvent) => void) => Promise<Result>,
  ): Promise<Result>;
}

interface Cutting {
  readonly span: Span;
  chunks: number;
  /** When the last chunk was cut, by the steady clock. */
  lastMs: number;
}

/** Of so many texts the tokens of one are counted; reading all of them a second time costs a tenth of an ingestion. */
const countedOneOf = 16;

/** Tokens of texts: of some as the model reads them, of the others by their length and what those had. */
function createTokenEstimate(): (texts: readonly string[], count: TokenCounter) => number {
  let seen = 0;
  let characters = 0;
  let tokens = 0;
  return (texts, count) => {
    let sum = 0;
    for (const text of texts) {
      if (seen++ % countedOneOf === 0) {
        const counted = count(text);
        characters += text.length;
        tokens += counted;
        sum += counted;
      } else sum += (text.length * tokens) / Math.max(1, characters);
    }
    return Math.round(sum);
  };
}

export function createIngestObserver(
  tracer: Tracer,
  instruments: Instruments,
  waiting: WaitingTexts,
  deliveries: Deliveries,
): IngestObserver {
  const tokensOf = createTokenEstimate();
  const outcomeLabels = labelsBy((outcome) => ({ "isthmus.outcome": outcome }));
  /** Documents under way, by URI: what is told of one belongs to its span. */
  const documents = new Map<string, Span>();
  /** Of each document the cutting of it into chunks, from the first to the last: one span, however many records it has. */
  const cuttings = new WeakMap<Span, Cutting>();

  function tell(event: IngestEvent): void {
    if (event.kind === "read") instruments.bytes.add(event.bytes);
    else if (event.kind === "chunks") instruments.chunks.add(event.chunks);
    else if (event.kind === "fault") instruments.failures.add(1, { "error.type": event.code });
    else if (event.kind === "document") {
      const { outcome, error, uri, chunks, bytes } = event;
      instruments.documents.add(1, outcomeLabels(outcome));
      if (error !== undefined) instruments.failures.add(1, { "error.type": error.code });
      const span = documents.get(uri);
      span?.set("isthmus.outcome", outcome).set("isthmus.chunks", chunks).set("isthmus.document.bytes", bytes);
      if (outcome === "failed" && error !== undefined) span?.fail(error.code);
    }
  }

  /** Of a document that turns out to be unchanged there is nothing to show: its span ends unseen. */
  async function around<Result>(ref: ObjectRef, work: () => Promise<Result>): Promise<Result> {
    const span = tracer.start("document", {
      attributes: { "isthmus.document.uri": ref.uri, "isthmus.document.version": ref.version },
      links: deliveries.of(ref.uri),
    });
    documents.set(ref.uri, span);
    try {
      return await tracer.within(span, work);
    } catch (error) {
      span.fail(errorType(error));
      throw error;
    } finally {
      if (documents.get(ref.uri) === span) documents.delete(ref.uri);
      const cutting = cuttings.get(span);
      if (cutting !== undefined) tracer.end(cutting.span.set("isthmus.chunks", cutting.chunks), cutting.lastMs);
      if (span.busy || span.error !== undefined) tracer.end(span);
    }
  }

  function* counted<Chunk>(chunks: Iterable<Chunk>): Generator<Chunk> {
    const document = tracer.active();
    if (document === undefined) return yield* chunks;
    let cutting = cuttings.get(document);
    if (cutting === undefined) {
      cutting = { span: tracer.start("chunk", { parent: document }), chunks: 0, lastMs: 0 };
      cuttings.set(document, cutting);
    }
    for (const chunk of chunks) {
      cutting.chunks++;
      yield chunk;
    }
    cutting.lastMs = performance.now();
  }

  return {
    source: (source) => ({
      ...source,
      read(ref, signal) {
        const span = tracer.start("read", { attributes: { "isthmus.document.bytes": ref.size } });
        return observed(source.read(ref, signal), {
          failed: (error) => span.fail(errorType(error)),
          ended: () => tracer.end(span),
        });
      },
    }),
    registry: (registry) => ({
      ...registry,
      select(ref, head) {
        const selection = registry.select(ref, head);
        if ("skip" in selection) return selection;
        const { parser } = selection;
        return {
          ...selection,
          parser: {
            name: parser.name,
            version: parser.version,
            records: parser.records,
            parse(input) {
              const span = tracer.start("parse", { attributes: { "isthmus.parser": parser.name } });
              return observed(parser.parse(input), {
                failed: (error) => span.fail(errorType(error)),
                ended: () => tracer.end(span),
              });
            },
          },
        };
      },
    }),
    pipeline(pipeline, embedder) {
      const scheduler: EmbeddingScheduler = {
        async embed(texts, signal) {
          if (texts.length === 0) return await pipeline.scheduler.embed(texts, signal);
          const tokens = tokensOf(texts, await embedder.load(signal));
          const attributes = { "isthmus.embed.texts": texts.length, "gen_ai.usage.input_tokens": tokens };
          const span = tracer.start("embed", { attributes });
          const done = waiting.add(texts, span);
          try {
            const vectors = await pipeline.scheduler.embed(texts, signal);
            instruments.embedTexts.add(texts.length);
            instruments.embedTokens.add(tokens);
            return vectors;
          } catch (error) {
            span.fail(errorType(error));
            throw error;
          } finally {
            done();
            tracer.end(span);
          }
        },
      };
      return { ...pipeline, scheduler, around, cut: (...given) => counted(pipeline.cut(...given)) };
    },
    async run(name, onEvent, work) {
      return await tracer.span(name, {}, async (span) => {
        try {
          const summary = await work((event) => {
            tell(event);
            onEvent?.(event);
          });
          span.set("isthmus.documents.failed", summary.failed).set("isthmus.interrupted", summary.interrupted);
          const end = summary.interrupted ? "interrupted" : summary.failed > 0 ? "some_failed" : "good";
          instruments.runs.add(1, { "isthmus.outcome": end });
          return summary;
        } catch (error) {
          instruments.runs.add(1, { "isthmus.outcome": "failed", "error.type": errorType(error) });
          throw error;
        }
      });
    },
  };
}
