import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { createReader } from "../../src/config/read.ts";
import { parseTelemetry } from "../../src/config/telemetry.ts";
import { type Resource, traceRequest } from "../../src/telemetry/otlp.ts";
import type { SpanData } from "../../src/telemetry/span.ts";
import { goBinary } from "../peers/binaries.ts";
import {
  type OtelCollector,
  otelCollectorBinary,
  startCollectorWith,
  startOtelCollector,
} from "../peers/otel-collector.ts";
import { freePorts } from "../peers/ports.ts";
import { goPrograms } from "../peers/programs.ts";
import { podOf } from "./cluster.ts";
import { at, buildEvents, buildOverlay, buildTelemetry, listAt, type Manifest, readJob } from "./manifests.ts";
import { violations } from "./rules.ts";

const skip = (await goBinary(goPrograms.kustomize)).skip || (await otelCollectorBinary()).skip;

describe("the collector in the cluster", { skip }, () => {
  let manifests: Manifest[] = [];
  let sink: OtelCollector;
  let collector: Awaited<ReturnType<typeof startCollectorWith>>;
  before(async () => {
    manifests = await buildTelemetry();
    sink = await startOtelCollector();
    const configuration = manifests.find(({ data }) => data?.["collector.yaml"] !== undefined)?.data?.[
      "collector.yaml"
    ];
    const [http = 0, grpc = 0] = await freePorts(2);
    collector = await startCollectorWith(
      configuration ?? "",
      { http, grpc },
      {
        BACKEND_ENDPOINT: sink.url,
        DECISION_WAIT: "2s",
        SPAN_METRICS_EVERY: "1s",
        KEPT_PERCENT: "10",
      },
    );
  });
  after(async () => {
    await collector?.stop();
    await sink?.stop();
  });

  it("keeps the rules of every manifest; the namespace and its denial by default are the overlay's", () => {
    const overlays = /^no NetworkPolicy denies by default$/;
    assert.deepEqual(
      violations(manifests).filter((fault) => !overlays.test(fault)),
      [],
    );
  });

  it("keeps failed and slow traces whole, and a share of the others", async () => {
    const resource: Resource = { version: "1", attributes: { "service.name": "caller" } };
    const made = { error: new Set<string>(), slow: new Set<string>(), plain: new Set<string>() };
    const spans: SpanData[] = [];
    for (let at = 0; at < 220; at++) {
      const kind = at < 10 ? "error" : at < 20 ? "slow" : "plain";
      const traceId = randomBytes(16).toString("hex");
      made[kind].add(traceId);
      const startMs = Date.now() - 5_000;
      const root = randomBytes(8).toString("hex");
      const span = (name: string, spanId: string, parentId: string | undefined, tookMs: number): SpanData => ({
        name,
        traceId,
        spanId,
        parentId,
        sampled: true,
        kind: "internal",
        startMs,
        endMs: startMs + tookMs,
        attributes: {},
        links: [],
        error: kind === "error" && parentId !== undefined ? "store_unavailable" : undefined,
      });
      const tookMs = kind === "slow" ? 1_500 : 20;
      spans.push(
        span("POST /query", root, undefined, tookMs),
        span("search", randomBytes(8).toString("hex"), root, 10),
      );
    }
    const response = await fetch(`${collector.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: traceRequest(resource, spans),
    });
    assert.ok(response.ok, await response.text());
    const wanted = [...made.error, ...made.slow];
    const kept = await sink.until((all) =>
      wanted.every((id) => all.filter(({ traceId }) => traceId === id).length === 2),
    );
    const plain = new Set(kept.filter(({ traceId }) => made.plain.has(traceId)).map(({ traceId }) => traceId));
    assert.ok(plain.size < made.plain.size / 2, `${plain.size} of ${made.plain.size} plain traces were kept`);
  });

  it("makes rates and times of all spans, also of those that are not kept", async () => {
    const deadline = Date.now() + 120_000;
    const counts = () =>
      [...sink.raw().matchAll(/isthmus\.spans\.calls/g)].length > 0 && sink.raw().includes("isthmus.spans.duration");
    while (!counts() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(counts(), "no metrics of spans came");
  });

  it("is what the worker, the Job and the comparison send to, where it was applied, and no policy stops them", async () => {
    const clients = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "isthmus-otel");
    assert.ok(clients?.data, "isthmus-otel has no other name in another version: what runs already looks for it");
    const read = createReader(clients.data);
    const settings = parseTelemetry(read);
    assert.deepEqual(read.faults, []);
    assert.equal(settings?.prometheus, true);
    const { hostname, port } = new URL(settings?.traces ?? "");
    const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === hostname);
    assert.ok(listAt(service, "spec.ports").some((one) => `${at(one, "port")}` === port));
    const base = await buildOverlay("production");
    const everything = [...manifests, ...base, ...(await buildEvents("production"))];
    const policies = everything.filter(({ kind }) => kind === "NetworkPolicy");
    const wanted = ["ingest", "ingest-worker", "reconcile"];
    const pods = [...everything, readJob()].flatMap((manifest) => {
      const job = at(manifest, "spec.jobTemplate.spec");
      return podOf(job === undefined ? manifest : { ...manifest, spec: job }) ?? [];
    });
    const nameIn = (selector: unknown) =>
      (at(selector, "matchLabels") as Record<string, string> | undefined)?.["app.kubernetes.io/name"];
    for (const name of wanted) {
      const pod = pods.find(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === name);
      const container = listAt(pod, "spec.containers")[0];
      assert.deepEqual(at(container, "envFrom"), [{ configMapRef: { name: "isthmus-otel", optional: true } }], name);
      const own = listAt(container, "env").find((one) => at(one, "name") === "OTEL_SERVICE_NAME");
      assert.equal(at(own, "value"), name);
      assert.ok(
        listAt(container, "ports").some((one) => at(one, "containerPort") === 8080),
        `${name} shows its numbers on a port that it names`,
      );
      const selects = (selector: unknown) =>
        nameIn(selector) === name ||
        listAt(selector, "matchExpressions").some((one) => listAt(one, "values").includes(name));
      const out = policies.filter((policy) => selects(at(policy, "spec.podSelector")));
      const reaches = out
        .flatMap((policy) => listAt(policy, "spec.egress"))
        .some(
          (rule) =>
            listAt(rule, "ports").some((one) => `${at(one, "port")}` === port) &&
            listAt(rule, "to").some((to) => nameIn(at(to, "podSelector")) === "otel-collector"),
        );
      assert.ok(reaches, `no policy lets ${name} out to the collector`);
      const door = policies.find(({ metadata }) => metadata.name === "otel-collector");
      const admitted = listAt(door, "spec.ingress").some(
        (rule) =>
          listAt(rule, "ports").some((one) => `${at(one, "port")}` === port) &&
          listAt(rule, "from").some((from) => selects(at(from, "podSelector"))),
      );
      assert.ok(admitted, `the collector's policy does not let ${name} in`);
    }
  });

  it("is what Weaviate, ingestion and the function are told to send to", () => {
    const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === "otel-collector");
    const ports = listAt(service, "spec.ports").map((port) => at(port, "port"));
    assert.deepEqual(ports, [4317, 4318]);
    const receivers = parse(
      manifests.find(({ data }) => data?.["collector.yaml"] !== undefined)?.data?.["collector.yaml"] ?? "",
    ).receivers.otlp.protocols;
    assert.match(receivers.grpc.endpoint, /4317/);
    assert.match(receivers.http.endpoint, /4318/);
  });
});
