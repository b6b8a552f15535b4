import assert from "node:assert/strict";
import { connect } from "node:net";
import type * as z from "zod";
import { createApp } from "../http/app.ts";
import type { AppDependencies, RequestRecord } from "../http/dependencies.ts";
import { createFakeEngine, type FakeBehaviour } from "../http/fake-engine.ts";
import { loopbackNames } from "../http/hosts.ts";
import { problemSchema } from "../http/schemas/problem.ts";
import { startServer } from "./server.ts";

/** A real server on a free port, with an engine made for the test. */
export async function serveFake(
  behaviour: FakeBehaviour = {},
  overrides: Partial<AppDependencies> & { timeouts?: { headersMs: number; requestMs: number } } = {},
) {
  const records: RequestRecord[] = [];
  const engine = createFakeEngine(behaviour);
  const { timeouts, ...dependencies } = overrides;
  const app = createApp({
    engine,
    apiKeys: [],
    allowedHosts: loopbackNames,
    maxConcurrency: 4,
    version: "1.2.3",
    deadlineMs: 30_000,
    onRequest: (record) => void records.push(record),
    ...dependencies,
  });
  const server = await startServer({ app, host: "127.0.0.1", port: 0, apiKeys: [], ...(timeouts && { timeouts }) });
  return {
    ...server,
    port: Number(new URL(server.url).port),
    records,
    asked: engine.asked,
    ask: (body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/query`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }),
  };
}

/**
 * Writes bytes to the server as they are, and gives all that comes back until it closes the connection.
 *
 * @param last nothing more will be sent, and the server is told so.
 */
export function sendRaw(port: number, bytes: string | Buffer, last = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("close", () => resolve(received));
    // A reset after the answer has come is the server's right; before, it shows as an empty answer.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.write(bytes);
    if (last) socket.end();
  });
}

/** A promise and the function that fulfils it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** The JSON of an answer, held to its documented schema: nothing missing, nothing undocumented. */
export async function readAs<Schema extends z.ZodType>(schema: Schema, response: Response): Promise<z.output<Schema>> {
  const json: unknown = await response.json();
  const parsed = schema.parse(json);
  assert.deepEqual(json, parsed);
  return parsed;
}

/** A problem document, and that it is one in every respect. */
export async function readProblem(response: Response): Promise<z.output<typeof problemSchema>> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = await readAs(problemSchema, response);
  assert.equal(problem.status, response.status);
  assert.equal(problem.type, `urn:isthmus:problem:${problem.code}`);
  assert.equal(problem.detail, problem.error);
  assert.equal(problem.trace_id, response.headers.get("x-trace-id"));
  return problem;
}
