import { randomFillSync } from "node:crypto";

/** https://opentelemetry.io/docs/specs/otlp/: `SpanKind` by its number. */
export const spanKinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export type SpanKind = keyof typeof spanKinds;

/** Only what the program itself knows: names, numbers, codes. Nothing that a document or a person said. */
export type Attributes = Record<string, string | number | boolean>;

/** Where a span stands: enough for others to be its children, or to be linked to it. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** A span that has ended, or one that is under way: the exporter reads it once it has its end. */
export interface SpanData extends SpanContext {
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Attributes>;
  readonly links: readonly SpanContext[];
  /** Code of the error that it ended with. */
  readonly error: string | undefined;
}

/** Ids are drawn many at a time: calls of the system's own for each cost more than the span. */
const drawn = Buffer.alloc(8 * 128);
const idLength = 16;
let ids = "";
let used = 0;

function newSpanId(): string {
  if (used === ids.length) {
    ids = randomFillSync(drawn).toString("hex");
    used = 0;
  }
  used += idLength;
  return ids.slice(used - idLength, used);
}

const unlinked: readonly SpanContext[] = [];

/** The labels of work that may have failed. */
export function withError(labels: Readonly<Attributes>, { error }: Span): Readonly<Attributes> {
  return error === undefined ? labels : { ...labels, "error.type": error };
}

/** One piece of work in a trace. */
export class Span implements SpanData {
  readonly traceId: string;
  readonly spanId = newSpanId();
  readonly sampled: boolean;
  readonly parentId: string | undefined;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  links: readonly SpanContext[] = unlinked;
  readonly startMs: number;
  name: string;
  endMs = 0;
  error: string | undefined;
  /** Whether anything happened under it: see `Tracer.idle`. */
  busy = false;
  /** Of its trace here, the wall clock less the steady one: spans of one trace never run backwards. */
  readonly clockMs: number;

  constructor(
    name: string,
    kind: SpanKind,
    place: { traceId: string; parentId: string | undefined; sampled: boolean; clockMs: number },
    attributes: Attributes,
  ) {
    this.name = name;
    this.kind = kind;
    this.traceId = place.traceId;
    this.parentId = place.parentId;
    this.sampled = place.sampled;
    this.clockMs = place.clockMs;
    this.attributes = attributes;
    this.startMs = this.clockMs + performance.now();
  }

  get ended(): boolean {
    return this.endMs !== 0;
  }

  get tookMs(): number {
    return (this.ended ? this.endMs : this.clockMs + performance.now()) - this.startMs;
  }

  set(name: string, value: string | number | boolean | undefined): this {
    if (value !== undefined) this.attributes[name] = value;
    return this;
  }

  link(others: readonly SpanContext[]): void {
    if (others.length > 0) this.links = [...this.links, ...others];
  }

  /** @param error the stable code, or the class, of what was thrown; never its words. */
  fail(error: string): this {
    this.error = error;
    this.attributes["error.type"] = error;
    return this;
  }
}
