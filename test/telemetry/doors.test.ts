// One canary through each door of a server: none of it in a span, a metric or a line of the log.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type OtelCollector, otelCollectorBinary, patientExport, startOtelCollector } from "../peers/otel-collector.ts";
import { createDesk, type Desk, eventually } from "../support/cli.ts";
import { type Behaviour, type LanguageModelEndpoint, startEndpoint, writes } from "../support/language-model.ts";
import { unlisted } from "./listed.ts";
import { assertExposition } from "./promtool.ts";

const { skip } = await otelCollectorBinary();
/** In what a person or a document says; keys, titles and metadata have it too. */
const canary = "zebrainthepantry";
const written = `Q1: Backups ${canary} are kept for 30 days\nS: They are kept for 30 days.\nEND\n`;

/** As providers do: the question and the key in the words of the error. */
const quotes: Behaviour = (response, { material, headers }) => {
  response
    .writeHead(400, { "content-type": "application/json" })
    .end(JSON.stringify({ error: { message: `${material} ${headers.authorization} ${canary}` } }));
};

describe("a server with all its doors", { skip }, () => {
  let collector: OtelCollector;
  let model: LanguageModelEndpoint;
  let desk: Desk;
  let url = "";
  let numbers = "";
  const log: string[] = [];
  before(async () => {
    collector = await startOtelCollector();
    model = await startEndpoint(writes(written));
    desk = createDesk({
      ISTHMUS_API_KEYS: `${canary}-read`,
      ISTHMUS_WRITE_KEYS: `${canary}-write`,
      ISTHMUS_GENERATOR: "openai:scripted",
      ISTHMUS_GENERATOR_URL: model.url,
      ISTHMUS_GENERATOR_API_KEY: `${canary}-generator`,
      ISTHMUS_GENERATOR_FALLBACK: "none",
      ISTHMUS_LOG: "json",
      ISTHMUS_METRICS: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...patientExport,
    });
    desk.write(
      "backups.md",
      `---\ntitle: ${canary}\nteam: ${canary}\n---\n# Backups\n\nBackups ${canary} are kept for 30 days.`,
    );
    const started = desk.start("start", join(desk.folder, "documents"));
    started.process.stderr?.on("data", (piece: Buffer) => log.push(piece.toString()));
    [, url = ""] = await started.seen(/(http:\/\/127[\d.:]+)/);
    await started.seen(/1 added/);
  });
  after(async () => {
    await desk?.clear();
    await model?.close();
    await collector?.stop();
  });

  const call = async (method: string, path: string, body?: string | object, more: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { "content-type": "application/json", "x-api-key": `${canary}-write`, ...more },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  it("answers at each of them", async () => {
    const question = `How long are Backups ${canary} kept?`;
    const mcp = (name: string, given: object) =>
      call(
        "POST",
        "/mcp",
        { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } },
        { accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25" },
      );
    const is = async (status: number, asked: Promise<{ readonly status: number; readonly text: string }>) => {
      const given = await asked;
      assert.equal(given.status, status, given.text);
    };
    await is(200, call("POST", "/query", { query: question }));
    await is(200, call("POST", "/query", { query: question, filter: { metadata: { team: canary }, uri: canary } }));
    await is(400, call("POST", "/query", `{"query": "${canary}`));
    await is(400, call("POST", "/query", { query: canary, [canary]: 1 }));
    await is(400, call("POST", "/query", { query: canary, mode: canary }));
    await is(401, call("POST", "/query", { query: canary }, { "x-api-key": `${canary}-wrong` }));
    await is(404, call("GET", `/${canary}`));
    await is(400, call("GET", `/document?uri=${canary}&token=${canary}`));
    await is(404, call("GET", `/document?uri=${canary}`));
    await is(200, call("POST", "/answer", { question }));
    await is(200, call("POST", "/answer", { question }, { accept: "text/event-stream" }));
    await is(200, call("POST", "/v1/vector_stores/default/search", { query: question }));
    await is(200, mcp("search", { query: question }));
    await is(200, mcp("answer", { question }));
    await is(200, mcp("fetch", { id: canary }));
    await is(200, mcp(canary, { [canary]: canary }));
    await is(
      202,
      call("POST", "/documents?name=uploaded.md", `# ${canary}\n\n${canary} again.`, {
        "content-type": "application/octet-stream",
      }),
    );
    await is(
      202,
      call("POST", "/documents?name=broken.pdf", `%PDF-1.7 ${canary}`, { "content-type": "application/octet-stream" }),
    );
    model.behave(quotes);
    const failed = await call("POST", "/answer", { question });
    assert.ok(failed.status >= 500, failed.text);
    await call("POST", "/answer", { question }, { accept: "text/event-stream" });
    await eventually(
      () => call("GET", "/documents"),
      ({ text }) => text.includes("uploaded.md") && text.includes("broken.pdf"),
    );
    numbers = (await call("GET", "/metrics")).text;
    assert.match(numbers, /^isthmus_documents_total\{isthmus_outcome="failed"\} 1$/m);
    await assertExposition(numbers);
  });

  it("tells of it without one of its words", async () => {
    const spans = await collector.until((all) => {
      const names = new Set(all.map(({ name }) => name));
      return ["POST /query", "POST /answer", "POST /mcp", "POST /documents", "generate_content scripted"].every(
        (name) => names.has(name),
      );
    });
    await eventually(
      async () => collector.raw(),
      (raw) => raw.includes("resourceMetrics") && raw.includes("isthmus.generate.duration"),
    );
    for (const [where, told] of [
      ["a span or a metric at the collector", collector.raw()],
      ["/metrics", numbers],
      ["the log", log.join("")],
    ] as const) {
      const at = told.toLowerCase().indexOf(canary);
      assert.equal(at, -1, `${where}: ${told.slice(Math.max(0, at - 300), at + 60)}`);
    }
    assert.deepEqual(unlisted(spans), []);
  });
});
