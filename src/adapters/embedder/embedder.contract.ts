import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import type { Embedder } from "../../core/ports.ts";

/** An embedder to be tested, with whatever it needs behind it. */
export interface EmbedderFixture {
  readonly embedder: Embedder;
  /** Ends what stands behind the embedder; the suite has closed the embedder itself. */
  close(): Promise<void>;
}

export interface ContractOptions {
  /** Property-test cases; fewer for slow models. */
  readonly cases?: number;
}

const ODDITIES = [
  "",
  " ",
  "\n\t\r\n",
  "\0",
  "\ud800 lone surrogates \udfff",
  "é e\u0301 ﬁ Å",
  "ΑΣ ΟΔΥΣΣΕΎΣ",
  "İstanbul ẞ",
  "👩‍👩‍👧‍👦🏳️‍🌈",
  "日本語のテキスト。中文，한국어",
  "สวัสดีครับ",
  "שלום مرحبا",
  "\u200b\ufeff\u00ad zero width",
  "[CLS] [SEP] [MASK] [PAD] [UNK]",
  "x".repeat(5_000),
  "!".repeat(500),
];

/** What every embedder must do, whatever runs behind it. */
export function embedderContract(
  name: string,
  open: () => Promise<EmbedderFixture>,
  { cases = 20 }: ContractOptions = {},
): void {
  describe(`${name} keeps the embedder contract`, () => {
    let fixture: EmbedderFixture;
    let embedder: Embedder;

    before(async () => {
      fixture = await open();
      embedder = fixture.embedder;
    });
    after(async () => {
      await embedder.close();
      await fixture.close();
    });

    /** All calls at once, each within the declared limit. */
    async function embedAll(texts: readonly string[]): Promise<Float32Array[]> {
      const { maxBatch } = embedder.limits;
      const calls: Promise<Float32Array[]>[] = [];
      for (let start = 0; start < texts.length; start += maxBatch) {
        calls.push(embedder.embed(texts.slice(start, start + maxBatch)));
      }
      return (await Promise.all(calls)).flat();
    }

    async function embedOne(text: string): Promise<Float32Array> {
      const [vector] = await embedder.embed([text]);
      assert.ok(vector);
      return vector;
    }

    test("it declares who it is and what it takes", () => {
      const { identity, limits } = embedder;
      assert.ok(identity.model.length > 0 && identity.revision.length > 0);
      for (const number of [identity.dimensions, limits.maxTokens, limits.maxBatch, limits.maxConcurrency]) {
        assert.ok(Number.isSafeInteger(number) && number > 0, String(number));
      }
    });

    test("it gives one vector for each text, in order, of the declared dimensions and unit length", async () => {
      const texts = ["the cat sat", "a rocket engine", "the dog ate a mouse", "the cat sat"];
      const vectors = await embedAll(texts);
      assert.equal(vectors.length, texts.length);
      for (const vector of vectors) assertUnit(vector, embedder.identity.dimensions);
      for (const [index, text] of texts.entries()) assert.deepEqual(vectors[index], await embedOne(text), text);
      assert.deepEqual(vectors[0], vectors[3]);
      assert.notDeepEqual(vectors[0], vectors[1]);
    });

    test("no text gives no vector", async () => {
      assert.deepEqual(await embedder.embed([]), []);
    });

    test("a vector depends on its text alone, bit for bit, whatever its neighbours, their order and number", async () => {
      const word = fc.constantFrom(
        ..."the a cat dog sat on mat ate mouse ship rocket engine orbit 7 , ? zyx É".split(" "),
      );
      const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
      await fc.assert(
        fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 6 }), async (texts) => {
          const together = await embedAll(texts);
          const reversed = (await embedAll(texts.toReversed())).toReversed();
          for (const [index, one] of texts.entries()) {
            const alone = await embedOne(one);
            assert.deepEqual(together[index], alone);
            assert.deepEqual(reversed[index], alone);
          }
        }),
        { numRuns: cases },
      );
    });

    test("odd texts get vectors like any other", async () => {
      const vectors = await embedAll(ODDITIES);
      assert.equal(vectors.length, ODDITIES.length);
      for (const vector of vectors) assertUnit(vector, embedder.identity.dimensions);
      const countTokens = await embedder.load();
      for (const text of ODDITIES) assert.ok(countTokens(text) >= 0);
    });

    test("a text over the limit is cut off at its end", async () => {
      const beginning = "the cat sat on the mat ".repeat(embedder.limits.maxTokens);
      assert.deepEqual(await embedOne(`${beginning} rocket engine`), await embedOne(`${beginning} a dog ate`));
      assertUnit(await embedOne(beginning.repeat(20)), embedder.identity.dimensions);
    });

    test("tokens are counted: none in nothing, more in more", async () => {
      const countTokens = await embedder.load();
      assert.equal(countTokens(""), 0);
      const few = countTokens("the cat sat");
      assert.ok(few >= 3);
      assert.ok(countTokens("the cat sat on the mat") > few);
    });

    test("texts that share their sense lie nearer than others", async () => {
      const [cat, other, rocket] = await embedAll([
        "the cat sat on the mat",
        "a cat sat on a mat",
        "rocket engine reached orbit",
      ]);
      assert.ok(cosine(cat, other) > cosine(cat, rocket) + 0.2);
    });

    test("an abort ends the call with `cancelled`, and the embedder goes on", async () => {
      const already = AbortSignal.abort();
      await assert.rejects(embedder.embed(["the cat"], already), { code: "cancelled" });
      const later = new AbortController();
      const calls = Array.from({ length: 8 }, () => embedder.embed(["the cat ".repeat(50)], later.signal));
      later.abort();
      const ends = await Promise.allSettled(calls);
      assert.ok(ends.some((end) => end.status === "rejected"));
      for (const end of ends) if (end.status === "rejected") assert.equal(end.reason.code, "cancelled");
      assertUnit(await embedOne("the cat"), embedder.identity.dimensions);
    });

    test("many may load it at once, and those who embed meanwhile wait for it", async () => {
      const second = await open();
      try {
        const [first, again, [vector]] = await Promise.all([
          second.embedder.load(),
          second.embedder.load(),
          second.embedder.embed(["the cat"]),
        ]);
        assert.equal(first("the cat sat"), again("the cat sat"));
        assert.deepEqual(vector, await embedOne("the cat"));
      } finally {
        await second.embedder.close();
        await second.close();
      }
    });

    test("an abort ends the waiting for what is being loaded, and nobody else's", async () => {
      const second = await open();
      try {
        const impatient = new AbortController();
        const [given, kept] = [second.embedder.load(impatient.signal), second.embedder.load()];
        impatient.abort();
        await assert.rejects(given, { code: "cancelled" });
        assert.equal((await kept)(""), 0);
      } finally {
        await second.embedder.close();
        await second.close();
      }
    });

    for (const [moment, begin] of [
      ["before it was ever used", async () => {}],
      ["while it loads", async (second: Embedder) => void second.load().catch(() => {})],
      ["with all of it loaded", async (second: Embedder) => void (await second.load())],
    ] as const) {
      test(`it can be closed ${moment}, and again, and then embeds no more`, async () => {
        const second = await open();
        await begin(second.embedder);
        const [pending] = await Promise.all([
          second.embedder.embed(["the cat"]).then(
            () => "embedded",
            (error: { code: string }) => error.code,
          ),
          second.embedder.close(),
        ]);
        assert.match(pending, /^(embedded|cancelled)$/);
        await second.embedder.close();
        await assert.rejects(second.embedder.embed(["the cat"]), { code: "cancelled" });
        await assert.rejects(second.embedder.load(), { code: "cancelled" });
        await second.close();
      });
    }
  });
}

function assertUnit(vector: Float32Array | undefined, dimensions: number): void {
  assert.ok(vector instanceof Float32Array);
  assert.equal(vector.length, dimensions);
  assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5, "unit length");
}

function cosine(left: Float32Array | undefined, right: Float32Array | undefined): number {
  assert.ok(left && right);
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
