import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binary, missing, peersFolder } from "./binaries.ts";
import { javaBinary } from "./java.ts";
import { type CollectedSpan, spansOf, startCollectorWith } from "./otel-collector.ts";
import { freePorts } from "./ports.ts";
import { startProgram } from "./process.ts";

const version = "3.5.1";
const sha256 = "7ac633a6832647e71e50012a5e3e91fbc7054414955261724526030faf271d8d";
const address = `https://repo1.maven.org/maven2/io/zipkin/zipkin-server/${version}/zipkin-server-${version}-exec.jar`;

/**
 * Zipkin's server, which shows traces as waterfalls: a jar of 125 MB from Maven Central, for Java 17 or newer.
 *
 * @throws with CI=true where it or a Java cannot be had.
 */
export async function zipkinJar(tell: (line: string) => void = () => {}): Promise<Binary> {
  const folder = join(peersFolder(), `zipkin-${version}`);
  const path = join(folder, "zipkin.jar");
  const java = javaBinary(tell);
  if (java.path === undefined) return java;
  if (existsSync(path)) return { path, skip: false };
  tell(`fetching Zipkin ${version} (125 MB, once)`);
  try {
    const response = await fetch(address);
    if (!response.ok) return missing(`Zipkin cannot be fetched: ${address} was answered by ${response.status}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== sha256) return missing(`Zipkin's jar is not the one that was chosen: its SHA-256 is ${digest}`);
    mkdirSync(peersFolder(), { recursive: true });
    const building = mkdtempSync(join(peersFolder(), ".zipkin-"));
    writeFileSync(join(building, "zipkin.jar"), bytes);
    if (!existsSync(folder)) renameSync(building, folder);
    else rmSync(building, { recursive: true });
    return { path, skip: false };
  } catch (error) {
    return missing(`Zipkin cannot be fetched from ${address}: ${error instanceof Error ? error.message : error}`);
  }
}

export interface TraceViewer {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlp: string;
  /** As Weaviate sends it: `host:port`. */
  readonly grpc: string;
  /** Zipkin's own address. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The collector and Zipkin behind it, which understands its own form alone: what comes between is here. */
export async function startTraceViewer(settings: {
  readonly otlpPort: number;
  readonly viewerPort: number;
}): Promise<TraceViewer> {
  const jar = await zipkinJar();
  if (jar.path === undefined) throw new Error(jar.skip || "Zipkin is missing");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-zipkin-"));
  const [viewer = 0, grpc = 0, otlp = 0] = await freePorts(3);
  const port = settings.viewerPort || viewer;
  const http = settings.otlpPort || otlp;
  const url = `http://127.0.0.1:${port}`;
  const zipkin = await startProgram({
    name: "zipkin",
    command: javaBinary().path ?? "java",
    args: ["-Xmx256m", `-Dserver.port=${port}`, "-jar", jar.path],
    environment: { PATH: process.env["PATH"] ?? "", QUERY_PORT: String(port) },
    folder,
    ready: async () => (await fetch(`${url}/health`)).ok,
  });
  const bridge = await startBridge(url);
  const configuration = {
    receivers: {
      otlp: {
        protocols: { grpc: { endpoint: `127.0.0.1:${grpc}` }, http: { endpoint: `127.0.0.1:${http}` } },
      },
    },
    exporters: {
      otlp_http: { endpoint: `http://127.0.0.1:${bridge.port}`, encoding: "json", compression: "none" },
      debug: {},
    },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { level: "error" } },
      pipelines: {
        traces: { receivers: ["otlp"], exporters: ["otlp_http"] },
        metrics: { receivers: ["otlp"], exporters: ["debug"] },
      },
    },
  };
  const collector = await startCollectorWith(JSON.stringify(configuration), { http, grpc }, {});
  return {
    otlp: collector.url,
    grpc: `127.0.0.1:${grpc}`,
    url,
    async stop() {
      await collector.stop();
      bridge.server.closeAllConnections();
      bridge.server.close();
      await zipkin.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startBridge(zipkin: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      fetch(`${zipkin}/api/v2/spans`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(spansOf(body).map(zipkinSpan)),
      }).then(
        ({ ok }) => response.writeHead(ok ? 200 : 502, { "content-type": "application/json" }).end("{}"),
        () => response.writeHead(503).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

const kinds: Readonly<Record<number, string>> = { 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER" };

/** https://zipkin.io/zipkin-api/#/default/post_spans */
function zipkinSpan(span: CollectedSpan): object {
  const { service, traceId, spanId, parentSpanId, name, kind, attributes, error, startMs, endMs } = span;
  const tags = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)]));
  return {
    traceId,
    id: spanId,
    ...(parentSpanId !== "" && { parentId: parentSpanId }),
    name,
    ...(kinds[kind] !== undefined && { kind: kinds[kind] }),
    timestamp: Math.round(startMs * 1000),
    duration: Math.max(1, Math.round((endMs - startMs) * 1000)),
    localEndpoint: { serviceName: service },
    tags: { ...tags, ...(error && { error: String(attributes["error.type"] ?? "error") }) },
  };
}
