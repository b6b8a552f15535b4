import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { IsthmusError } from "../errors.ts";
import type { Generator } from "../ports.ts";
import type { Passage } from "../retrieve-types.ts";
import { createTokenLedger } from "./ledger.ts";
import type { Draft, GenerationRequest } from "./types.ts";
import { createWriter, type Tally, type WriterParts } from "./writer.ts";

const content = "Backups are kept for 30 days. They lie in another region.";
const passages: Passage[] = [
  {
    content,
    score: 1,
    source: { uri: "file:///a", title: "A", heading: "", start: 0, end: content.length, version: "1", metadata: {} },
  } as Passage,
];
const request: GenerationRequest = {
  question: "How long are backups kept?",
  passages: [{ number: 1, title: "A", heading: "", content }],
  evidence: [],
  maxSentences: 5,
  maxOutputTokens: 100,
};
const good: Draft = {
  kind: "sentence",
  text: "They are kept 30 days.",
  quotes: [{ passage: 1, text: "kept for 30 days" }],
};
const invented: Draft = { kind: "sentence", text: "For ever.", quotes: [{ passage: 1, text: "kept for ever" }] };
const costs = (inputTokens: number, outputTokens: number): Draft => ({
  kind: "usage",
  usage: { inputTokens, outputTokens },
});

type Step = Draft | Error | "hang";

/** Each call does its own script; the last one stays. */
function scripted(
  ...scripts: readonly (readonly Step[])[]
): Generator & { calls: number; running: number; most: number } {
  const generator = {
    name: "scripted",
    limits: { maxPassageTokens: 1000, maxOutputTokens: 100, maxConcurrency: 2 },
    calls: 0,
    running: 0,
    most: 0,
    async *generate(_: GenerationRequest, signal?: AbortSignal): AsyncGenerator<Draft> {
      const script = scripts[Math.min(generator.calls, scripts.length - 1)] ?? [];
      generator.calls += 1;
      generator.running += 1;
      generator.most = Math.max(generator.most, generator.running);
      try {
        for (const step of script) {
          signal?.throwIfAborted();
          if (step === "hang") await new Promise(() => {});
          else if (step instanceof Error) throw step;
          else yield step as Draft;
        }
      } finally {
        generator.running -= 1;
      }
    },
    close: async () => {},
  };
  return generator;
}

const own: Generator = {
  name: "extractive",
  limits: { maxPassageTokens: 1e6, maxOutputTokens: 1e6, maxConcurrency: 1000 },
  async *generate() {
    const text = "They lie in another region.";
    yield { kind: "sentence", text, quotes: [{ passage: 1, text }] };
  },
  close: async () => {},
};

async function written(parts: WriterParts, signal?: AbortSignal, writer = createWriter(parts)) {
  const tally: Tally = {
    kept: 0,
    declined: false,
    usage: { inputTokens: 0, outputTokens: 0 },
    writer: parts.generator.name,
    degraded: undefined,
    dropped: { unquoted: 0, unsupported: 0, garbled: 0, surplus: 0 },
  };
  const texts: string[] = [];
  const writing = { request, passages, caller: "k", tokens: 700 };
  for await (const { text } of writer.write(writing, tally, signal)) texts.push(text);
  return { texts, ...tally };
}

const away = (retryAfterMs?: number) =>
  new IsthmusError("generator_unavailable", "away", retryAfterMs === undefined ? {} : { retryAfterMs });
const code = (wanted: string) => (error: unknown) => error instanceof IsthmusError && error.code === wanted;

describe("a provider that fails", () => {
  test("is tried again after as long as it asked, and what every try cost is counted", async () => {
    const generator = scripted([costs(10, 0), away(30)], [costs(10, 1), away(0)], [good, costs(100, 20)]);
    const started = performance.now();
    const { texts, degraded, usage, writer } = await written({ generator, fallback: own });
    assert.ok(performance.now() - started >= 29);
    assert.deepEqual(
      [texts, degraded, writer, generator.calls],
      [["They are kept 30 days."], undefined, "scripted", 3],
    );
    assert.deepEqual(usage, { inputTokens: 120, outputTokens: 21 });
  });

  test("is not waited for past its time: the documents answer at once", async () => {
    const generator = scripted([away(3_600_000)]);
    const told: string[] = [];
    const answer = await written({ generator, fallback: own, onDegraded: (error) => told.push(error.code) });
    assert.deepEqual(
      [answer.texts, answer.degraded, answer.writer],
      [["They lie in another region."], "generator_unavailable", "extractive"],
    );
    assert.deepEqual([generator.calls, told], [1, ["generator_unavailable"]]);
  });

  test("is given up after a few tries", async () => {
    const generator = scripted([away(0)]);
    assert.equal((await written({ generator, fallback: own })).degraded, "generator_unavailable");
    assert.equal(generator.calls, 4);
  });

  for (const failure of ["generator_misconfigured", "generator_rejected"] as const) {
    test(`by ${failure} is not tried again`, async () => {
      const generator = scripted([new IsthmusError(failure, "no")]);
      const { degraded, writer } = await written({ generator, fallback: own });
      assert.deepEqual([degraded, writer, generator.calls], [failure, "extractive", 1]);
      await assert.rejects(written({ generator }), code(failure));
    });
  }

  test("in the middle is not tried again: what was verified stays, and the answer is cut short", async () => {
    const generator = scripted([good, away(0)]);
    const { texts, degraded, writer } = await written({ generator, fallback: own });
    assert.deepEqual(
      [texts, degraded, writer, generator.calls],
      [["They are kept 30 days."], "generator_unavailable", "scripted", 1],
    );
  });

  test("after nothing but inventions leaves the answer to the documents", async () => {
    const { texts, writer, dropped } = await written({ generator: scripted([invented, away(0)]), fallback: own });
    assert.deepEqual([texts, writer, dropped.unquoted], [["They lie in another region."], "extractive", 1]);
  });

  test("and hangs, deaf to its signal, is left when its time is over", async () => {
    for (const script of [["hang"], [good, "hang"]] as const) {
      const { degraded, kept } = await written({ generator: scripted(script), fallback: own, timeoutMs: 30 });
      assert.deepEqual([degraded, kept], ["generator_unavailable", 1]);
    }
    await assert.rejects(written({ generator: scripted(["hang"]), timeoutMs: 30 }), /within 30 ms/);
  });

  test("for a reason of ours is no matter for the documents", async () => {
    const fault = new Error("a fault of ours");
    await assert.rejects(written({ generator: scripted([fault]), fallback: own }), (error) => error === fault);
  });
});

test("the reader's going away ends it with the reader's own reason", async () => {
  const stopping = new AbortController();
  const answer = written({ generator: scripted(["hang"]), fallback: own }, stopping.signal);
  stopping.abort(new Error("gone"));
  await assert.rejects(answer, /gone/);
});

test("not more are written at once than the generator takes", async () => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let running = 0;
  let most = 0;
  const generator: Generator = {
    ...scripted([good]),
    async *generate() {
      running += 1;
      most = Math.max(most, running);
      await gate;
      running -= 1;
      yield good;
    },
  };
  const parts = { generator, fallback: own };
  const writer = createWriter(parts);
  const answers = Array.from({ length: 9 }, () => written(parts, undefined, writer));
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assert.equal(running, 2);
  open();
  assert.ok((await Promise.all(answers)).every(({ degraded, kept }) => degraded === undefined && kept === 1));
  assert.equal(most, 2);
});

test("who waits too long for a turn gets the documents' own", async () => {
  const parts = { generator: scripted(["hang"]), fallback: own, timeoutMs: 40 };
  const writer = createWriter(parts);
  const answers = await Promise.all([1, 2, 3, 4].map(() => written(parts, undefined, writer)));
  assert.ok(answers.every(({ degraded, kept }) => degraded === "generator_unavailable" && kept === 1));
});

test("turns are given back by whoever leaves, before and while it writes", async () => {
  const generator = scripted(["hang"], ["hang"], [good]);
  const parts = { generator, fallback: own };
  const writer = createWriter(parts);
  const leaving = [1, 2, 3].map(() => {
    const stopping = new AbortController();
    const done = written(parts, stopping.signal, writer).catch(() => "left");
    return { stopping, done };
  });
  await sleep(5);
  for (const { stopping } of leaving.toReversed()) stopping.abort(new Error("gone"));
  assert.deepEqual(await Promise.all(leaving.map(({ done }) => done)), ["left", "left", "left"]);
  assert.deepEqual((await written(parts, undefined, writer)).texts, ["They are kept 30 days."]);
});

test("the model's own cut is told", async () => {
  assert.equal((await written({ generator: scripted([good, { kind: "cut" }]) })).degraded, "generator_cut_short");
});

describe("the tokens of a key for a day", () => {
  const day = 24 * 3_600_000;

  test("are set aside before and settled after; over them the documents answer, or it is an error", async () => {
    const ledger = createTokenLedger(1_000, () => day / 2);
    const generator = scripted([good, costs(300, 50)]);
    const parts = { generator, fallback: own, ledger };
    assert.equal((await written(parts)).degraded, undefined);
    const over = await written(parts);
    assert.deepEqual([over.degraded, over.writer, generator.calls], ["generator_quota", "extractive", 1]);
    await assert.rejects(written({ generator, ledger }), (error) => {
      return error instanceof IsthmusError && error.code === "generator_quota" && error.retryAfterMs === day / 2;
    });
  });

  test("are each caller's own, and new the next day", () => {
    let now = 0;
    const ledger = createTokenLedger(1_000, () => now);
    ledger.take("one", 1_000);
    assert.throws(() => ledger.take("one", 1), code("generator_quota"));
    ledger.take("other", 1_000);
    now = day;
    const settle = ledger.take("one", 600);
    now = 2 * day;
    settle(600);
    ledger.take("one", 1_000);
  });

  test("a refusal costs none, a try that was broken off all that was set aside", async () => {
    for (const [script, left] of [
      [[new IsthmusError("generator_misconfigured", "no")], 1_000],
      [["hang"], 300],
    ] as const) {
      const ledger = createTokenLedger(1_000);
      const timeoutMs = script[0] === "hang" ? 20 : 60_000;
      await written({ generator: scripted(script), fallback: own, ledger, timeoutMs });
      assert.throws(() => ledger.take("k", left + 1), code("generator_quota"));
      ledger.take("k", left);
    }
  });
});
