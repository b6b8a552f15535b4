import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
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
import { unlisted } from "./listed.ts";

const { skip } = await otelCollectorBinary();

/** The rows of the documents in an index. */
function rowsOf(folder: string): { readonly traceId?: string }[] {
  const database = new DatabaseSync(join(folder, "index.sqlite"), { readOnly: true });
  const rows = database.prepare("SELECT row FROM document").all();
  database.close();
  return rows.map((row) => JSON.parse(String(row["row"])));
}

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
        ["read", "parse", "chunk", "embed", "put", "commit"].every(
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
        for (const step of ["read", "parse", "chunk", "embed", "put", "commit"]) {
          assert.ok(childrenOf(spans, document).includes(step), `${uri} has no ${step}`);
        }
    }
  });

  it("are named by each version in the index", () => {
    const rows = rowsOf(join(desk.folder, "data"));
    const traceId = collector.spans().find(({ name }) => name === "ingest")?.traceId;
    assert.equal(rows.length, 5);
    for (const row of rows) assert.equal(row.traceId, traceId);
  });

  it("show nothing of documents that are as they were", async () => {
    await desk.run("ingest", join(desk.folder, "documents"));
    const spans = await collector.until((all) => all.filter(({ name }) => name === "ingest").length === 2);
    assert.equal(spans.filter(({ name }) => name === "commit").length, 5);
  });

  it("of a question are one: the embedding and the search under it", async () => {
    const { code, stderr } = await desk.run("query", "canaryinquery of the command line");
    assert.equal(code, 0, stderr);
    const spans = await collector.until((all) => all.some(({ name }) => name === "query"));
    const root = spans.find(({ name }) => name === "query");
    assert.ok(root);
    assert.equal(root.parentSpanId, "");
    assert.deepEqual(
      childrenOf(spans, root)
        .map((name) => name.split(" ")[0])
        .sort(),
      ["embeddings", "search"],
    );
  });

  it("of an answer are one: the search, the weighing and the writing under it", async () => {
    const { code, stderr } = await desk.run("ask", "Which number has the canaryindocument?");
    assert.equal(code, 0, stderr);
    const spans = await collector.until((all) => all.some(({ name }) => name === "answer"));
    const root = spans.find(({ name }) => name === "answer");
    assert.ok(root);
    assert.equal(root.parentSpanId, "");
    const known = new Set(spans.map(({ spanId }) => spanId));
    const own = spans.filter(({ traceId }) => traceId === root.traceId);
    for (const span of own) assert.ok(span === root || known.has(span.parentSpanId), `${span.name} is an orphan`);
    const names = own.map(({ name }) => name.split(" ")[0]);
    for (const name of ["embeddings", "search", "generate_content"]) assert.ok(names.includes(name), name);
    assert.ok(Number(root.attributes["isthmus.sentences"]) >= 1);
  });

  it("of a run that was killed and of the one that goes on are two, and each version names its own", async () => {
    const other = createDesk({ ...desk.environment, ISTHMUS_DATA_DIR: undefined, OTEL_SERVICE_NAME: "killed" });
    other.environment["ISTHMUS_DATA_DIR"] = join(other.folder, "data");
    other.environment["ISTHMUS_WORKERS"] = "1";
    try {
      const words = "The night watch hands its notes over at seven and goes home by the river. ".repeat(12);
      for (let name = 0; name < 240; name++) other.write(`${name}.md`, `# Note ${name}\n\n${name} ${words}`);
      const killed = other.start("ingest", join(other.folder, "documents"));
      const of = (name: string) => (span: CollectedSpan) => span.service === "killed" && span.name === name;
      await collector.until((all) => all.some(of("commit")) || killed.process.exitCode !== null);
      assert.equal(killed.process.exitCode, null, "it was through before it could be killed");
      killed.process.kill("SIGKILL");
      await killed.ended;
      const { code, stderr } = await other.run("ingest", join(other.folder, "documents"));
      assert.equal(code, 0, stderr);
      const spans = await collector.until((all) => all.some(of("ingest")));
      const runs = spans.filter(of("ingest"));
      assert.equal(runs.length, 1, "a run that was killed has no end");
      const rows = rowsOf(join(other.folder, "data"));
      assert.equal(rows.length, 240);
      const traces = new Set(rows.map(({ traceId }) => traceId));
      assert.equal(traces.size, 2);
      assert.ok(traces.has(runs[0]?.traceId));
      const first = [...traces].find((id) => id !== runs[0]?.traceId);
      assert.ok(spans.filter(of("commit")).some(({ traceId }) => traceId === first));
    } finally {
      await other.clear();
    }
  });

  it("of the server go on with the caller's trace", async () => {
    desk.environment["ISTHMUS_LOG"] = "json";
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
    const streamed = randomBytes(16).toString("hex");
    const answer = await fetch(`${url}/answer`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        traceparent: `00-${streamed}-00f067aa0ba902b7-01`,
      },
      body: JSON.stringify({ question: "Which number has the canaryindocument?" }),
    });
    assert.match(await answer.text(), /^event: done$/m);
    server.process.kill("SIGINT");
    const { stderr } = await server.ended;
    const answering = (
      await collector.until((all) => all.some(({ traceId, name }) => traceId === streamed && name === "POST /answer"))
    ).filter(({ traceId }) => traceId === streamed);
    const whole = answering.find(({ name }) => name === "POST /answer");
    assert.ok(whole && answering.length >= 3);
    const writing = answering.find(({ name }) => name.startsWith("generate_content "));
    const answered = answering.find(({ name }) => name === "answer");
    assert.deepEqual([answered?.parentSpanId, writing?.parentSpanId], [whole.spanId, answered?.spanId]);
    for (const { name, endMs } of answering)
      assert.ok(endMs <= whole.endMs, `${name} ended after the answer, whose last piece is the request's end`);
    const spans = await collector.until((all) =>
      ids.every((id) => all.filter(({ traceId }) => traceId === id).length >= 3),
    );
    const lines = stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    for (const id of ids) {
      const own = spans.filter(({ traceId }) => traceId === id);
      const root = own.find(({ name }) => name === "POST /query");
      const logged = lines.find((line) => line.trace_id === id);
      assert.equal(logged?.span_id, root?.spanId, "the log names the request's span");
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
    assert.deepEqual(unlisted(collector.spans()), []);
  });
});
