import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import {
  type CollectedSpan,
  type OtelCollector,
  otelCollectorBinary,
  patientExport,
  startOtelCollector,
} from "../peers/otel-collector.ts";
import { createDesk, type Desk, root, track } from "../support/cli.ts";

const { skip } = await otelCollectorBinary();

describe("the traces of the commands", { skip }, () => {
  let collector: OtelCollector;
  let desk: Desk;
  before(async () => {
    collector = await startOtelCollector();
    desk = createDesk({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: "desk",
      ...patientExport,
    });
    for (let name = 0; name < 5; name++)
      desk.write(`${name}.md`, `# Title ${name}\n\ncanaryindocument number ${name}.`);
    desk.write("broken.pdf", "no pdf, canaryinbroken");
  });
  after(async () => {
    await desk?.clear();
    await collector?.stop();
  });

  const childrenOf = (spans: readonly CollectedSpan[], parent: CollectedSpan) =>
    spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId).map(({ name }) => name);

  it("of ingestion go from the run over each document to its steps, also those that other threads do", async () => {
    const { code, stderr } = await desk.run("ingest", join(desk.folder, "documents"));
    assert.equal(code, 2, stderr);
    // Of a run the span that ends last is its own; the collector writes them in no order of ours.
    const spans = await collector.until(
      (all) =>
        all.some(({ name }) => name === "ingest") &&
        all.filter(({ name }) => name === "document").length === 6 &&
        ["read", "parse", "embed", "put", "commit"].every(
          (step) => all.filter(({ name }) => name === step).length >= 5,
        ),
    );
    const runs = spans.filter(({ name }) => name === "ingest");
    assert.equal(runs.length, 1);
    const documents = spans.filter(({ name }) => name === "document");
    const known = new Set(spans.map(({ spanId }) => spanId));
    for (const span of spans) {
      assert.equal(span.traceId, runs[0]?.traceId);
      assert.ok(span === runs[0] || known.has(span.parentSpanId), `${span.name} is an orphan`);
    }
    for (const document of documents) {
      assert.equal(document.parentSpanId, runs[0]?.spanId);
      const uri = String(document.attributes["isthmus.document.uri"]);
      if (uri.endsWith(".pdf")) assert.ok(document.error, "the broken one says so");
      else
        for (const step of ["read", "parse", "embed", "put", "commit"]) {
          assert.ok(childrenOf(spans, document).includes(step), `${uri} has no ${step}`);
        }
    }
  });

  it("are named by each version in the index", () => {
    const folder = join(desk.folder, "data");
    const file = readdirSync(folder).find((name) => name.endsWith(".sqlite") && !name.startsWith("scan"));
    assert.ok(file !== undefined && existsSync(join(folder, file)));
    const database = new DatabaseSync(join(folder, file), { readOnly: true });
    const rows = database.prepare("SELECT row FROM document").all();
    database.close();
    const traceId = collector.spans().find(({ name }) => name === "ingest")?.traceId;
    assert.equal(rows.length, 5);
    for (const row of rows) assert.equal(JSON.parse(String(row["row"])).traceId, traceId);
  });

  it("show nothing of documents that are as they were", async () => {
    await desk.run("ingest", join(desk.folder, "documents"));
    const spans = await collector.until((all) => all.filter(({ name }) => name === "ingest").length === 2);
    assert.equal(spans.filter(({ name }) => name === "commit").length, 5);
  });

  it("of the server go on with the caller's trace", async () => {
    const server = desk.start("serve");
    const [, url] = await server.seen(/(http:\/\/[^ ]+)/);
    const ids = Array.from({ length: 20 }, () => randomBytes(16).toString("hex"));
    // Side by side: each embedding belongs to the request that asked for it.
    await Promise.all(
      ids.map(async (id, index) => {
        const response = await fetch(`${url}/query`, {
          method: "POST",
          headers: { "content-type": "application/json", traceparent: `00-${id}-00f067aa0ba902b7-01` },
          body: JSON.stringify({ query: `canaryinquery ${index}` }),
        });
        assert.equal(((await response.json()) as { trace_id: string }).trace_id, id);
      }),
    );
    server.process.kill("SIGINT");
    await server.ended;
    const spans = await collector.until((all) =>
      ids.every((id) => all.filter(({ traceId }) => traceId === id).length >= 3),
    );
    for (const id of ids) {
      const own = spans.filter(({ traceId }) => traceId === id);
      const root = own.find(({ name }) => name === "POST /query");
      assert.equal(root?.parentSpanId, "00f067aa0ba902b7");
      assert.deepEqual(
        childrenOf(own, root)
          .map((name) => name.split(" ")[0])
          .sort(),
        ["embeddings", "search"],
      );
    }
  });

  it("keep no command from its work when the collector is away", async () => {
    const alone = createDesk({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
    try {
      alone.write("a.md", "# A\n\nText.");
      const { code, stderr } = await alone.run("ingest", join(alone.folder, "documents"));
      assert.equal(code, 0, stderr);
      assert.equal(stderr.includes("OTEL"), false);
    } finally {
      await alone.clear();
    }
  });

  it("load nothing where nobody wants them", async () => {
    const quiet = createDesk();
    try {
      quiet.write("a.md", "# A\n\nText.");
      const loaded = join(quiet.folder, "loaded.txt");
      const watching = join(quiet.folder, "watching.mjs");
      writeFileSync(
        watching,
        `import { registerHooks } from "node:module";
         import { appendFileSync } from "node:fs";
         registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(loaded)}, url + "\\n"); return next(url, context); } });`,
      );
      for (const [wanted, environment] of [
        [false, {}],
        [true, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }],
      ] as const) {
        writeFileSync(loaded, "");
        const own = { ...quiet.environment, NODE_OPTIONS: `--import=${watching}`, ...environment };
        const cli = join(root, "src/entry/cli.ts");
        const { code, stderr } = await track(
          spawn(process.execPath, [cli, "ingest", join(quiet.folder, "documents")], { cwd: quiet.folder, env: own }),
        ).ended;
        assert.equal(code, 0, stderr);
        const modules = readFileSync(loaded, "utf8").split("\n");
        assert.ok(modules.some((url) => url.endsWith("src/compose/telemetry.ts")));
        assert.equal(
          modules.some((url) => url.includes("/src/telemetry/")),
          wanted,
        );
      }
    } finally {
      await quiet.clear();
    }
  });

  it("hold neither a text nor a question", () => {
    const raw = collector.raw();
    for (const secret of ["canaryindocument", "canaryinbroken", "canaryinquery"])
      assert.ok(!raw.includes(secret), secret);
  });
});
