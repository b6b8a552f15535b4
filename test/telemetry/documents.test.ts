// Every kind of document, and what `isthmus trace` says of each.
import assert from "node:assert/strict";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  type CollectedSpan,
  type OtelCollector,
  otelCollectorBinary,
  patientExport,
  startOtelCollector,
} from "../peers/otel-collector.ts";
import { createDesk, type Desk } from "../support/cli.ts";
import { unlisted } from "./listed.ts";

const { skip } = await otelCollectorBinary();

interface Told {
  readonly uri: string;
  readonly state: string;
  readonly trace_id: string | null;
  readonly address?: string;
}

const mail = `From: a@example.org
To: b@example.org
Subject: The herons
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

Here is the list of herons.
--x
Content-Type: text/csv; name=list.csv
Content-Disposition: attachment; filename=list.csv

id,name
7,canaryinattachment
--x--
`;

describe("the trace of each kind of document", { skip }, () => {
  let collector: OtelCollector;
  let desk: Desk;
  before(async () => {
    collector = await startOtelCollector();
    desk = createDesk({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ISTHMUS_TRACE_URL: "http://127.0.0.1:9411/zipkin/traces/{trace_id}",
      ...patientExport,
    });
    desk.write("kept.md", "# Kept\n\nIt stays as it is.");
    desk.write("old.md", "# Renamed\n\nIt gets another name.");
    desk.write("gone.md", "# Gone\n\nIt will be deleted.");
    desk.write("c#.md", "# Marked\n\nThe mark is in its name.");
    desk.write("empty.md", "");
    desk.write("broken.pdf", "no pdf, canaryinbroken");
    desk.write("mail.eml", mail);
  });
  after(async () => {
    await desk?.clear();
    await collector?.stop();
  });

  const path = (name: string) => join(desk.folder, "documents", name);
  const trace = async (name: string) => {
    const ended = await desk.run("trace", path(name), "--json");
    assert.equal(ended.code, 0, ended.stderr);
    return ended.json<Told>();
  };
  /** Runs, first to last. */
  const runsIn = (spans: readonly CollectedSpan[]) =>
    spans.filter(({ name }) => name === "ingest").sort((one, other) => one.startMs - other.startMs);
  async function run(count: number): Promise<{ readonly traceId: string; readonly spans: readonly CollectedSpan[] }> {
    const { code, stderr } = await desk.run("ingest", path("."));
    assert.equal(code, 2, stderr);
    const whole = (all: readonly CollectedSpan[]) => {
      const run = runsIn(all)[count - 1];
      const known = new Set(all.map(({ spanId }) => spanId));
      return run !== undefined && all.every(({ parentSpanId }) => parentSpanId === "" || known.has(parentSpanId));
    };
    const all = await collector.until(whole);
    const traceId = runsIn(all)[count - 1]?.traceId ?? "";
    return { traceId, spans: all.filter((span) => span.traceId === traceId) };
  }
  const documentIn = (spans: readonly CollectedSpan[], name: string) =>
    spans.find((span) => span.name === "document" && String(span.attributes["isthmus.document.uri"]).endsWith(name));
  let first = "";

  it("is its run's: of a plain file, an empty one, one with a mark in its name, and of mail with its attachment", async () => {
    const { traceId, spans } = await run(1);
    first = traceId;
    for (const name of ["kept.md", "empty.md", "c#.md", "mail.eml"]) {
      const told = await trace(name);
      assert.deepEqual([told.trace_id, told.address], [traceId, `http://127.0.0.1:9411/zipkin/traces/${traceId}`]);
    }
    const document = documentIn(spans, "mail.eml");
    const steps = spans.filter(({ parentSpanId }) => parentSpanId === document?.spanId).map(({ name }) => name);
    for (const step of ["read", "parse", "chunk", "embed", "put", "commit"]) assert.ok(steps.includes(step), step);
    assert.equal(documentIn(spans, "broken.pdf")?.error, true);
  });

  it("is found by a citation, in its own form and as a person is shown it", async () => {
    const { code, stderr, json } = await desk.run("query", "canaryinattachment", "--mode", "keyword", "--json");
    assert.equal(code, 0, stderr);
    const [hit] = json<{ readonly results: readonly { readonly source: { readonly uri: string } }[] }>().results;
    const cited = hit?.source.uri ?? "";
    assert.match(cited, /mail\.eml#.+7$/);
    for (const name of [cited, decodeURIComponent(cited), `${path("mail.eml")}#attachments/list.csv#7`]) {
      const ended = await desk.run("trace", name, "--json");
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.json<Told>().uri, /mail\.eml$/);
    }
  });

  it("is none of a file that could not be read, whose failure is told in its place", async () => {
    const { code, stderr } = await desk.run("trace", path("broken.pdf"));
    assert.notEqual(code, 0);
    assert.match(stderr, /broken\.pdf.* failed at .*\(\w+\)/);
    assert.match((await desk.run("trace", path("never.md"))).stderr, /and was none/);
  });

  it("is the next run's of what was renamed or deleted, and stays of what was not", async () => {
    renameSync(path("old.md"), path("new.md"));
    rmSync(path("gone.md"));
    const { traceId, spans } = await run(2);
    assert.notEqual(traceId, first);
    for (const [name, state] of [
      ["new.md", "indexed"],
      ["old.md", "deleted"],
      ["gone.md", "deleted"],
    ] as const) {
      const told = await trace(name);
      assert.deepEqual([told.state, told.trace_id], [state, traceId], name);
    }
    assert.equal((await trace("kept.md")).trace_id, first);
    assert.ok(documentIn(spans, "new.md"));
    assert.ok(spans.some(({ name }) => name === "remove"));
    assert.equal(documentIn(spans, "kept.md"), undefined);
  });

  it("holds no word of any", () => {
    assert.ok(!/canaryin/.test(collector.raw()));
    assert.deepEqual(unlisted(collector.spans()), []);
  });
});
