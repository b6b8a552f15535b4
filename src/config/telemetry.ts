import { readFileSync } from "node:fs";
import { createReader, type Environment, type SettingsReader } from "./read.ts";

/** Where telemetry goes, by OpenTelemetry's own names. Absent where nothing is to be sent nor shown: then none of it is loaded. */
export interface TelemetrySettings {
  /** `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, else `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces`. */
  readonly traces: string | undefined;
  /** `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, else `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/metrics`. */
  readonly metrics: string | undefined;
  /** `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`, comma separated, URL-encoded. May hold a key. */
  readonly headers: Readonly<Record<string, string>>;
  /** `OTEL_EXPORTER_OTLP_TIMEOUT`: milliseconds for one request, default 1,000. */
  readonly timeoutMs: number;
  /** The PEM that `OTEL_EXPORTER_OTLP_CERTIFICATE` names. */
  readonly caCertificate: string | undefined;
  /** `OTEL_TRACES_SAMPLER_ARG`: share of traces that begin here and are kept, default 1. */
  readonly ratio: number;
  /** `OTEL_SERVICE_NAME`. */
  readonly serviceName: string | undefined;
  /** `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resource: Readonly<Record<string, string>>;
  /** `ISTHMUS_METRICS`: shown at `/metrics`. */
  readonly prometheus: boolean;
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/; faults go to the reader. */
export function parseTelemetry(read: SettingsReader): TelemetrySettings | undefined {
  if (read.flag("OTEL_SDK_DISABLED")) return undefined;
  const names = ["ENDPOINT", "TRACES_ENDPOINT", "METRICS_ENDPOINT"].map((name) => `OTEL_EXPORTER_OTLP_${name}`);
  for (const name of names) read.refuseCredentials(name, "give the key in OTEL_EXPORTER_OTLP_HEADERS");
  const [base, traces, metrics] = names.map((name) => read.url(name, undefined));
  const prometheus = read.flag("ISTHMUS_METRICS");
  const of = (signal: string) => (base === undefined ? undefined : `${base}/v1/${signal}`);
  const settings = {
    traces: traces ?? of("traces"),
    metrics: metrics ?? of("metrics"),
    headers: pairs(read, "OTEL_EXPORTER_OTLP_HEADERS"),
    timeoutMs: read.integer("OTEL_EXPORTER_OTLP_TIMEOUT", 1_000, 1, 60_000),
    caCertificate: certificate(read),
    ratio: ratio(read),
    serviceName: read.text("OTEL_SERVICE_NAME"),
    resource: pairs(read, "OTEL_RESOURCE_ATTRIBUTES"),
    prometheus,
  };
  const wanted = settings.traces !== undefined || settings.metrics !== undefined || prometheus;
  return wanted ? settings : undefined;
}

/**
 * `ISTHMUS_TRACE_URL`: where a person sees a trace, with `{trace_id}` in it, for example
 * `http://127.0.0.1:9411/zipkin/traces/{trace_id}`.
 *
 * @throws `config_invalid` for an address without the place of the id.
 */
export function parseTraceAddress(environment: Environment): ((traceId: string) => string) | undefined {
  const read = createReader(environment);
  const name = "ISTHMUS_TRACE_URL";
  const template = read.url(name, undefined);
  if (template !== undefined && !template.includes("{trace_id}"))
    read.faults.push(`${name} has no {trace_id} in it; that is where the id goes.`);
  read.checked(undefined);
  return template === undefined ? undefined : (traceId) => template.replaceAll("{trace_id}", traceId);
}

function ratio(read: SettingsReader): number {
  const name = "OTEL_TRACES_SAMPLER_ARG";
  const value = read.text(name);
  if (value === undefined) return 1;
  const number = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  read.faults.push(`${read.shown(name)} is ${JSON.stringify(value)}; it is a number from 0 to 1.`);
  return 1;
}

/** The values may be secrets: a fault tells none of them. */
function pairs(read: SettingsReader, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [index, pair] of read.list(name).entries()) {
    const at = pair.indexOf("=");
    const key = pair.slice(0, at).trim();
    try {
      if (at < 1 || !/^[\w.!#$%&'*+^`|~-]+$/.test(key)) throw new Error("no name");
      found[key] = decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      read.faults.push(`${read.shown(name)}: part ${index + 1} is not name=value, URL-encoded.`);
    }
  }
  return found;
}

function certificate(read: SettingsReader): string | undefined {
  const name = "OTEL_EXPORTER_OTLP_CERTIFICATE";
  const file = read.text(name);
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    read.faults.push(`${name} names ${file}, which cannot be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
