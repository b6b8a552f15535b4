// Bedrock and Vertex in their own forms, over real connections: who asks, what is asked, and what their refusals mean.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { crc32 } from "node:zlib";
import type { Draft, GenerationRequest } from "../../../core/answer/types.ts";
import { IsthmusError } from "../../../core/errors.ts";
import { createLanguageModel } from "./language-model.ts";
import type { ModelPlace } from "./model.ts";

const limits = { maxPassageTokens: 3_000, maxOutputTokens: 100, maxConcurrency: 4 };
const request: GenerationRequest = {
  question: "How long are backups kept?",
  passages: [{ number: 1, title: "Handbook", heading: "Backups", content: "Backups are kept for 30 days." }],
  evidence: [],
  maxSentences: 5,
  maxOutputTokens: 100,
};
const lines = ["Q1: Backups are kept for 30 days\nS: Backups are ", "kept for 30 days.\nEND"];
const written = [
  {
    kind: "sentence",
    text: "Backups are kept for 30 days.",
    quotes: [{ passage: 1, text: "Backups are kept for 30 days" }],
  },
  { kind: "usage", usage: { inputTokens: 100, outputTokens: 20 } },
];

interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

describe("the clouds' models", () => {
  const asked: Asked[] = [];
  let respond: (response: ServerResponse) => void = () => {};
  const server = createServer((incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (piece: string) => {
      body += piece;
    });
    incoming.on("end", () => {
      const url = incoming.url ?? "";
      if (url.startsWith("/role")) return giveRole(response);
      if (url.includes("/computeMetadata/")) return giveToken(url, response);
      asked.push({ url, headers: incoming.headers, body });
      respond(response);
    });
  });
  let address = "";
  const environment = { ...process.env };
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const name of Object.keys(process.env)) if (/^(AWS|GOOGLE|GCLOUD)_/.test(name)) delete process.env[name];
    // As a container of ECS or a pod of EKS has its role, and a pod of GKE its service account; and keys that are not to be taken.
    process.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = `http://${address}/role`;
    process.env["AWS_BEARER_TOKEN_BEDROCK"] = "a-key-of-bedrock";
    process.env["AWS_EC2_METADATA_DISABLED"] = "true";
    process.env["GCE_METADATA_HOST"] = address;
    process.env["GOOGLE_VERTEX_API_KEY"] = "a-key-of-vertex";
  });
  after(async () => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  async function drafts(place: ModelPlace): Promise<Draft[]> {
    const model = createLanguageModel({ place, limits });
    const all: Draft[] = [];
    try {
      for await (const draft of model.generate(request)) all.push(draft);
    } finally {
      await model.close();
    }
    return all;
  }

  async function failure(place: ModelPlace): Promise<IsthmusError> {
    const error = await drafts(place).then(
      () => assert.fail("no failure"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof IsthmusError, String(error));
    assert.ok(!error.message.includes("SECRET"), error.message);
    return error;
  }

  const bedrock = (): ModelPlace => ({
    provider: "bedrock",
    model: "amazon.nova-lite-v1:0",
    region: "eu-central-1",
    url: `http://${address}`,
  });
  const vertex = (): ModelPlace => ({
    provider: "vertex",
    model: "gemini-2.5-flash",
    region: "europe-west3",
    project: "a-project",
    url: `http://${address}/v1`,
  });

  test("Bedrock is asked as the role of the container, signed, and its stream is read", async () => {
    respond = (response) => {
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      for (const text of lines)
        response.write(eventMessage("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }));
      response.write(eventMessage("contentBlockStop", { contentBlockIndex: 0 }));
      response.write(eventMessage("messageStop", { stopReason: "end_turn" }));
      response.end(
        eventMessage("metadata", {
          usage: { inputTokens: 100, outputTokens: 20, totalTokens: 120 },
          metrics: { latencyMs: 1 },
        }),
      );
    };
    assert.deepEqual(await drafts(bedrock()), written);
    const last = asked.at(-1);
    assert.match(last?.url ?? "", /^\/model\/amazon\.nova-lite-v1(:|%3A)0\/converse-stream$/);
    assert.match(
      last?.headers.authorization ?? "",
      /^AWS4-HMAC-SHA256 Credential=AKIAROLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request/,
    );
    assert.equal(last?.headers["x-amz-security-token"], "the-session");
    const body = JSON.parse(last?.body ?? "{}");
    assert.equal(body.inferenceConfig.maxTokens, 100);
    assert.ok(!JSON.stringify(body.system).includes("Backups") && JSON.stringify(body.messages).includes("Backups"));
  });

  test("what Bedrock refuses", async () => {
    for (const [status, type, code] of [
      [403, "AccessDeniedException", "generator_misconfigured"],
      [404, "ResourceNotFoundException", "generator_misconfigured"],
      [400, "ValidationException", "generator_rejected"],
      [429, "ThrottlingException", "generator_unavailable"],
      [503, "ServiceUnavailableException", "generator_unavailable"],
    ] as const) {
      respond = (response) => {
        response.writeHead(status, {
          "content-type": "application/json",
          "x-amzn-errortype": type,
          "retry-after": "2",
        });
        response.end(JSON.stringify({ message: "SECRET", __type: type }));
      };
      const error = await failure(bedrock());
      assert.deepEqual([error.code, error.retryAfterMs], [code, code === "generator_unavailable" ? 2_000 : undefined]);
    }
    respond = (response) => {
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      response.end(eventMessage("throttlingException", { message: "SECRET" }, "exception"));
    };
    assert.equal((await failure(bedrock())).code, "generator_unavailable");
  });

  test("Vertex is asked as the service account of the machine, and its stream is read", async () => {
    respond = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const [at, text] of lines.entries()) {
        const last = at === lines.length - 1;
        const chunk = {
          candidates: [{ content: { role: "model", parts: [{ text }] }, ...(last && { finishReason: "STOP" }) }],
          ...(last && { usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 } }),
        };
        response.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`);
      }
      response.end();
    };
    assert.deepEqual(await drafts(vertex()), written);
    const last = asked.at(-1);
    assert.match(last?.url ?? "", /\/models\/gemini-2\.5-flash:streamGenerateContent\?alt=sse$/);
    assert.equal(last?.headers.authorization, "Bearer the-token");
    assert.ok(!JSON.stringify(last?.headers).includes("a-key-of-vertex"));
    const body = JSON.parse(last?.body ?? "{}");
    assert.equal(body.generationConfig.maxOutputTokens, 100);
    assert.ok(
      !JSON.stringify(body.systemInstruction).includes("Backups") && JSON.stringify(body.contents).includes("Backups"),
    );
  });

  test("what Vertex refuses", async () => {
    for (const [status, name, code] of [
      [403, "PERMISSION_DENIED", "generator_misconfigured"],
      [404, "NOT_FOUND", "generator_misconfigured"],
      [400, "INVALID_ARGUMENT", "generator_rejected"],
      [429, "RESOURCE_EXHAUSTED", "generator_unavailable"],
      [503, "UNAVAILABLE", "generator_unavailable"],
    ] as const) {
      respond = (response) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: { code: status, message: "SECRET", status: name } }));
      };
      const error = await failure(vertex());
      assert.equal(error.code, code);
      assert.match(error.message, new RegExp(name));
    }
  });
});

function giveRole(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  response.end(
    JSON.stringify({
      AccessKeyId: "AKIAROLE",
      SecretAccessKey: "secret",
      Token: "the-session",
      Expiration: expiration,
    }),
  );
}

function giveToken(url: string, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "metadata-flavor": "Google" });
  if (url.includes("/token"))
    response.end(JSON.stringify({ access_token: "the-token", expires_in: 3_600, token_type: "Bearer" }));
  else response.end(JSON.stringify("a-project"));
}

/**
 * A message of AWS's event stream: lengths, headers and body, each guarded by a CRC32
 * (https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html).
 */
function eventMessage(name: string, payload: object, kind: "event" | "exception" = "event"): Buffer {
  const headers = Buffer.concat([
    header(":message-type", kind),
    header(kind === "event" ? ":event-type" : ":exception-type", name),
    header(":content-type", "application/json"),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + headers.length + body.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const guarded = Buffer.concat([prelude, checksum(prelude), headers, body]);
  return Buffer.concat([guarded, checksum(guarded)]);
}

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
