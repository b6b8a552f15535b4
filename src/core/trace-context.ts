import { randomBytes } from "node:crypto";

/** What a caller said of the trace that its request belongs to. */
export interface TraceParent {
  /** 32 lower-case hex digits: the caller's, or a new one where it said nothing that can be trusted. */
  readonly traceId: string;
  /** The caller's span, 16 lower-case hex digits; undefined for a root. */
  readonly parentId?: string;
  /** The caller's word on whether the trace is kept; undefined where it left that to us. */
  readonly sampled?: boolean;
}

// https://www.w3.org/TR/trace-context/#traceparent-header: version ff is forbidden, version 00 has exactly four fields,
// later versions may append more.
const traceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** No tracer writes longer ones; what is longer is not looked at. */
const longest = 512;
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
const amazonRoot = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?=;|$)/i;
const amazonParent = /(?:^|;)\s*Parent=(?!0{16})([0-9a-f]{16})(?=;|$)/i;
const amazonSampled = /(?:^|;)\s*Sampled=([01])(?=;|$)/i;

/** The trace that a request goes on with: `traceparent`, else `X-Amzn-Trace-Id`, else a new one. Never throws. */
export function traceParentOf(w3c: string | null | undefined, amazon?: string | null): TraceParent {
  return fromW3c(trimmed(w3c)) ?? fromAmazon(trimmed(amazon)) ?? { traceId: newTraceId() };
}

export function newTraceId(): string {
  return randomBytes(16).toString("hex");
}

function trimmed(header: string | null | undefined): string {
  return header === null || header === undefined || header.length > longest ? "" : header.trim();
}

function fromW3c(header: string): TraceParent | undefined {
  const [, version, traceId, parentId, flags, rest] = traceparent.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === "00" && rest !== undefined) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function fromAmazon(header: string): TraceParent | undefined {
  const [, time, unique] = amazonRoot.exec(header) ?? [];
  if (time === undefined || unique === undefined) return undefined;
  const traceId = `${time}${unique}`.toLowerCase();
  if (/^0+$/.test(traceId)) return undefined;
  const parentId = amazonParent.exec(header)?.[1]?.toLowerCase();
  const sampled = amazonSampled.exec(header)?.[1];
  return {
    traceId,
    ...(parentId !== undefined && { parentId }),
    ...(sampled !== undefined && { sampled: sampled === "1" }),
  };
}
