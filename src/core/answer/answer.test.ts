import assert from "node:assert/strict";
import { test } from "node:test";
import type { Analyzer, Embedder, Generator, StoreReader } from "../ports.ts";
import type { Hit } from "../types.ts";
import { createAnswerer, wholeAnswer } from "./answer.ts";
import type { Draft, GenerationRequest } from "./types.ts";

const backups = "Backups are kept for 30 days. They lie in another region.";
const keys = "Two keys are valid during a rotation.";

function hitOf(content: string, at: number): Hit {
  return {
    chunkId: `c${at}`,
    uri: "file:///handbook.md",
    version: "v1",
    ordinal: at,
    title: "Handbook",
    heading: "",
    content,
    start: 100 * at,
    end: 100 * at + content.length,
    metadata: {},
    score: 1 - at / 10,
    rankings: { vector: { rank: at + 1, score: 0.9 } },
  };
}

const vector = Float32Array.of(1, 0);
const unused = async () => assert.fail("not asked for");
const embedder: Embedder = {
  identity: { model: "m", dimensions: 2, revision: "1" },
  limits: { maxTokens: 256, maxBatch: 8, maxConcurrency: 1 },
  load: async () => () => 1,
  embed: async (texts) => texts.map(() => vector),
  close: unused,
};
const analyzer: Analyzer = {
  name: "words",
  version: 1,
  terms: async (text) => text.toLowerCase().match(/\w+/g) ?? [],
};

/** An answerer whose generator says what it is told to. @param given what the generator was given comes here. */
function scripted(
  drafts: readonly Draft[],
  contents: readonly string[] = [backups, keys],
  given: GenerationRequest[] = [],
) {
  const reader: StoreReader = {
    search: async () => contents.map(hitOf),
    verified: async () => undefined,
    async *held() {},
    termWeights: unused,
    passages: unused,
    check: unused,
    entries: unused,
    page: unused,
    count: unused,
    close: unused,
  };
  const generator: Generator = {
    name: "scripted",
    limits: { maxPassageTokens: 1000, maxOutputTokens: 100, maxConcurrency: 1 },
    async *generate(request) {
      given.push(request);
      yield* drafts;
    },
    close: async () => {},
  };
  return createAnswerer({ embedder, analyzer, reader, generator });
}

function sentence(text: string, ...quotes: [number, string][]): Draft {
  return { kind: "sentence", text, quotes: quotes.map(([passage, quote]) => ({ passage, text: quote })) };
}

test("a sentence whose quote stands in its passage comes out, with the quote's place in the document", async () => {
  const said = sentence("They are kept 30 days.", [1, "kept for 30\n days"]);
  const answer = await wholeAnswer(scripted([said]).answer({ question: "How long are backups kept?" }));
  const [first] = answer.sentences;
  assert.equal(first?.basis, "supported");
  assert.equal(first?.citations[0]?.quote, "kept for 30 days");
  assert.equal(first?.citations[0]?.source.start, backups.indexOf("kept"));
  assert.equal(answer.abstained, undefined);
});

test("what does not hold is counted and not shown", async () => {
  const drafts: Draft[] = [
    sentence("Backups are kept for 30 days.", [2, "kept for 30 days"]),
    sentence("Backups are kept for 60 days.", [1, "kept for 30 days"]),
    sentence("Backups are kept.", [99, "kept for 30 days"]),
    { kind: "garbled" },
  ];
  const answer = await wholeAnswer(scripted(drafts).answer({ question: "How long are backups kept?" }));
  assert.deepEqual(answer.sentences, []);
  assert.deepEqual(answer.dropped, { unquoted: 2, unsupported: 1, garbled: 1, surplus: 0 });
  assert.equal(answer.abstained, "nothing_verified");
});

test("nothing found is told apart from what the passages do not say", async () => {
  const question = "How long are backups kept?";
  const empty = await wholeAnswer(scripted([], []).answer({ question }));
  assert.equal(empty.abstained, "nothing_found");
  const declined = await wholeAnswer(scripted([{ kind: "declined" }]).answer({ question }));
  assert.equal(declined.abstained, "not_answerable");
  assert.equal(declined.passages.length, 2);
});

test("what repeats the question is no evidence, however alike it is", async () => {
  const given: GenerationRequest[] = [];
  const command = 'isthmus query "how long are backups kept?"';
  await wholeAnswer(scripted([], [command, backups], given).answer({ question: "How long are backups kept?" }));
  const texts = given.flatMap(({ evidence }) => evidence.map(({ text }) => text));
  assert.ok(texts.includes("Backups are kept for 30 days."), texts.join("\n"));
  assert.ok(!texts.includes(command));
});

test("a heading and a short lead-in are no evidence; items and rows come with theirs, and code after words", async () => {
  const given: GenerationRequest[] = [];
  const text = [
    "## Backups kept",
    "Backups are kept so:",
    "- for 30 days",
    "| backups | kept |\n|---|---|\n| daily | 30 days |",
    "```sh\nbackups kept long\n```",
  ].join("\n\n");
  await wholeAnswer(scripted([], [text], given).answer({ question: "How long are backups kept?" }));
  const evidence = given[0]?.evidence.map(({ text, leadIn }) => (leadIn === undefined ? [text] : [text, leadIn]));
  assert.deepEqual(
    evidence?.toSorted(),
    [
      ["```sh\nbackups kept long\n```"],
      ["- for 30 days", "Backups are kept so:"],
      ["| daily | 30 days |", "| backups | kept |"],
    ].toSorted(),
  );
  assert.match(evidence?.at(-1)?.[0] ?? "", /^```/);
});

test("a paragraph's sentence that is only a link says where to look, and is no evidence; one that says something beside it is", async () => {
  const given: GenerationRequest[] = [];
  const told = "[Backups kept](backups.md) tells how long backups are kept.";
  const text = `${told} [How long backups are kept](a.md). See [Backups kept](a.md#long) and [kept](https://a.example/b_(c)).`;
  await wholeAnswer(scripted([], [text], given).answer({ question: "How long are backups kept?" }));
  assert.deepEqual(
    given[0]?.evidence.map((each) => each.text),
    [told],
  );
});

test("half a sentence, which the edge of a passage cut, comes after a whole one that says as much", async () => {
  const whole = "Backups are kept long for as many as thirty days.";
  const half = "Backups are kept long for as many as thirty";
  const order = async (text: string) => {
    const given: GenerationRequest[] = [];
    await wholeAnswer(scripted([], [text], given).answer({ question: "How long are backups kept?" }));
    return given[0]?.evidence.map((each) => each.text);
  };
  assert.deepEqual(await order(`Herons eat fish. ${whole} ${half}`), [whole, half, "Herons eat fish."]);
  const later = half.replace("Backups", "in another place backups");
  assert.equal((await order(`${later} days. ${whole} Herons eat fish.`))?.[0], whole);
  assert.deepEqual(await order(half), [half], "a text without a full stop is whole");
});
