import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { goBinary } from "./binaries.ts";
import { freePorts } from "./ports.ts";
import { type Program, startProgram } from "./process.ts";
import { goPrograms } from "./programs.ts";

/** A span as the collector has it. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly error: boolean;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
}

/** For whoever sends to it in a test: on a loaded machine a second is no proof that a collector is away. */
export const patientExport = { OTEL_EXPORTER_OTLP_TIMEOUT: "60000" } as const;

/** The environment of a Weaviate that sends its spans to `host:port`, and begins no traces itself. */
export function weaviateTracing(grpc: string): Record<string, string> {
  return {
    EXPERIMENTAL_OTEL_ENABLED: "true",
    EXPERIMENTAL_OTEL_SERVICE_NAME: "weaviate",
    EXPERIMENTAL_OTEL_EXPORTER_OTLP_ENDPOINT: grpc,
    EXPERIMENTAL_OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    EXPERIMENTAL_OTEL_TRACES_SAMPLER_ARG: "0",
  };
}

export interface OtelCollector {
  /** OTLP over HTTP: for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** OTLP over gRPC, as Weaviate sends it: `host:port`. */
  readonly grpc: string;
  /** Spans so far. */
  spans(): CollectedSpan[];
  /** All that came, as it lies in the file. */
  raw(): string;
  /** Waits until the spans are as wanted, and gives them; fails with what there is after two minutes. */
  until(wanted: (spans: CollectedSpan[]) => boolean): Promise<CollectedSpan[]>;
  stop(): Promise<void>;
}

export const otelCollectorBinary = (tell?: (line: string) => void) => goBinary(goPrograms.otelCollector, tell);

/** The OpenTelemetry Collector with a configuration of the product's own. */
export async function startCollectorWith(
  configuration: string,
  ports: { readonly http: number; readonly grpc: number },
  environment: Readonly<Record<string, string>>,
): Promise<Program & { readonly url: string }> {
  const { path } = await otelCollectorBinary();
  if (path === undefined) throw new Error("otel-collector is missing; see npm run peers:build");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-collector-"));
  const file = join(folder, "collector.yaml");
  writeFileSync(file, configuration);
  const url = `http://127.0.0.1:${ports.http}`;
  const program = await startProgram({
    name: "otel-collector",
    command: path,
    args: ["--config", file],
    environment: {
      PATH: process.env["PATH"] ?? "",
      LISTEN: "127.0.0.1",
      HTTP_PORT: String(ports.http),
      GRPC_PORT: String(ports.grpc),
      ...environment,
    },
    folder,
    ready: () => takesTraces(url),
  });
  return {
    ...program,
    url,
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function takesTraces(url: string): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${url}/v1/traces`, { method: "POST", headers, body: "{}" })).ok;
}

/** The OpenTelemetry Collector, writing what it gets to a file. */
export async function startOtelCollector(): Promise<OtelCollector> {
  const { path } = await otelCollectorBinary();
  if (path === undefined) throw new Error("otel-collector is missing; see npm run peers:build");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-collector-"));
  const [http = 0, grpc = 0] = await freePorts(2);
  const file = join(folder, "spans.jsonl");
  const configuration = join(folder, "collector.yaml");
  writeFileSync(
    configuration,
    JSON.stringify({
      receivers: {
        otlp: { protocols: { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } } },
      },
      exporters: { file: { path: file, flush_interval: "50ms" } },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: {
          traces: { receivers: ["otlp"], exporters: ["file"] },
          metrics: { receivers: ["otlp"], exporters: ["file"] },
        },
      },
    }),
  );
  const url = `http://127.0.0.1:${http}`;
  const program = await startProgram({
    name: "otel-collector",
    command: path,
    args: ["--config", configuration],
    environment: { PATH: process.env["PATH"] ?? "" },
    folder,
    ready: () => takesTraces(url),
  });
  const raw = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const spans = () => raw().split("\n").flatMap(spansOf);
  return {
    url,
    grpc: `127.0.0.1:${grpc}`,
    spans,
    raw,
    async until(wanted) {
      // Long enough for a loaded machine; a test that waits so long has failed.
      const deadline = Date.now() + 120_000;
      while (Date.now() < deadline) {
        const found = spans();
        if (wanted(found)) return found;
        await sleep(100);
      }
      throw new Error(
        `the wanted spans did not come; there are:\n${JSON.stringify(spans(), undefined, 1).slice(-4000)}`,
      );
    },
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

/** What one OTLP request in JSON holds. A line that is being written counts later. */
export function spansOf(line: string): CollectedSpan[] {
  let parsed: { readonly resourceSpans?: readonly ResourceSpans[] };
  try {
    parsed = JSON.parse(line);
  } catch {
    return [];
  }
  return (parsed.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(attributesOf(resource.attributes)["service.name"]),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? "",
        name: span.name,
        kind: span.kind,
        attributes: attributesOf(span.attributes),
        links: span.links ?? [],
        error: span.status?.code === 2,
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
      })),
    ),
  );
}

interface ResourceSpans {
  readonly resource: { readonly attributes?: readonly Attribute[] };
  readonly scopeSpans: readonly {
    readonly spans: readonly (Pick<CollectedSpan, "traceId" | "spanId" | "name" | "kind"> & {
      readonly startTimeUnixNano: string;
      readonly endTimeUnixNano: string;
      readonly parentSpanId?: string;
      readonly attributes?: readonly Attribute[];
      readonly links?: CollectedSpan["links"];
      readonly status?: { readonly code?: number };
    })[];
  }[];
}

function attributesOf(attributes: readonly Attribute[] = []): Record<string, string | number | boolean> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] ?? ""]));
}
