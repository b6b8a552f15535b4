// Everything that a model or its provider can do wrong, over real connections: what a reader gets is verified, or says why there is none.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { problemSchema } from "../../src/http/schemas/problem.ts";
import { type Answering, openAnswering, type Server, type WholeAnswer } from "../support/answering.ts";
import {
  type Behaviour,
  beginStream,
  endStream,
  type LanguageModelEndpoint,
  refuses,
  sendText,
  startEndpoint,
  writes,
} from "../support/language-model.ts";

const backups = "Backups are kept for 30 days. They lie in another region, encrypted with the key of the vault.";
const documents = {
  "backups.md": `# Backups\n\n${backups}\n`,
  "keys.md": "# Keys\n\nTwo keys are valid during a rotation. A key is never written to a log.\n",
  "heron.md": "# Herons\n\nThe heron eats fish at dawn.\n",
};
const question = "How long are backups kept?";
const good = "Q1: Backups are kept for 30 days\nS: They are kept for 30 days.\nEND\n";

describe("answers that a language model writes", () => {
  let answering: Answering;
  let endpoint: LanguageModelEndpoint;
  let server: Server;
  before(async () => {
    answering = await openAnswering(documents);
    endpoint = await startEndpoint(writes(good));
    server = await answering.serve(environment());
  });
  after(async () => {
    await answering.close();
    await endpoint.close();
  });

  function environment(more: Readonly<Record<string, string>> = {}) {
    return {
      ISTHMUS_GENERATOR: "openai:scripted",
      ISTHMUS_GENERATOR_URL: endpoint.url,
      ISTHMUS_GENERATOR_API_KEY: "the-key",
      // Whoever is slow here is the machine; what hangs is tried below.
      ISTHMUS_GENERATOR_TIMEOUT_MS: "120000",
      ...more,
    };
  }

  /** All that is shown stands in the documents at its place. */
  function assertHeld({ citations, passages }: WholeAnswer): void {
    for (const { quote, passage, source } of citations) {
      assert.ok(passages[passage - 1]?.content.includes(quote));
      const document = Object.entries(documents).find(([name]) => source.uri.endsWith(name))?.[1];
      assert.equal(document?.slice(source.start, source.end), quote);
    }
  }

  test("a good one: its sentence, the quote at its place, what it cost", async () => {
    endpoint.behave(writes(good));
    const answer = await server.ask(question);
    assert.deepEqual(
      answer.sentences.map(({ text, basis }) => [text, basis]),
      [["They are kept for 30 days.", "supported"]],
    );
    assert.equal(answer.citations[0]?.quote, "Backups are kept for 30 days");
    assertHeld(answer);
    assert.deepEqual(
      [answer.generator, answer.degraded, answer.usage],
      ["scripted", false, { input_tokens: 100, output_tokens: 20 }],
    );
    const asked = endpoint.asked.at(-1);
    assert.ok(asked?.material.includes(backups.slice(0, 20)) && asked.material.includes(question));
    assert.ok(!asked?.instructions.includes("Backups"));
  });

  test("a question that the documents do not answer costs no model", async () => {
    const before = endpoint.asked.length;
    const answer = await server.ask("Who won the chess championship of 1987?");
    assert.deepEqual([answer.abstained, answer.reason, endpoint.asked.length], [true, "not_answerable", before]);
  });

  test("a streamed sentence arrives while the model still writes", async () => {
    let goOn: () => void = () => {};
    endpoint.behave(async (response) => {
      beginStream(response);
      sendText(response, "Q1: Backups are kept for 30 days\nS: They are kept for 30 days.\n");
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      sendText(response, "Q1: They lie in another region\nS: They lie in another region.\nEND");
      endStream(response);
    });
    const events = eventsOf(await server.post(question, { stream: true }));
    const names: string[] = [];
    for await (const { name } of events) {
      names.push(name);
      if (name === "sentence") goOn();
    }
    assert.deepEqual(names, ["passages", "sentence", "sentence", "done"]);
  });

  test("the reader's going away stops the model", async () => {
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, "Q1: Backups are kept for 30 days\nS: They are kept for 30 days.\n");
    });
    for (const stream of [true, false]) {
      const before = endpoint.asked.length;
      const leaving = new AbortController();
      const response = server.post(question, { stream, signal: leaving.signal });
      response.catch(() => {});
      while (endpoint.asked.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
      if (stream) await (await response).body?.getReader().read();
      leaving.abort();
      await endpoint.asked.at(-1)?.closed;
    }
  });

  const q = (passage: number, quote: string, sentence: string) =>
    writes(`Q${passage}: ${quote}\nS: ${sentence}\nEND\n`);
  const nothing = { abstained: true, reason: "nothing_verified", sentences: [], citations: [], answer: "" };
  const theirs = { degraded: true, generator: "extractive", abstained: false };
  const cases: readonly [string, Behaviour, Readonly<Record<string, unknown>>, Readonly<Record<string, number>>?][] = [
    ["nothing", writes(""), nothing],
    ["garbage", writes('lorem ipsum\n{"a": 1}\ndolor\n'), nothing, { garbled: 3 }],
    [
      "half a sentence",
      writes("Q1: Backups are kept for 30 days\nS: They are kept for 3", "length"),
      { ...nothing, degraded: true, degraded_reason: "generator_cut_short" },
      { garbled: 2 },
    ],
    [
      "a quote in another case",
      q(1, "backups are kept for 30 DAYS", "They are kept for 30 days."),
      nothing,
      { unquoted: 1 },
    ],
    [
      "a quote from another passage",
      q(2, "Backups are kept for 30 days", "They are kept for 30 days."),
      nothing,
      { unquoted: 1 },
    ],
    [
      "a quote joined from two places",
      q(1, "Backups are kept for 30 days, encrypted", "They are encrypted for 30 days."),
      nothing,
      { unquoted: 1 },
    ],
    [
      "a citation of passage 99",
      q(99, "Backups are kept for 30 days", "They are kept for 30 days."),
      nothing,
      { unquoted: 1 },
    ],
    ["a sentence without a quote", writes("S: They are kept for 30 days.\nEND"), nothing, { unquoted: 1 }],
    [
      "a number that its quote does not have",
      q(1, "Backups are kept for 30 days", "They are kept for 300 days."),
      nothing,
      { unsupported: 1 },
    ],
    [
      "a negation that its quote does not have",
      q(1, "Backups are kept for 30 days", "They are not kept for 30 days."),
      nothing,
      { unsupported: 1 },
    ],
    [
      "an answer in another language",
      q(1, "Backups are kept for 30 days", "Sicherungen werden dreißig Tage aufbewahrt."),
      nothing,
      { unsupported: 1 },
    ],
    [
      "another subject",
      q(1, "Backups are kept for 30 days", "Our competitors deliver poor quality."),
      nothing,
      { unsupported: 1 },
    ],
    ["invalid UTF-8", invalidUtf8, nothing, { garbled: 1 }],
    [
      "endless sentences",
      endless("Q1: Backups are kept for 30 days\nS: They are kept for 30 days.\n"),
      { abstained: false, generator: "scripted" },
    ],
    ["endless garbage", endless("and on\n"), nothing],
    ["an endless line", endless("and on "), { ...nothing, degraded: true }],
    [
      "text after its end",
      writes(`${good}S: And more.\nQ1: x\n`),
      { abstained: false, answer: "They are kept for 30 days." },
      { garbled: 0, surplus: 0 },
    ],
    ["that it cannot", writes("NONE"), { ...nothing, reason: "not_answerable" }],
    [
      "a reset connection",
      (response) => void response.socket?.resetAndDestroy(),
      { ...theirs, degraded_reason: "generator_unavailable" },
    ],
    ["401", refuses(401), { ...theirs, degraded_reason: "generator_misconfigured" }],
    ["429", refuses(429, { "retry-after": "3600" }), { ...theirs, degraded_reason: "generator_unavailable" }],
    [
      "500 again and again",
      refuses(500, { "retry-after": "0" }),
      { ...theirs, degraded_reason: "generator_unavailable" },
    ],
    ["400", refuses(400), { ...theirs, degraded_reason: "generator_rejected" }],
    [
      "HTML",
      refuses(200, { "content-type": "text/html" }, "<html>welcome</html>"),
      { ...theirs, degraded_reason: "generator_misconfigured" },
    ],
    [
      "HTML with an error",
      refuses(502, { "content-type": "text/html", "retry-after": "0" }, "<html>bad gateway</html>"),
      { ...theirs, degraded_reason: "generator_unavailable" },
    ],
  ];
  for (const [name, behaviour, expected, dropped = {}] of cases) {
    test(`${name}`, async () => {
      endpoint.behave(behaviour);
      const answer = await server.ask(question);
      assertHeld(answer);
      for (const [field, value] of Object.entries(expected))
        assert.deepEqual((answer as Record<string, unknown>)[field], value, field);
      for (const [reason, count] of Object.entries(dropped))
        assert.equal(answer.dropped[reason as "garbled"], count, reason);
      const note = server.notes.at(-1) ?? "";
      for (const secret of ["the-key", "SECRET", "Backups"]) assert.ok(!note.includes(secret), note);
    });
  }

  test("429 once is tried again after as long as it asked", async () => {
    endpoint.behave(refuses(429, { "retry-after": "1" }), writes(good));
    const answer = await server.ask(question);
    assert.deepEqual([answer.degraded, answer.answer], [false, "They are kept for 30 days."]);
  });

  test("a provider that hangs, before and in the middle, is left in time, and its connection closed", async () => {
    const impatient = await answering.serve(environment({ ISTHMUS_GENERATOR_TIMEOUT_MS: "300" }));
    endpoint.behave(() => {});
    const silent = await impatient.ask(question);
    assert.deepEqual([silent.degraded_reason, silent.generator], ["generator_unavailable", "extractive"]);
    await endpoint.asked.at(-1)?.closed;
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, "Q1: Backups are");
    });
    assert.equal((await impatient.ask(question)).generator, "extractive");
    await endpoint.asked.at(-1)?.closed;
    assert.match(impatient.notes.join("\n"), /the language model failed.*within 300 ms/);
  });

  test("without a fallback each failure is a problem of its own, whole and streamed", async () => {
    const strict = await answering.serve(
      environment({ ISTHMUS_GENERATOR_FALLBACK: "none", ISTHMUS_GENERATOR_DAILY_TOKENS: "2000" }),
    );
    for (const [behaviour, status, code, retryAfter] of [
      [refuses(401), 500, "generator_misconfigured", null],
      [refuses(400), 502, "generator_rejected", null],
      [refuses(429, { "retry-after": "3600" }), 503, "generator_unavailable", "3600"],
    ] as const) {
      endpoint.behave(behaviour);
      const response = await strict.post(question);
      const problem = problemSchema.parse(await response.json());
      assert.deepEqual(
        [response.status, problem.code, response.headers.get("retry-after")],
        [status, code, retryAfter],
      );
      for (const secret of ["the-key", "SECRET", "scripted", endpoint.url])
        assert.ok(!JSON.stringify(problem).includes(secret));
      const events = [];
      for await (const event of eventsOf(await strict.post(question, { stream: true }))) events.push(event);
      assert.deepEqual(
        events.map(({ name }) => name),
        ["passages", "problem"],
      );
      assert.equal(problemSchema.parse(events.at(-1)?.data).code, code);
    }
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, good);
      endStream(response, "stop", { prompt_tokens: 1_500, completion_tokens: 20, total_tokens: 1_520 });
    });
    await strict.ask(question);
    const over = await strict.post(question);
    assert.deepEqual([over.status, problemSchema.parse(await over.json()).code], [429, "generator_quota"]);
    assert.ok(Number(over.headers.get("retry-after")) > 0);
  });

  test("the tokens of a day are each key's own; over them the documents answer", async () => {
    const keyed = await answering.serve(
      environment({ ISTHMUS_API_KEYS: "first,second", ISTHMUS_GENERATOR_DAILY_TOKENS: "1400" }),
    );
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, good);
      endStream(response, "stop", { prompt_tokens: 700, completion_tokens: 20, total_tokens: 720 });
    });
    const reasons = [];
    for (const key of ["first", "first", "second"]) {
      const body = (await (await keyed.post(question, { key })).json()) as WholeAnswer;
      reasons.push(body.degraded_reason);
    }
    assert.deepEqual(reasons, [undefined, "generator_quota", undefined]);
    // An assistant that asks with a key takes of the same tokens.
    const asAssistant = async (key: string): Promise<string> => {
      const call = { name: "answer", arguments: { question } };
      const response = await fetch(`${keyed.url}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2025-11-25",
          "x-api-key": key,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
      });
      return await response.text();
    };
    assert.match(await asAssistant("third"), /unauthenticated/);
    for (const key of ["first", "second"]) assert.match(await asAssistant(key), /generator_quota/, key);
  });

  test("a named price file says what an answer costs", async () => {
    const priced = await answering.serve(environment({ ISTHMUS_GENERATOR: "openai:gpt-4.1-mini" }));
    endpoint.behave(writes(good));
    assert.ok(Math.abs(((await priced.ask(question)).usage.dollars ?? 0) - (100 * 0.4 + 20 * 1.6) / 1e6) < 1e-12);
  });
});

function endless(piece: string): Behaviour {
  return async (response) => {
    beginStream(response);
    while (!response.destroyed) {
      sendText(response, piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

function invalidUtf8(response: Parameters<Behaviour>[0]): void {
  beginStream(response);
  const chunk = JSON.stringify({
    choices: [{ index: 0, delta: { content: "Q1: Backups are kept\nS: They are X kept.\n" } }],
  });
  const [before, behind] = chunk.split("X");
  response.write(
    Buffer.concat([Buffer.from(`data: ${before}`), Buffer.from([0xff, 0xc0]), Buffer.from(`${behind}\n\n`)]),
  );
  endStream(response);
}

/** Server-sent events, as they come. */
async function* eventsOf(response: Response): AsyncGenerator<{ readonly name: string; readonly data: unknown }> {
  assert.equal(response.status, 200);
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, name = "", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      yield { name, data: JSON.parse(data) };
    }
  }
}
