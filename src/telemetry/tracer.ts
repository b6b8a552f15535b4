import { AsyncLocalStorage } from "node:async_hooks";
import { IsthmusError, nameOf } from "../core/errors.ts";
import { newTraceId, type TraceParent } from "../core/trace-context.ts";
import { type Attributes, Span, type SpanContext, type SpanKind } from "./span.ts";

/** Where work stands: its span, and the others whose work it does besides (they become links). */
interface Place {
  readonly span: Span;
  readonly others: readonly SpanContext[];
}

const nobody: readonly SpanContext[] = [];

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Default: the active span. */
  readonly parent?: Span;
  readonly links?: readonly SpanContext[];
}

/** Makes spans and hands them out when they end; which one is active goes with the asynchronous context. */
export interface Tracer {
  active(): Span | undefined;
  /** A span that somebody else ends. A root where none is active. */
  start(name: string, options?: SpanOptions): Span;
  /** The first span of a request: a child of the caller's span, in the caller's trace, kept as the caller says. */
  enter(name: string, parent: TraceParent, options?: SpanOptions): Span;
  /** @param atMs when it ended, by the steady clock (`performance.now`); default now. */
  end(span: Span, atMs?: number): void;
  /** Runs the work under the span, which does not end by it. */
  within<Result>(span: Span, work: () => Result): Result;
  /** Runs work that several asked for: its spans are children of the first and linked to the others. */
  together<Result>(askers: readonly Span[], work: () => Result): Result;
  /**
   * Runs the work in a span of its own, which ends with it and takes its error's code.
   *
   * @param ended told of its end, for who keeps numbers: one asynchronous function more for each would cost as much as the span.
   */
  span<Result>(
    name: string,
    options: SpanOptions,
    work: (span: Span) => Promise<Result>,
    ended?: (span: Span) => void,
  ): Promise<Result>;
}

/**
 * @param ratio of traces that begin here and are kept, 0 to 1; a caller's own word goes before it.
 * @param ended told of every span of a kept trace when it ends.
 */
export function createTracer(ratio: number, ended: (span: Span) => void): Tracer {
  const places = new AsyncLocalStorage<Place>();
  const clock = () => Date.now() - performance.now();

  function start(name: string, options: SpanOptions = {}): Span {
    const place = options.parent === undefined ? places.getStore() : undefined;
    const above = options.parent ?? place?.span;
    if (above === undefined) return enter(name, newTrace(), options);
    above.busy = true;
    const { traceId, spanId, sampled, clockMs } = above;
    const at = { traceId, parentId: spanId, sampled, clockMs };
    const span = new Span(name, options.kind ?? "internal", at, options.attributes ?? {});
    span.link(options.links ?? nobody);
    span.link(place?.others ?? nobody);
    return span;
  }

  function enter(name: string, parent: TraceParent, options: SpanOptions = {}): Span {
    const { traceId, parentId } = parent;
    const sampled = parent.sampled ?? keeps(traceId, ratio);
    const place = { traceId, parentId, sampled, clockMs: clock() };
    const span = new Span(name, options.kind ?? "internal", place, options.attributes ?? {});
    span.link(options.links ?? nobody);
    return span;
  }

  function end(span: Span, atMs = performance.now()): void {
    if (span.ended) return;
    span.endMs = Math.max(span.startMs, span.clockMs + atMs);
    if (span.sampled) ended(span);
  }

  return {
    active: () => places.getStore()?.span,
    start,
    enter,
    end,
    within: (span, work) => places.run({ span, others: nobody }, work),
    together(askers, work) {
      const [first, ...others] = new Set(askers);
      return first === undefined ? work() : places.run({ span: first, others }, work);
    },
    async span(name, options, work, whenEnded) {
      const span = start(name, options);
      try {
        return await places.run({ span, others: nobody }, work, span);
      } catch (error) {
        span.fail(errorType(error));
        throw error;
      } finally {
        end(span);
        whenEnded?.(span);
      }
    },
  };
}

/** The stable code of our own errors, the class and code of others'. */
export function errorType(thrown: unknown): string {
  return thrown instanceof IsthmusError ? thrown.code : nameOf(thrown);
}

/** The place of a root. */
export const newTrace = (): TraceParent => ({ traceId: newTraceId() });

/** By the id alone, so that every part of the system keeps the same traces: its last 7 bytes as a fraction. */
function keeps(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return Number.parseInt(traceId.slice(-13), 16) < ratio * 16 ** 13;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceparentOf({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
