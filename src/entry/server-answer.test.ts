import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnswerEvent, Answerer } from "../core/answer/types.ts";
import { IsthmusError } from "../core/errors.ts";
import { createApp } from "../http/app.ts";
import { createFakeEngine, fakeResult } from "../http/fake-engine.ts";
import { answerRoute } from "../http/routes/answer.ts";
import { answerResponse } from "../http/schemas/answer.ts";
import { problemSchema } from "../http/schemas/problem.ts";

const [passage] = fakeResult.results;
assert.ok(passage);
const quote = passage.content;
const events: readonly AnswerEvent[] = [
  { kind: "passages", passages: [passage] },
  {
    kind: "sentence",
    sentence: { text: quote, basis: "quoted", citations: [{ quote, passage: 1, source: passage.source }] },
  },
  {
    kind: "done",
    end: {
      answerability: 0.9,
      dropped: { unquoted: 1, unsupported: 0, garbled: 0, surplus: 0 },
      usage: { inputTokens: 0, outputTokens: 0 },
      generator: "extractive",
      timings: { searchMs: 1, evidenceMs: 1, generateMs: 1, tookMs: 3 },
    },
  },
];

function appOf(answer: Answerer["answer"], deadlineMs = 5_000) {
  const engine = { ...createFakeEngine(), answerer: { answer } };
  return createApp({
    engine,
    answers: answerRoute,
    apiKeys: [],
    maxConcurrency: 1,
    maxWaiting: 0,
    version: "1",
    deadlineMs,
  });
}

async function* said(): AsyncIterable<AnswerEvent> {
  yield* events;
}

const post = (body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  new Request("http://127.0.0.1/answer", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
const stream = { accept: "text/event-stream" };
const question = "How many keys are valid?";

test("a whole answer names its citations by their place", async () => {
  const response = await appOf(said).fetch(post({ question }));
  assert.equal(response.status, 200);
  const body = answerResponse.parse(await response.json());
  assert.equal(body.answer, quote);
  assert.deepEqual(body.sentences, [{ text: quote, basis: "quoted", citations: [0] }]);
  assert.equal(body.citations[0]?.source.start, passage.source.start);
  assert.deepEqual([body.abstained, body.dropped.unquoted, body.passages.length], [false, 1, 1]);
});

test("an event stream has the passages, each sentence, and the end", async () => {
  const response = await appOf(said).fetch(post({ question }, stream));
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const names = [...(await response.text()).matchAll(/^event: (\w+)\ndata: \{.*\}\n$/gm)].map(([, name]) => name);
  assert.deepEqual(names, ["passages", "sentence", "done"]);
});

test("what fails before the first event is an ordinary problem, after it the last event", async () => {
  const failing = new IsthmusError("store_unavailable", "gone");
  const early = await appOf(() => {
    throw failing;
  }).fetch(post({ question }, stream));
  assert.deepEqual([early.status, problemSchema.parse(await early.json()).code], [503, "store_unavailable"]);
  const late = await appOf(async function* () {
    yield* events.slice(0, 2);
    throw failing;
  }).fetch(post({ question }, stream));
  const text = await late.text();
  assert.match(text, /event: problem\ndata: \{.*"code":"store_unavailable".*\}\n\n$/);
});

test("a reader who goes away stops what writes, and gives the turn back", async () => {
  let stopped: unknown;
  const app = appOf(async function* (_, signal) {
    yield* events.slice(0, 1);
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
    stopped = signal?.aborted;
    signal?.throwIfAborted();
  });
  const response = await app.fetch(post({ question }, stream));
  const reader = response.body?.getReader();
  await reader?.read();
  const busy = await app.fetch(post({ question }));
  assert.equal(busy.status, 429, "the stream holds its turn");
  const query = new Request("http://127.0.0.1/query", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: question }),
  });
  assert.equal((await app.fetch(query)).status, 200, "and no search waits for it");
  await reader?.cancel();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stopped, true);
});

test("a deadline in the middle is the stream's last event", async () => {
  const app = appOf(async function* (_, signal) {
    yield* events.slice(0, 1);
    await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }, 50);
  const text = await (await app.fetch(post({ question }, stream))).text();
  assert.match(text, /event: problem\ndata: \{.*"code":"deadline_exceeded"/);
});

test("a bad question costs no turn and is told by its field", async () => {
  const app = appOf(() => assert.fail("not asked"));
  for (const [body, field] of [
    [{}, "question"],
    [{ question: " " }, "question"],
    [{ question: "x".repeat(2001) }, "question"],
    [{ question: 7 }, "question"],
    [{ question: "q", k: 3 }, "k"],
    [{ question: "q", filter: { uri: 3 } }, "filter.uri"],
  ] as const) {
    const response = await app.fetch(post(body, stream));
    const problem = problemSchema.parse(await response.json());
    assert.deepEqual([response.status, problem.code, problem.field], [400, "query_invalid", field]);
  }
});

test("an app without answers has no such path", async () => {
  const app = createApp({ engine: createFakeEngine(), apiKeys: [], maxConcurrency: 1, version: "1", deadlineMs: 1000 });
  assert.equal((await app.fetch(post({ question }))).status, 404);
});
