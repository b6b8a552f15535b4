import type { Attributes, SpanData } from "./span.ts";
import { spanKinds } from "./span.ts";

/** OTLP as JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Ids are hex, 64-bit integers strings. */

export interface Resource {
  readonly attributes: Readonly<Attributes>;
  readonly version: string;
}

interface Value {
  readonly key: string;
  readonly value: object;
}

export function valuesOf(attributes: Readonly<Attributes>): Value[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Milliseconds as nanoseconds; a double holds microseconds of this age exactly. */
export function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}

/** The body of a request to `/v1/traces`. */
export function traceRequest(resource: Resource, spans: readonly SpanData[]): string {
  const encoded = spans.map((span) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== undefined && { parentSpanId: span.parentId }),
    flags: 1,
    name: span.name,
    kind: spanKinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: valuesOf(span.attributes),
    ...(span.links.length > 0 && { links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })) }),
    status: span.error === undefined ? {} : { code: 2 },
  }));
  const scope = { name: "isthmus", version: resource.version };
  return JSON.stringify({
    resourceSpans: [
      { resource: { attributes: valuesOf(resource.attributes) }, scopeSpans: [{ scope, spans: encoded }] },
    ],
  });
}
