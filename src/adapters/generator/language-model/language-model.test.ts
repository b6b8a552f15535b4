import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  beginStream,
  endStream,
  type LanguageModelEndpoint,
  refuses,
  sendText,
  startEndpoint,
  tokens,
  writes,
} from "../../../../test/support/language-model.ts";
import type { Draft, GenerationRequest } from "../../../core/answer/types.ts";
import { IsthmusError } from "../../../core/errors.ts";
import type { Generator } from "../../../core/ports.ts";
import { generatorContract } from "../generator.contract.ts";
import { createLanguageModel } from "./language-model.ts";

const good = "Q1: Backups are kept for 30 days\nS: Backups are kept for 30 days.\nEND\n";
const limits = { maxPassages: 10, maxPassageTokens: 3_000, maxOutputTokens: 100, maxConcurrency: 4 };

function modelAt(url: string, apiKey?: string): Generator {
  return createLanguageModel({
    place: { provider: "openai", model: "scripted", url, apiKey },
    limits,
    price: { inputDollars: 1, outputDollars: 2, asOf: "2026-03" },
  });
}

generatorContract("language model, OpenAI-compatible", async () => {
  const endpoint = await startEndpoint(writes(good));
  return { generator: modelAt(endpoint.url), close: () => endpoint.close() };
});

const request: GenerationRequest = {
  question: "How long are backups kept?",
  passages: [{ number: 1, title: "Handbook", heading: "Backups", content: "Backups are kept for 30 days." }],
  evidence: [],
  maxSentences: 5,
  maxOutputTokens: 100,
};

describe("a language model over a real connection", () => {
  let endpoint: LanguageModelEndpoint;
  let model: Generator;
  before(async () => {
    endpoint = await startEndpoint(writes(good));
    model = modelAt(endpoint.url, "the-key");
  });
  after(async () => {
    await model.close();
    await endpoint.close();
  });

  async function drafts(signal?: AbortSignal): Promise<Draft[]> {
    const all: Draft[] = [];
    for await (const draft of model.generate(request, signal)) all.push(draft);
    return all;
  }

  async function failure(): Promise<IsthmusError> {
    const error = await drafts().then(
      (all) => assert.fail(`no failure: ${JSON.stringify(all)}`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof IsthmusError, String(error));
    for (const secret of ["SECRET", "the-key", "Backups", "How long"])
      assert.ok(!error.message.includes(secret), error.message);
    return error;
  }

  const sentence = {
    kind: "sentence",
    text: "Backups are kept for 30 days.",
    quotes: [{ passage: 1, text: "Backups are kept for 30 days" }],
  };

  test("sentences in pieces, then what they cost", async () => {
    for (const pieceLength of [1, 7, 1_000]) {
      endpoint.behave(writes(good, "stop", pieceLength));
      assert.deepEqual(await drafts(), [sentence, { kind: "usage", usage: { inputTokens: 100, outputTokens: 20 } }]);
    }
    const last = endpoint.asked.at(-1);
    assert.equal(last?.headers.authorization, "Bearer the-key");
    assert.deepEqual([last?.body["max_tokens"], last?.body["temperature"], last?.body["model"]], [100, 0, "scripted"]);
  });

  test("a sentence is out before the next one is written", async () => {
    let goOn: () => void = () => {};
    endpoint.behave(async (response) => {
      beginStream(response);
      sendText(response, "Q1: kept for 30 days\nS: They are kept for 30 days.\n");
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      sendText(response, "END");
      endStream(response);
    });
    const iterator = model.generate(request)[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value?.kind, "sentence");
    goOn();
    assert.equal((await iterator.next()).value?.kind, "usage");
    assert.equal((await iterator.next()).done, true);
  });

  test("the reader's going away closes the connection", async () => {
    for (const leave of ["return", "abort"] as const) {
      endpoint.behave((response) => {
        beginStream(response);
        sendText(response, "Q1: kept for 30 days\nS: They are kept for 30 days.\n");
      });
      const stopping = new AbortController();
      const iterator = model.generate(request, stopping.signal)[Symbol.asyncIterator]();
      await iterator.next();
      if (leave === "return") await iterator.return?.();
      else {
        const next = iterator.next();
        stopping.abort(new Error("gone"));
        await assert.rejects(next, /gone/);
      }
      await endpoint.asked.at(-1)?.closed;
    }
  });

  for (const [status, code] of [
    [400, "generator_rejected"],
    [401, "generator_misconfigured"],
    [403, "generator_misconfigured"],
    [404, "generator_misconfigured"],
    [413, "generator_rejected"],
    [408, "generator_unavailable"],
    [429, "generator_unavailable"],
    [500, "generator_unavailable"],
    [503, "generator_unavailable"],
  ] as const) {
    test(`${status} is ${code}, without the provider's own words`, async () => {
      endpoint.behave(refuses(status, { "retry-after": "7" }));
      const error = await failure();
      assert.equal(error.code, code);
      assert.match(error.message, new RegExp(`answered ${status} \\(code_${status}\\)`));
      assert.equal(error.retryAfterMs, code === "generator_unavailable" ? 7_000 : undefined);
    });
  }

  test("it tries nothing again by itself", async () => {
    endpoint.behave(refuses(503));
    const before = endpoint.asked.length;
    await failure();
    assert.equal(endpoint.asked.length - before, 1);
  });

  test("a model that knows other parameters is asked with those, and from then on", async () => {
    const fresh = modelAt(endpoint.url);
    endpoint.behave(refuses(400), writes(good));
    for (let turn = 0; turn < 2; turn++) for await (const draft of fresh.generate(request)) assert.ok(draft);
    const bodies = endpoint.asked
      .slice(-3)
      .map(({ body }) => [body["max_tokens"], body["max_completion_tokens"], body["temperature"]]);
    assert.deepEqual(bodies, [
      [100, undefined, 0],
      [undefined, 100, undefined],
      [undefined, 100, undefined],
    ]);
    await fresh.close();
  });

  for (const [name, status] of [
    ["a page where a stream should be", 200],
    ["a page with an error", 502],
  ] as const) {
    test(name, async () => {
      endpoint.behave(refuses(status, { "content-type": "text/html" }, "<html><h1>SECRET</h1></html>"));
      assert.equal((await failure()).code, status === 200 ? "generator_misconfigured" : "generator_unavailable");
    });
  }

  test("a connection that is reset, before and in the middle", async () => {
    endpoint.behave((response) => void response.socket?.resetAndDestroy());
    assert.equal((await failure()).code, "generator_unavailable");
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, "Q1: kept");
      response.socket?.resetAndDestroy();
    });
    assert.equal((await failure()).code, "generator_unavailable");
  });

  test("nobody there", async () => {
    const other = await startEndpoint();
    await other.close();
    const absent = modelAt(other.url);
    const all = async () => {
      for await (const draft of absent.generate(request)) assert.fail(draft.kind);
    };
    await assert.rejects(all(), (error) => error instanceof IsthmusError && error.code === "generator_unavailable");
    await absent.close();
  });

  test("an error inside the stream, and a stream that is no JSON", async () => {
    endpoint.behave((response) => {
      beginStream(response);
      response.end('data: {"error":{"message":"SECRET","type":"overloaded"}}\n\n');
    });
    assert.equal((await failure()).code, "generator_unavailable");
    endpoint.behave((response) => {
      beginStream(response);
      response.end("data: SECRET not json\n\n");
    });
    assert.equal((await failure()).code, "generator_unavailable");
  });

  test("a stream that ends before it said anything is an outage, a model that says nothing is none", async () => {
    endpoint.behave((response) => {
      beginStream(response);
      response.end();
    });
    assert.equal((await failure()).code, "generator_unavailable");
    endpoint.behave(writes(""));
    assert.deepEqual(
      (await drafts()).map(({ kind }) => kind),
      ["usage"],
    );
  });

  test("half a sentence at the limit of tokens is garbled, and told as cut", async () => {
    endpoint.behave(writes("Q1: kept for 30 days\nS: They are kept for 30", "length"));
    assert.deepEqual(
      (await drafts()).map(({ kind }) => kind),
      ["garbled", "garbled", "cut", "usage"],
    );
  });

  test("a stream that breaks off cleanly in the middle has given what was whole, and is an outage", async () => {
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, "Q1: kept for 30 days\nS: They are kept for 30 days.\nQ1: Backups");
      response.end();
    });
    const all: Draft[] = [];
    const reading = async () => {
      for await (const draft of model.generate(request)) all.push(draft);
    };
    await assert.rejects(reading(), (error) => error instanceof IsthmusError && error.code === "generator_unavailable");
    assert.deepEqual(
      all.map(({ kind }) => kind),
      ["sentence"],
    );
  });

  for (const [name, piece] of [
    ["in the form", "Q1: kept for 30 days\nS: They are kept for 30 days.\n"],
    ["without a line break", "and on and on "],
    ["of empty lines", "\n\n\n\n\n\n"],
  ] as const) {
    test(`endless text ${name} is stopped, and its connection closed`, async () => {
      endpoint.behave(async (response) => {
        beginStream(response);
        while (!response.destroyed) {
          sendText(response, piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      const all = await drafts();
      assert.ok(all.some(({ kind }) => kind === "cut"));
      assert.equal(all.at(-1)?.kind, "usage");
      await endpoint.asked.at(-1)?.closed;
    });
  }

  test("text after the end is not read, and does not keep the answer waiting", async () => {
    endpoint.behave(async (response) => {
      beginStream(response);
      sendText(response, `${good}Q1: Backups\nS: More.\n`);
      while (!response.destroyed) {
        sendText(response, "more and more and more\n");
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    assert.deepEqual(
      (await drafts()).map(({ kind }) => kind),
      ["sentence", "usage"],
    );
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, good);
    });
    const held = await drafts();
    assert.deepEqual(
      held.map(({ kind }) => kind),
      ["sentence", "usage"],
    );
    const last = held.at(-1);
    assert.ok(last?.kind === "usage" && last.usage.estimated === true);
    assert.ok(last.usage.inputTokens > 100 && last.usage.outputTokens > 10);
  });

  test("bytes that are no text reach nobody", async () => {
    endpoint.behave((response) => {
      beginStream(response);
      const chunk = JSON.stringify({
        choices: [{ index: 0, delta: { content: "Q1: kept for 30 days\nS: They are X.\n" } }],
      });
      const [before, behind] = chunk.split("X");
      response.write(
        Buffer.concat([Buffer.from(`data: ${before}`), Buffer.from([0xff, 0xfe]), Buffer.from(`${behind}\n\n`)]),
      );
      endStream(response);
    });
    assert.deepEqual(
      (await drafts()).map(({ kind }) => kind),
      ["garbled", "usage"],
    );
  });

  test("usage that is no number is estimated", async () => {
    endpoint.behave((response) => {
      beginStream(response);
      sendText(response, good);
      endStream(response, "stop", { ...tokens(1, 1), prompt_tokens: null, completion_tokens: null });
    });
    const last = (await drafts()).at(-1);
    assert.ok(last?.kind === "usage" && last.usage.estimated === true);
  });
});
