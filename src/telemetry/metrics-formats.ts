import type { Buckets, Exemplar, Metric } from "./metrics.ts";
import { nanoseconds, type Resource, valuesOf } from "./otlp.ts";
import type { Attributes } from "./span.ts";

/** The body of a request to `/v1/metrics`, all of it cumulative since `sinceMs`. */
export function metricsRequest(resource: Resource, metrics: readonly Metric[], sinceMs: number): string {
  const times = { startTimeUnixNano: nanoseconds(sinceMs), timeUnixNano: nanoseconds(Date.now()) };
  const encoded = metrics.filter(({ series }) => series.length > 0).map((metric) => encode(metric, times));
  const scope = { name: "isthmus", version: resource.version };
  return JSON.stringify({
    resourceMetrics: [
      { resource: { attributes: valuesOf(resource.attributes) }, scopeMetrics: [{ scope, metrics: encoded }] },
    ],
  });
}

function encode(metric: Metric, times: object): object {
  const { name, unit, description } = metric;
  // 2 is cumulative.
  const aggregationTemporality = 2;
  if (metric.kind === "histogram") {
    const dataPoints = metric.series.map(({ attributes, value }) => ({
      ...times,
      attributes: valuesOf(attributes),
      count: String(value.count),
      sum: value.sum,
      bucketCounts: value.counts.map(String),
      explicitBounds: value.bounds,
      exemplars: value.exemplars.filter((each) => each !== undefined).map(exemplarOf),
    }));
    return { name, unit, description, histogram: { aggregationTemporality, dataPoints } };
  }
  const dataPoints = metric.series.map(({ attributes, value }) => ({
    ...times,
    attributes: valuesOf(attributes),
    asDouble: value,
  }));
  return metric.kind === "gauge"
    ? { name, unit, description, gauge: { dataPoints } }
    : { name, unit, description, sum: { aggregationTemporality, isMonotonic: metric.kind === "counter", dataPoints } };
}

function exemplarOf({ value, atMs, traceId, spanId }: Exemplar): object {
  return { timeUnixNano: nanoseconds(atMs), asDouble: value, traceId, spanId };
}

export const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

/** Prometheus' text, or OpenMetrics' (with exemplars) where the reader takes it. */
export function expositionOf(metrics: readonly Metric[], accept: string): { type: string; text: string } {
  const open = accept.includes("application/openmetrics-text");
  const lines: string[] = [];
  for (const metric of metrics) {
    const counter = metric.kind === "counter";
    const name = prometheusName(metric.name, metric.unit);
    // OpenMetrics names the family without _total; the older text names every sample as it stands.
    const family = counter && !open ? `${name}_total` : name;
    lines.push(
      `# HELP ${family} ${metric.description}`,
      `# TYPE ${family} ${metric.kind === "level" ? "gauge" : metric.kind}`,
    );
    if (metric.kind === "histogram") {
      for (const { attributes, value } of metric.series) lines.push(...bucketLines(name, attributes, value, open));
    } else {
      for (const { attributes, value } of metric.series) {
        lines.push(`${counter ? `${name}_total` : name}${labelsOf(attributes)} ${value}`);
      }
    }
  }
  if (open) lines.push("# EOF");
  return { type: open ? openMetricsType : prometheusType, text: `${lines.join("\n")}\n` };
}

function bucketLines(name: string, attributes: Attributes, value: Buckets, open: boolean): string[] {
  let cumulated = 0;
  const lines = value.counts.map((count, index) => {
    cumulated += count;
    const bound = value.bounds[index];
    const exemplar = open ? value.exemplars[index] : undefined;
    const example =
      exemplar === undefined
        ? ""
        : ` # {trace_id="${exemplar.traceId}",span_id="${exemplar.spanId}"} ${exemplar.value} ${exemplar.atMs / 1000}`;
    return `${name}_bucket${labelsOf({ ...attributes, le: bound === undefined ? "+Inf" : String(bound) })} ${cumulated}${example}`;
  });
  return [
    ...lines,
    `${name}_sum${labelsOf(attributes)} ${value.sum}`,
    `${name}_count${labelsOf(attributes)} ${value.count}`,
  ];
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ */
export function prometheusName(name: string, unit: string): string {
  const suffix = { s: "_seconds", By: "_bytes", "1": "_ratio" }[unit] ?? "";
  return `${name.replaceAll(/[^a-zA-Z0-9_:]/g, "_")}${suffix}`;
}

function labelsOf(attributes: Readonly<Attributes>): string {
  const labels = Object.entries(attributes).map(([key, value]) => {
    const escaped = String(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    return `${key.replaceAll(/[^a-zA-Z0-9_]/g, "_")}="${escaped}"`;
  });
  return labels.length === 0 ? "" : `{${labels.join(",")}}`;
}
