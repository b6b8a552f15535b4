import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createDesk } from "../support/cli.ts";
import {
  corsOrigin,
  type Deployment,
  deploymentSkip,
  gatewayKey,
  startDeployment,
} from "../support/lambda/deployment.ts";
import type { Gateway } from "../support/lambda/gateway.ts";
import { ownArchitecture, packageAndUnpack } from "../support/lambda/packaged.ts";

const skip = await deploymentSkip();
const handler = "lambda-answer.handler";
const question = "What is written first when a document is deleted?";
/** Milliseconds that a busy machine may take for a start: what the platform allows is not what these tests are about. */
const patient = { timeoutMs: 300_000, initMs: 300_000 };
const good = JSON.stringify({ question });

describe("the answer function behind its gateway", { skip }, () => {
  let deployment: Deployment;
  let gateway: Gateway;
  /** Whose integration does not stream. */
  let whole: Gateway;
  before(async () => {
    deployment = await startDeployment(undefined, () => packageAndUnpack(ownArchitecture, "answer"));
    const streaming = deployment.deployed(2, { handler, ...patient });
    const buffered = deployment.deployed(1, {
      handler,
      environment: { ISTHMUS_STREAM_ANSWERS: "false" },
      ...patient,
    });
    gateway = await deployment.gateway(streaming, { answer: streaming, ...patient });
    whole = await deployment.gateway(buffered, { answer: buffered, streams: false, ...patient });
  });
  after(() => deployment.stop());

  interface Call {
    readonly method?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  const call = (at: Gateway, request: Call = {}) =>
    fetch(`${at.url}/answer`, {
      method: "POST",
      ...request,
      headers: { "content-type": "application/json", "x-api-key": gatewayKey, origin: corsOrigin, ...request.headers },
    });

  /** The events of a stream, by name. */
  async function eventsOf(
    response: Response,
  ): Promise<readonly (readonly [name: string, data: Record<string, unknown>])[]> {
    return (await response.text())
      .split("\n\n")
      .filter((text) => text !== "")
      .map((text) => {
        const [, name = "", data = ""] = /^event: (\w+)\ndata: (.*)$/s.exec(text) ?? assert.fail(text);
        return [name, JSON.parse(data)] as const;
      });
  }

  it("streams the passages, each sentence with its quotes, and the end", async () => {
    const response = await call(gateway, { body: good, headers: { accept: "text/event-stream" } });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.equal(response.headers.get("access-control-allow-origin"), corsOrigin);
    const events = await eventsOf(response);
    const names = events.map(([name]) => name);
    assert.equal(names[0], "passages");
    assert.equal(names.at(-1), "done");
    assert.ok(names.slice(1, -1).length > 0 && names.slice(1, -1).every((name) => name === "sentence"), names.join());
    assert.match(JSON.stringify(events[1]?.[1]), /tombstone/);
    assert.equal(events.at(-1)?.[1]["abstained"], false);
  });

  it("gives the same answer whole: to who does not ask for events, and where the gateway does not stream", async () => {
    const bodies = await Promise.all(
      [gateway, whole].map(async (at) => {
        const response = await call(at, { body: good });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type"), "application/json");
        return (await response.json()) as { answer: string; sentences: unknown; citations: unknown };
      }),
    );
    const [first, second] = bodies;
    assert.match(first?.answer ?? "", /tombstone/);
    assert.deepEqual([first?.sentences, first?.citations], [second?.sentences, second?.citations]);
    const events = await eventsOf(await call(whole, { body: good, headers: { accept: "text/event-stream" } }));
    assert.deepEqual([events[0]?.[0], events.at(-1)?.[0]], ["passages", "done"]);
  });

  it("answers as the local server does on the same collection", async () => {
    const desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: deployment.weaviate.url,
      WEAVIATE_GRPC_URL: deployment.weaviate.grpcUrl,
      WEAVIATE_API_KEY: deployment.weaviate.keys.reader,
    });
    try {
      const [url = ""] = await desk.start("serve").seen(/http:\/\/127\.0\.0\.1:\d+/);
      for (const asked of [question, "What does the moon weigh?"]) {
        const body = JSON.stringify({ question: asked });
        const local = await fetch(`${url}/answer`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        const expected = (await local.json()) as Record<string, unknown>;
        const answered = (await (await call(gateway, { body })).json()) as Record<string, unknown>;
        for (const field of ["answer", "citations", "abstained", "reason"])
          assert.deepEqual(answered[field], expected[field], `${asked}: ${field}`);
      }
    } finally {
      await desk.clear();
    }
  });

  const cases: [string, Call, number, string][] = [
    ["no body", {}, 400, "query_invalid"],
    ["broken JSON", { body: '{"question":' }, 400, "query_invalid"],
    ["no question", { body: '{"query":"a"}' }, 400, "query_invalid"],
    ["an empty question", { body: '{"question":" "}' }, 400, "query_invalid"],
    ["a question that is too long", { body: JSON.stringify({ question: "a".repeat(2001) }) }, 400, "query_invalid"],
    ["a field that is not there", { body: '{"question":"a","k":3}' }, 400, "query_invalid"],
    ["over 64 KiB", { body: JSON.stringify({ question: "a".repeat(65_536) }) }, 413, "body_too_large"],
    ["another media type", { body: good, headers: { "content-type": "text/plain" } }, 415, "unsupported_media_type"],
    ["no key", { body: good, headers: { "x-api-key": "" } }, 403, "forbidden"],
    ["another method", { method: "PUT", body: good }, 404, "not_found"],
  ];
  for (const [name, request, status, code] of cases) {
    it(`${name}: ${status} ${code}, whether an event stream was asked for or not, and streamed or not`, async () => {
      for (const at of [gateway, whole]) {
        for (const accept of ["application/json", "text/event-stream"]) {
          const response = await call(at, { ...request, headers: { accept, ...request.headers } });
          const json = (await response.json()) as { code?: string; field?: string };
          assert.deepEqual([response.status, json.code], [status, code], JSON.stringify(json));
          assert.equal(response.headers.get("content-type"), "application/problem+json");
          assert.equal(response.headers.get("access-control-allow-origin"), corsOrigin);
        }
      }
    });
  }

  it("what cannot be searched is a problem with its status, not a stream", async () => {
    const environment = { WEAVIATE_URL: "http://127.0.0.1:1", WEAVIATE_GRPC_URL: "127.0.0.1:1" };
    const broken = deployment.deployed(1, { handler, environment, ...patient });
    const at = await deployment.gateway(broken, { answer: broken, ...patient });
    const response = await call(at, { body: good, headers: { accept: "text/event-stream" } });
    assert.deepEqual([response.status, ((await response.json()) as { code: string }).code], [503, "store_unavailable"]);
  });

  it("answers the doctor's event, which no gateway sends, in both ways", async () => {
    const streaming = await deployment.container({ handler, ...patient });
    const end = await streaming.invoke({ isthmus: "doctor" });
    assert.ok(end.kind === "stream" && end.contentType === "application/octet-stream", JSON.stringify(end));
    assert.equal(JSON.parse(end.body.toString("utf8")).healthy, true);
    const buffered = await deployment.container({
      handler,
      environment: { ISTHMUS_STREAM_ANSWERS: "false" },
      ...patient,
    });
    const other = await buffered.invoke({ isthmus: "doctor" });
    assert.ok(other.kind === "response" && (other.payload as { healthy: boolean }).healthy, JSON.stringify(other));
  });

  it("serves one question after another in one container, and writes nothing to its log", async () => {
    const container = await deployment.container({ handler, ...patient });
    const event = { httpMethod: "POST", path: "/answer", headers: { "content-type": "application/json" }, body: good };
    for (let count = 0; count < 3; count++) {
      const pieces: Buffer[] = [];
      const end = await container.invoke(event, (piece) => pieces.push(piece));
      assert.ok(end.kind === "stream", JSON.stringify(end));
      assert.deepEqual(Buffer.concat(pieces), end.body);
      assert.equal(JSON.parse(end.body.subarray(0, end.body.indexOf(0)).toString("utf8")).statusCode, 200);
    }
    assert.equal(container.log(), "");
  });
});
