import { randomUUID } from "node:crypto";
import type { Embedder } from "../core/ports.ts";
import type { Retriever } from "../core/retrieve-types.ts";
import type { TraceParent } from "../core/trace-context.ts";
import { type ChangesObserver, createChangesObserver } from "./changes.ts";
import { createExporter, type Exporter } from "./exporter.ts";
import { createGeneratorObserver, type GeneratorObserver } from "./generator.ts";
import { createIngestObserver, type IngestObserver } from "./ingest.ts";
import { createInstruments } from "./instruments.ts";
import { createMeter, labelsBy } from "./metrics.ts";
import { expositionOf, metricsRequest } from "./metrics-formats.ts";
import type { Resource } from "./otlp.ts";
import { createSender, type Sender } from "./sender.ts";
import { type Attributes, type Span, withError } from "./span.ts";
import { createStoreObserver, type StoreObserver } from "./store.ts";
import { createTracer, errorType } from "./tracer.ts";
import { createWaitingTexts } from "./waiting.ts";
import { createWireObserver, type WireObserver } from "./wire.ts";

/** As `config` reads them. */
interface TelemetrySettings {
  readonly traces: string | undefined;
  readonly metrics: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly caCertificate: string | undefined;
  /** Share of traces that begin here and are kept, 0 to 1. */
  readonly ratio: number;
  readonly serviceName: string | undefined;
  readonly resource: Readonly<Record<string, string>>;
  /** Metrics are shown at `/metrics`. */
  readonly prometheus: boolean;
}

export interface Service {
  /** Where the settings name none. */
  readonly name: string;
  readonly version: string;
  /** Milliseconds between exports; 0 where the platform says when (`flush`). Default 2,000. */
  readonly everyMs?: number;
  readonly attributes?: Attributes;
}

/** What is told of a request after its answer is known. */
export interface AnsweredRequest {
  /** Of an answer that is written piece by piece: its end, which is the request's. Never rejects. */
  readonly ended?: Promise<void>;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly code?: string;
}

/** Everything that watches the engine: decorators over its ports, made in one place and handed to `compose`. */
export interface Telemetry extends IngestObserver, StoreObserver, ChangesObserver, GeneratorObserver {
  readonly wire: WireObserver;
  embedder(embedder: Embedder): Embedder;
  retriever(retriever: Retriever): Retriever;
  /** Runs a request in its server span. */
  request<Result>(
    parent: TraceParent,
    attributes: Readonly<Attributes>,
    work: () => Promise<Result>,
    answered: (result: Result) => AnsweredRequest,
  ): Promise<Result>;
  /** Runs work in a span of its own. */
  span<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  coldStart(): void;
  /** A comparison of source and index is through, and left so many differences. */
  reconciled(differences: number): void;
  /** For log lines: the trace and the span that are active. */
  ids(): { readonly trace_id?: string; readonly span_id?: string };
  /** What Prometheus scrapes; absent where the settings do not ask for it. */
  readonly exposition?: (accept: string) => { readonly type: string; readonly text: string };
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Methods that are told by their name. */
const methods = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]);
/** Milliseconds between exports of metrics. */
const metricsEveryMs = 15_000;

export function createTelemetry(settings: TelemetrySettings, service: Service): Telemetry {
  const resource: Resource = {
    version: service.version,
    attributes: {
      "service.name": settings.serviceName ?? service.name,
      "service.version": service.version,
      // Or the counts of two containers of one function are one series that jumps to and fro.
      "service.instance.id": randomUUID(),
      ...service.attributes,
      ...settings.resource,
    },
  };
  const senderFor = (url: string): Sender => createSender({ ...settings, url });
  const exporter: Exporter | undefined =
    settings.traces === undefined
      ? undefined
      : createExporter(senderFor(settings.traces), resource, service.everyMs ?? 2_000);
  const metricsSender = settings.metrics === undefined ? undefined : senderFor(settings.metrics);
  const sinceMs = Date.now();
  const tracer = createTracer(exporter === undefined ? 0 : settings.ratio, (span) => exporter?.add(span));
  const meter = createMeter();
  const instruments = createInstruments(meter);
  const waiting = createWaitingTexts();
  meter.total("isthmus.telemetry.dropped", "{span}", "Spans that were never sent", () => exporter?.dropped);
  meter.total("process.cpu.time", "s", "Processor time of this process", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  });
  meter.level("process.memory.usage", "By", "Memory of this process that is in RAM", () => process.memoryUsage.rss());
  const embeddingLabels = labelsBy((model) => ({
    "gen_ai.operation.name": "embeddings",
    "gen_ai.request.model": model,
  }));
  let active = 0;
  meter.level("http.server.active_requests", "{request}", "Requests that are being answered", () => active);

  let reconciliation: { readonly differences: number; readonly atMs: number } | undefined;
  meter.gauge(
    "isthmus.reconciliation.differences",
    "{difference}",
    "Differences that the last comparison of source and index left",
    () => reconciliation?.differences,
  );
  meter.gauge(
    "isthmus.reconciliation.completed",
    "s",
    "When the last comparison of source and index was through, seconds since 1970",
    () => reconciliation && reconciliation.atMs / 1000,
  );

  const sendMetrics = async () => {
    if (metricsSender?.willing === true) await metricsSender.send(metricsRequest(resource, meter.snapshot(), sinceMs));
  };
  const timer =
    metricsSender === undefined || service.everyMs === 0
      ? undefined
      : setInterval(() => void sendMetrics(), metricsEveryMs);
  timer?.unref();

  async function flush(): Promise<void> {
    await Promise.all([exporter?.flush(), sendMetrics()]);
  }

  const changes = createChangesObserver(tracer, instruments, meter);
  return {
    ...createIngestObserver(tracer, instruments, waiting, changes.deliveries),
    ...createGeneratorObserver(tracer, instruments),
    changes: changes.changes,
    ...createStoreObserver(tracer, instruments),
    wire: createWireObserver(tracer, instruments),
    embedder: (embedder) => ({
      ...embedder,
      identity: embedder.identity,
      limits: embedder.limits,
      embed(texts, signal) {
        const [parent, ...links] = waiting.askers(texts);
        const { model, dimensions } = embedder.identity;
        const labels = embeddingLabels(model);
        const attributes = {
          ...labels,
          "gen_ai.embeddings.dimension.count": dimensions,
          "isthmus.embed.texts": texts.length,
        };
        const options = { attributes, links, ...(parent && { parent }) };
        const ended = (span: Span) => instruments.embed.record(span.tookMs / 1000, withError(labels, span), span);
        return tracer.span(`embeddings ${model}`, options, () => embedder.embed(texts, signal), ended);
      },
    }),
    retriever: (retriever) => ({
      async query(request, signal) {
        const ask = async (span: Span) => {
          const done = waiting.add([request.query], span);
          try {
            return await retriever.query(request, signal);
          } finally {
            done();
          }
        };
        const span = tracer.active();
        // A command's question is in no request.
        return await (span === undefined ? tracer.span("query", {}, ask) : ask(span));
      },
    }),
    async request(parent, attributes, work, answered) {
      const span = tracer.enter("HTTP", parent, { kind: "server", attributes: { ...attributes } });
      active++;
      try {
        const result = await tracer.within(span, work);
        const { method: asked, route, status, code, ended } = answered(result);
        // A client's own word is no attribute: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
        const method = methods.has(asked) ? asked : "_OTHER";
        const labels: Attributes = {
          "http.request.method": method,
          ...(route !== "" && { "http.route": route }),
          "http.response.status_code": status,
          ...(code !== undefined && status >= 500 && { "error.type": code }),
        };
        const shown = method === "_OTHER" ? "HTTP" : method;
        span.name = route === "" ? shown : `${shown} ${route}`;
        for (const [name, value] of Object.entries(labels)) span.set(name, value);
        span.set("isthmus.problem", code);
        if (status >= 500) span.fail(code ?? String(status));
        const end = () => {
          active--;
          tracer.end(span);
          instruments.requests.record(span.tookMs / 1000, labels, span);
        };
        if (ended === undefined) end();
        else void ended.then(end);
        return result;
      } catch (error) {
        active--;
        tracer.end(span.fail(errorType(error)));
        throw error;
      }
    },
    span: (name, work) => tracer.span(name, {}, work),
    reconciled(differences) {
      reconciliation = { differences, atMs: Date.now() };
    },
    coldStart: () => instruments.coldStarts.add(1),
    ids() {
      const span = tracer.active();
      return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
    },
    ...(settings.prometheus && { exposition: (accept: string) => expositionOf(meter.snapshot(), accept) }),
    flush,
    async close() {
      clearInterval(timer);
      // Sending keeps no process alive, but the last of it is worth the moment that the senders allow: without this a process whose
      // every other work is done ends in the middle of it.
      const hold = setInterval(() => {}, 1_000);
      try {
        await Promise.all([exporter?.close(), sendMetrics()]);
      } finally {
        clearInterval(hold);
        metricsSender?.close();
      }
    },
  };
}
