import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { build } from "esbuild";
import * as z from "zod";
import { generateClient, type OpenApi } from "../../scripts/client/generate.ts";
import { packageScript } from "../../scripts/run.ts";
import { type Client, createClient, IsthmusApiError } from "../../src/client/index.ts";
import { createDesk, type Desk, root } from "../support/cli.ts";

const source = join(root, "src/client/index.ts");
const key = "a-key-of-the-test";

/** What a call failed with. */
async function failureOf(work: Promise<unknown>): Promise<IsthmusApiError> {
  const error = await work.then(
    (value) => assert.fail(`nothing failed: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof IsthmusApiError, String(error));
  return error;
}

async function eventsOf<Event>(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe("the client's module", () => {
  test("is under 10 KB, of one piece, and depends on nothing", async (context) => {
    const bundle = (minify: boolean) =>
      build({ entryPoints: [source], bundle: true, write: false, format: "esm", metafile: true, minify });
    const [whole, small] = [await bundle(false), await bundle(true)];
    const [text, minified] = [whole.outputFiles[0]?.text ?? "", small.outputFiles[0]?.text ?? ""];
    context.diagnostic(`${Buffer.byteLength(text)} bytes, ${Buffer.byteLength(minified)} minified`);
    assert.ok(text.length > 0 && Buffer.byteLength(text) < 10_000, `${Buffer.byteLength(text)} bytes`);
    assert.deepEqual(Object.values(whole.metafile.outputs)[0]?.imports, []);
    assert.deepEqual(
      Object.keys(whole.metafile.inputs).sort(),
      ["src/client/generated.ts", "src/client/index.ts"].sort(),
    );
    assert.doesNotMatch(text, /\bnode:|\bprocess\b|\bBuffer\b|\brequire\b/);
  });

  test("has types for a page, where there are none of Node's", () => {
    const flags = "--noEmit --strict --exactOptionalPropertyTypes --allowImportingTsExtensions --ignoreConfig";
    const page = "--target es2022 --module esnext --moduleResolution bundler --lib es2024,dom,dom.asynciterable";
    const checked = spawnSync(
      process.execPath,
      [packageScript("typescript", "tsc"), ...`${flags} ${page}`.split(" "), "--types", "", source],
      { encoding: "utf8" },
    );
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });
});

describe("the client on a real server", () => {
  let desk: Desk;
  let url = "";
  let client: Client;
  before(async () => {
    desk = createDesk({ ISTHMUS_API_KEYS: key });
    desk.write("backups.md", "# Backups\n\nBackups are kept for 30 days. They lie in another region.\n");
    desk.write("keys.md", "# Keys\n\nThe reader key is rotated every ninety days.\n");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    client = createClient({ url, apiKey: key });
  });
  after(() => desk?.clear());

  test("is what its OpenAPI document makes it", async () => {
    const document = (await client.openapi()) as unknown as OpenApi;
    const committed = readFileSync(join(root, "src/client/generated.ts"), "utf8");
    assert.ok(generateClient(document) === committed, "src/client/generated.ts is older than the API: npm run client");
  });

  test("asks, lists and reads", async () => {
    const { results } = await client.query({ query: "how long are backups kept?", k: 1, filter: undefined });
    assert.equal(results[0]?.source.title, "Backups");
    const page = await client.documents({ limit: 1 });
    assert.deepEqual([page.documents.length, typeof page.next], [1, "string"]);
    const rest = await client.documents({ after: page.next, limit: 10 });
    assert.deepEqual([rest.documents.length, rest.next], [1, undefined]);
    const uri = results[0]?.source.uri ?? "";
    assert.match((await client.document({ uri })).parts[0]?.text ?? "", /They lie in another region\./);
    const answer = await client.answer({ question: "how long are backups kept?" });
    assert.match(answer.answer, /30 days/);
    const found = await client.searchVectorStore({ id: "default", query: "backups", max_num_results: 1 });
    assert.equal(found.data[0]?.file_id, uri);
    assert.equal((await client.ready()).ready, true);
    assert.equal((await client.health()).status, "ok");
  });

  test("streams an answer, each event as the document describes it", async () => {
    const events = await eventsOf(client.answerStream({ question: "how long are backups kept?" }));
    assert.deepEqual([events[0]?.event, events.at(-1)?.event], ["passages", "done"]);
    const quotes = events.flatMap((event) => (event.event === "sentence" ? event.data.citations : []));
    assert.ok(quotes.some(({ quote }) => quote.includes("30 days")));
    const { components } = (await client.openapi()) as { components: { schemas: object } };
    const names = { passages: "AnswerPassages", sentence: "AnswerSentence", done: "AnswerDone" };
    for (const { event, data } of events) {
      const text = JSON.stringify({ $ref: `#/$defs/${names[event]}`, $defs: components.schemas });
      const closed = JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/"), (_, value) =>
        value?.properties === undefined ? value : { additionalProperties: false, ...value },
      );
      assert.deepEqual(z.fromJSONSchema(closed).parse(data), data);
    }
  });

  test("leaves a stream at any event, and the server goes on", async () => {
    for await (const { event } of client.answerStream({ question: "how long are backups kept?" })) {
      assert.equal(event, "passages");
      break;
    }
    assert.equal((await client.health()).status, "ok");
  });

  test("fails with the server's code, its field and its trace", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const invalid = await failureOf(client.query({ query: "a", k: 51 }, { headers }));
    assert.deepEqual(
      [invalid.code, invalid.status, invalid.field, invalid.traceId],
      ["query_invalid", 400, "k", traceId],
    );
    assert.match(invalid.message, /^k is 51; it is a whole number from 1 to 50/);
    const unknown = await failureOf(client.document({ uri: "file:///nowhere" }));
    assert.deepEqual([unknown.code, unknown.status, unknown.field], ["document_not_found", 404, "uri"]);
    const stranger = createClient({ url, apiKey: "another" });
    assert.equal((await failureOf(stranger.query({ query: "a" }))).code, "unauthenticated");
    assert.equal((await failureOf(eventsOf(stranger.answerStream({ question: "a" })))).code, "unauthenticated");
    const shaped = await failureOf(client.searchVectorStore({ id: "default", query: "" }));
    assert.deepEqual([shaped.code, shaped.field], ["query_invalid", "query"]);
  });
});

describe("the client on the way", () => {
  /** A server that does as it is told; its address. */
  async function serving(context: TestContext, listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.after(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const begin = 'event: passages\ndata: {"passages":[],"trace_id":"t"}\n\n';
  const stream = { "content-type": "text/event-stream; charset=utf-8", "x-trace-id": "t" };

  test("goes to the server below a gateway's stage, with its key and headers", async (context) => {
    const seen: unknown[] = [];
    const url = await serving(context, ({ url: path, headers }, response) => {
      seen.push(path, headers["x-api-key"], headers["x-of-mine"]);
      response.setHeader("content-type", "application/json").end('{"documents":[],"trace_id":"t"}');
    });
    const client = createClient({ url: `${url}/live`, apiKey: key, headers: { "x-of-mine": "1" } });
    await client.documents({ prefix: "gs://a b/&c", after: undefined });
    assert.deepEqual(seen, ["/live/documents?prefix=gs%3A%2F%2Fa+b%2F%26c", key, "1"]);
  });

  test("puts events together, however they are cut", async (context) => {
    const sentence = 'event: sentence\ndata: {"text":"Größe: 30 日"}\n\n';
    const bytes = Buffer.from(`: here\n\n${begin}${sentence}event: done\ndata: {"abstained":false}\n\n`);
    const url = await serving(context, (_, response) => {
      response.writeHead(200, stream);
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    const events = await eventsOf(createClient({ url }).answerStream({ question: "a" }));
    assert.deepEqual(
      events.map(({ event }) => event),
      ["passages", "sentence", "done"],
    );
    assert.deepEqual(events[1]?.data, { text: "Größe: 30 日" });
  });

  test("tells a stream that broke off, and a problem in one, from an end", async (context) => {
    const problem = { code: "deadline_exceeded", detail: "Too late.", status: 504, trace_id: "t" };
    const endings: [string, string][] = [
      ["interrupted", begin],
      ["interrupted", `${begin}event: done\ndata: {"abst`],
      ["deadline_exceeded", `${begin}event: problem\ndata: ${JSON.stringify(problem)}\n\n`],
      ["invalid_answer", `${begin}event: done\ndata: {\n\n`],
    ];
    for (const [code, text] of endings) {
      const url = await serving(context, (_, response) => response.writeHead(200, stream).end(text));
      const failure = await failureOf(eventsOf(createClient({ url }).answerStream({ question: "a" })));
      assert.deepEqual([failure.code, failure.traceId], [code, "t"]);
    }
    const cut = await serving(context, (_, response) => {
      response.writeHead(200, stream).write(begin, () => response.destroy());
    });
    assert.equal(
      (await failureOf(eventsOf(createClient({ url: cut }).answerStream({ question: "a" })))).code,
      "interrupted",
    );
  });

  test("names what is no answer of this API", async (context) => {
    const html = await serving(context, (_, response) => {
      response.writeHead(502, { "content-type": "text/html", "retry-after": "7" }).end("<h1>Bad gateway</h1>");
    });
    const gateway = await failureOf(createClient({ url: html }).health());
    assert.deepEqual([gateway.code, gateway.status, gateway.retryAfterSeconds], ["invalid_answer", 502, 7]);
    const page = await serving(context, (_, response) => response.end("<h1>Hello</h1>"));
    assert.equal((await failureOf(createClient({ url: page }).health())).code, "invalid_answer");
    assert.equal(
      (await failureOf(eventsOf(createClient({ url: page }).answerStream({ question: "a" })))).code,
      "invalid_answer",
    );
    const closed = await failureOf(createClient({ url: "http://127.0.0.1:1" }).health());
    assert.deepEqual([closed.code, closed.status], ["unreachable", undefined]);
    assert.match(closed.message, /no answer from http:\/\/127\.0\.0\.1:1\./);
  });

  test("gives up in time: before the answer, within it, and between two events", async (context) => {
    const url = await serving(context, (request, response) => {
      if (request.url === "/documents") response.writeHead(200).write('{"documents":');
    });
    const client = createClient({ url, timeoutMs: 50 });
    assert.equal((await failureOf(client.health())).code, "timed_out");
    assert.equal((await failureOf(client.documents())).code, "timed_out");
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const stuck = createClient({
      url,
      fetch: async (_, { signal }) => {
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(Buffer.from(begin));
            signal?.addEventListener("abort", () => controller.error(signal.reason));
          },
        });
        return new Response(body, { headers: stream });
      },
    }).answerStream({ question: "a" });
    context.mock.timers.tick(59_999);
    assert.equal((await stuck.next()).value?.event, "passages");
    // What its reader takes is not the server's.
    context.mock.timers.tick(600_000);
    const next = failureOf(stuck.next());
    context.mock.timers.tick(60_000);
    const late = await next;
    assert.deepEqual([late.code, late.message], ["timed_out", "There was no answer within 60000 ms."]);
  });

  test("stops by its caller's signal, with the signal's reason, and the server hears of it", async (context) => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const url = await serving(context, (_, response) => {
      response.on("close", close);
      response.writeHead(200, stream).write(begin);
    });
    const client = createClient({ url });
    const reason = new Error("the person went away");
    await assert.rejects(client.health({}, { signal: AbortSignal.abort(reason) }), reason);
    const leaving = new AbortController();
    const streaming = async () => {
      for await (const _ of client.answerStream({ question: "a" }, { signal: leaving.signal })) leaving.abort(reason);
    };
    await assert.rejects(streaming(), reason);
    await closed;
  });

  test("ends the server's work where its reader leaves the loop", async (context) => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const url = await serving(context, (_, response) => {
      response.on("close", close);
      response.writeHead(200, stream).write(begin);
    });
    for await (const _ of createClient({ url }).answerStream({ question: "a" })) break;
    await closed;
  });
});
