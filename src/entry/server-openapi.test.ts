import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { IsthmusError } from "../core/errors.ts";
import { fakeResult } from "../http/fake-engine.ts";
import { doctorExtension } from "../http/live/doctor.ts";
import { type Editing, editingExtension, Refusal } from "../http/live/editing.ts";
import { eventsExtension } from "../http/live/events.ts";
import { vectorStoreDoor } from "../http/vector-stores/door.ts";
import { createActivity } from "./activity.ts";
import { serveFake } from "./server-testing.ts";

const media = z.object({ schema: z.record(z.string(), z.unknown()), example: z.unknown() });
const content = z.record(z.string(), media.partial());
const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(["query", "path"]), schema: z.unknown() })).optional(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().min(3), content })),
});
const documentShape = z.object({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.literal("1.2.3") }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    securitySchemes: z.unknown().optional(),
  }),
});
type OpenApi = z.output<typeof documentShape>;

const doors = [vectorStoreDoor];
const editing: Editing = {
  maxBytes: 1000,
  async add({ name, bytes }) {
    for await (const _ of bytes);
    if (name === "taken") throw new Refusal({ code: "document_exists", sentence: "x", field: "name" });
    if (name === "full") throw new Refusal({ code: "storage_full", sentence: "x" });
    if (name === "many") throw new Refusal({ code: "too_many_requests", sentence: "x", retryAfterSeconds: 1 });
    if (name === "broken") throw new Error("x");
    return { uri: "file:///a" };
  },
  retry: async (uri) => ({ uri }),
  async remove(uri) {
    if (uri === "file:///locked") throw new IsthmusError("store_locked", "x");
    return { uri, file: "kept" };
  },
  adding: () => false,
};
const look = async function* () {
  yield { check: "disk", level: "ok" as const, found: "70.2 GiB free" };
};
const extensionsOf = (feed = createActivity().feed, ended = new AbortController().signal) => [
  eventsExtension(feed, ended),
  editingExtension(editing),
  doctorExtension(look),
];
const vectorStore = "/v1/vector_stores/{id}/search";

async function readDocument(url: string): Promise<OpenApi> {
  return documentShape.parse(await (await fetch(`${url}/openapi.json`)).json());
}

/** The named component as a check of its own; objects are closed, so that what is not documented fails. */
function checkOf(document: OpenApi, name: string): z.ZodType {
  const text = JSON.stringify({ $ref: `#/$defs/${name}`, $defs: document.components.schemas });
  const closed = JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/"), (_, value) =>
    value?.type === "object" && value.properties !== undefined ? { additionalProperties: false, ...value } : value,
  );
  return z.fromJSONSchema(closed);
}

/** Holds an answer to what the document says of its path, method, status and content type. */
async function holdTo(document: OpenApi, path: string, method: string, response: Response): Promise<void> {
  const responses = document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
  const status = String(response.status);
  const documented = responses[status];
  assert.ok(documented, `${method} ${path} answered ${status}, which is not documented`);
  const type = response.headers.get("content-type") ?? "";
  const schema = documented.content[type]?.schema;
  assert.ok(schema, `${method} ${path} ${status} answered ${type}, which is not documented`);
  const name = /^#\/components\/schemas\/(\w+)$/.exec(String(schema["$ref"] ?? ""))?.[1];
  if (name === undefined) return;
  const checked = checkOf(document, name).safeParse(await response.json());
  assert.ok(checked.success, `${method} ${path} ${status}: ${checked.error?.message}`);
}

describe("the OpenAPI document", () => {
  it("refers only to what it holds, and carries examples that are true to it", async () => {
    await using server = await serveFake({}, { doors, extensions: extensionsOf() });
    const document = await readDocument(server.url);
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
      assert.ok(document.components.schemas[name ?? ""], `${name} is missing`);
    }
    assert.doesNotMatch(text, /"\$(id|schema|defs)":/);
    let examples = 0;
    for (const operations of Object.values(document.paths)) {
      for (const { requestBody, responses } of Object.values(operations)) {
        for (const { content } of [...(requestBody ? [requestBody] : []), ...Object.values(responses)]) {
          for (const { schema, example } of Object.values(content)) {
            if (example === undefined) continue;
            examples += 1;
            const name = String(schema?.["$ref"]).split("/").at(-1) ?? "";
            const checked = checkOf(document, name).safeParse(example);
            assert.ok(checked.success, `${name}: ${checked.error?.message}`);
          }
        }
      }
    }
    assert.equal(examples, 12);
  });

  it("names the bounds of a query", async () => {
    await using server = await serveFake();
    const request = (await readDocument(server.url)).components.schemas["QueryRequest"];
    const properties = z.record(z.string(), z.record(z.string(), z.unknown())).parse(request?.["properties"]);
    const { type, minimum, maximum } = properties["k"] ?? {};
    assert.deepEqual(
      { type, minimum, maximum, default: properties["k"]?.["default"] },
      {
        type: "integer",
        minimum: 1,
        maximum: 50,
        default: 3,
      },
    );
    assert.equal(properties["query"]?.["maxLength"], 2000);
    assert.deepEqual(request?.["required"], ["query"]);
    assert.equal(request?.["additionalProperties"], false);
  });

  it("asks for a key where the server does", async () => {
    await using open = await serveFake();
    const without = await readDocument(open.url);
    assert.equal(without.components.securitySchemes, undefined);
    assert.equal(without.paths["/query"]?.["post"]?.responses["401"], undefined);
    await using keyed = await serveFake({}, { apiKeys: ["k"] });
    const document = await readDocument(keyed.url);
    assert.equal(document.paths["/query"]?.["post"]?.security?.length, 2);
    assert.equal(document.paths["/healthz"]?.["get"]?.security, undefined);
  });

  it("tells the truth about every answer it documents", async () => {
    const key = { "x-api-key": "k" };
    const json = { ...key, "content-type": "application/json" };
    const query = { method: "POST", headers: json, body: '{"query":"a"}' };
    const foreign = { ...key, origin: "https://evil.example" };
    const fails = (code: ConstructorParameters<typeof IsthmusError>[0]) => ({
      search: () => Promise.reject(new IsthmusError(code, "x")),
      check: () => Promise.reject(new IsthmusError(code, "x")),
    });
    const failed = {
      uri: "file:///a",
      failure: {
        uri: "file:///a",
        version: "v",
        fingerprint: "f",
        code: "parse_failed",
        reason: "Why.",
        attempts: 1,
        state: "failed",
        at: "2026-01-03T00:00:00Z",
      },
    } as const;
    const unstarted = { engine: () => Promise.reject(new IsthmusError("model_missing", "x")) };
    const hangs = { search: () => new Promise<typeof fakeResult>(() => {}) };
    const slowBody = () => new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from("{")) });
    const octets = { "content-type": "application/octet-stream" };
    const file = { method: "POST", headers: { ...key, ...octets }, body: "text" };
    const lockedOne = { ...failed, uri: "file:///locked", failure: { ...failed.failure, uri: "file:///locked" } };
    const missing = { engine: () => Promise.reject(new IsthmusError("store_missing", "x")) };
    const fallsIll = async function* () {
      yield* look();
      throw new Error("x");
    };
    const neverEnds = async function* () {
      yield* look();
      await new Promise(() => {});
    };
    const impatient = { extensions: [editingExtension(editing, { wholeMs: 60_000, pauseMs: 30 })] };
    const cases: [status: number, path: string, init: RequestInit, ...Parameters<typeof serveFake>][] = [
      [200, "/query", query],
      [200, "/query", query, { search: async () => ({ ...fakeResult, results: [] }) }],
      [400, "/query", { ...query, body: "{" }],
      [400, "/query", { ...query, body: '{"query":1}' }],
      [401, "/query", { ...query, headers: { "content-type": "application/json" } }],
      [403, "/query", { ...query, headers: { ...json, ...foreign } }],
      [408, "/query", { ...query, body: slowBody(), duplex: "half" }, {}, { deadlineMs: 30 }],
      [413, "/query", { ...query, body: " ".repeat(70_000) }],
      [415, "/query", { ...query, headers: key }],
      [429, "/query", query, {}, { maxConcurrency: 0, maxWaiting: 0 }],
      [500, "/query", query, fails("internal")],
      [500, "/query", query, {}, unstarted],
      [503, "/query", query, fails("store_unavailable")],
      [504, "/query", query, hangs, { deadlineMs: 30 }],
      [200, "/documents", { headers: key }, { entries: [{ uri: "file:///a" }] }],
      [400, "/documents?limit=0", { headers: key }],
      [401, "/documents", {}],
      [403, "/documents", { headers: foreign }],
      [429, "/documents", { headers: key }, {}, { maxConcurrency: 0, maxWaiting: 0 }],
      [500, "/documents", { headers: key }, {}, unstarted],
      [
        503,
        "/documents",
        { headers: key },
        {},
        { engine: () => Promise.reject(new IsthmusError("store_missing", "x")) },
      ],
      [504, "/documents", { headers: key }, {}, { maxConcurrency: 0, maxWaiting: 1, deadlineMs: 30 }],
      [200, "/document?uri=file:///a", { headers: key }, { entries: [failed] }],
      [400, "/document?uri=", { headers: key }],
      [401, "/document?uri=file:///a", {}],
      [403, "/document?uri=file:///a", { headers: foreign }],
      [404, "/document?uri=file:///a", { headers: key }],
      [429, "/document?uri=file:///a", { headers: key }, {}, { maxConcurrency: 0, maxWaiting: 0 }],
      [500, "/document?uri=file:///a", { headers: key }, {}, unstarted],
      [
        503,
        "/document?uri=file:///a",
        { headers: key },
        {},
        { engine: () => Promise.reject(new IsthmusError("store_missing", "x")) },
      ],
      [504, "/document?uri=file:///a", { headers: key }, {}, { maxConcurrency: 0, maxWaiting: 1, deadlineMs: 30 }],
      [200, vectorStore, query],
      [400, vectorStore, { ...query, body: "{" }],
      [401, vectorStore, { ...query, headers: { "content-type": "application/json" } }],
      [403, vectorStore, { ...query, headers: { ...json, ...foreign } }],
      [404, vectorStore.replace("{id}", "another"), query],
      [408, vectorStore, { ...query, body: slowBody(), duplex: "half" }, {}, { deadlineMs: 30 }],
      [413, vectorStore, { ...query, body: " ".repeat(70_000) }],
      [415, vectorStore, { ...query, headers: key }],
      [429, vectorStore, query, {}, { maxConcurrency: 0, maxWaiting: 0 }],
      [500, vectorStore, query, fails("internal")],
      [503, vectorStore, query, fails("store_unavailable")],
      [504, vectorStore, query, hangs, { deadlineMs: 30 }],
      [200, "/events", { headers: key }],
      [401, "/events", {}],
      [403, "/events", { headers: foreign }],
      [
        429,
        "/events",
        { headers: key },
        {},
        { extensions: [eventsExtension(createActivity().feed, new AbortController().signal, 0)] },
      ],
      [503, "/events", { headers: key }, {}, { extensions: extensionsOf(undefined, AbortSignal.abort()) }],
      [200, "/doctor", { headers: key }],
      [401, "/doctor", {}],
      [403, "/doctor", { headers: key }, {}, { apiKeys: ["k"], writeKeys: ["w"] }],
      [500, "/doctor", { headers: key }, {}, { extensions: [doctorExtension(fallsIll)] }],
      [504, "/doctor", { headers: key }, {}, { extensions: [doctorExtension(neverEnds)], deadlineMs: 30 }],
      [202, "/documents?name=a.md", file],
      [400, "/documents?name=", file],
      [401, "/documents?name=a.md", { ...file, headers: octets }],
      [403, "/documents?name=a.md", { ...file, headers: { ...octets, ...foreign } }],
      [403, "/documents?name=a.md", file, {}, { apiKeys: ["k"], writeKeys: ["w"] }],
      [408, "/documents?name=a.md", { ...file, body: slowBody(), duplex: "half" }, {}, impatient],
      [409, "/documents?name=taken", file],
      [413, "/documents?name=a.md", { ...file, body: " ".repeat(1001) }],
      [415, "/documents?name=a.md", { ...file, headers: key }],
      [429, "/documents?name=many", file],
      [500, "/documents?name=broken", file],
      [507, "/documents?name=full", file],
      ...(["/document/retry", "/document"] as const).flatMap((path): typeof cases => {
        const sent = { method: path === "/document" ? "DELETE" : "POST", headers: key };
        const locked: typeof cases = [[409, "/document?uri=file:///locked", sent, { entries: [lockedOne] }]];
        return [
          [path === "/document" ? 200 : 202, `${path}?uri=file:///a`, sent, { entries: [failed] }],
          [400, `${path}?uri=`, sent],
          [401, `${path}?uri=file:///a`, { method: sent.method }],
          [403, `${path}?uri=file:///a`, { ...sent, headers: { ...key, "sec-fetch-site": "cross-site" } }],
          [404, `${path}?uri=file:///a`, sent],
          ...(path === "/document" ? locked : []),
          [429, `${path}?uri=file:///a`, sent, {}, { maxConcurrency: 0, maxWaiting: 0 }],
          [500, `${path}?uri=file:///a`, sent, {}, unstarted],
          [503, `${path}?uri=file:///a`, sent, {}, missing],
          [504, `${path}?uri=file:///a`, sent, {}, { maxConcurrency: 0, maxWaiting: 1, deadlineMs: 30 }],
        ];
      }),
      [200, "/healthz", {}],
      [403, "/healthz", { headers: foreign }],
      [200, "/readyz", {}],
      [503, "/readyz", {}, fails("store_missing")],
      [503, "/readyz", {}, {}, unstarted],
      [403, "/readyz", { headers: foreign }],
      [200, "/openapi.json", {}],
      [403, "/openapi.json", { headers: foreign }],
    ];
    const extensions = extensionsOf();
    await using documented = await serveFake({}, { writeKeys: ["k"], doors, extensions });
    const document = await readDocument(documented.url);
    const seen = new Set<string>();
    for (const [status, path, init, behaviour, overrides] of cases) {
      await using server = await serveFake(behaviour, { writeKeys: ["k"], doors, extensions, ...overrides });
      const response = await fetch(server.url + path.replace("{id}", "default"), init);
      // A stream of events has no end of its own.
      const endless = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      assert.equal(response.status, status, `${path} ${endless ? "" : await response.clone().text()}`);
      if (endless) await response.body?.cancel();
      const method = init.method ?? "GET";
      const route = (path.split("?")[0] ?? "").replace("/another/", "/{id}/");
      seen.add(`${method} ${route} ${status}`);
      await holdTo(document, route, method, response);
    }
    const unmet = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses)
          .map((status) => `${method.toUpperCase()} ${path} ${status}`)
          .filter((name) => !seen.has(name) && !name.endsWith("default")),
      ),
    );
    assert.deepEqual(unmet, [], "documented, but met by no case above");
  });
});
