import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Draft, GenerationRequest } from "../../core/answer/types.ts";
import type { Generator } from "../../core/ports.ts";

/** A generator to be tested, with whatever it needs behind it. */
export interface GeneratorFixture {
  readonly generator: Generator;
  /** Ends what stands behind the generator; the suite has closed the generator itself. */
  close(): Promise<void>;
}

const content = "Backups are kept for 30 days. They lie in another region. Nobody can delete them earlier.";
const request: GenerationRequest = {
  question: "How long are backups kept?",
  passages: [
    { number: 1, title: "Handbook", heading: "Backups", content },
    { number: 2, title: "Handbook", heading: "Keys", content: "Two keys are valid during a rotation." },
  ],
  evidence: [
    { passage: 1, text: content.slice(0, 29), start: 0, end: 29, score: 0.9 },
    { passage: 1, text: content.slice(30, 57), start: 30, end: 57, score: 0.4 },
  ],
  maxSentences: 5,
  maxOutputTokens: 200,
};

/** What every generator must do, whatever writes behind it. Whether it writes well is for the evaluation to say. */
export function generatorContract(name: string, open: () => Promise<GeneratorFixture>): void {
  describe(`${name} keeps the generator contract`, () => {
    let fixture: GeneratorFixture;
    let generator: Generator;
    before(async () => {
      fixture = await open();
      generator = fixture.generator;
    });
    after(async () => {
      await generator.close();
      await fixture.close();
    });

    async function drafts(asked: GenerationRequest, signal?: AbortSignal): Promise<Draft[]> {
      const all: Draft[] = [];
      for await (const draft of generator.generate(asked, signal)) all.push(draft);
      return all;
    }

    test("it declares who it is and what it takes", () => {
      const { limits, price } = generator;
      assert.match(generator.name, /\S/);
      for (const number of [limits.maxPassageTokens, limits.maxOutputTokens, limits.maxConcurrency]) {
        assert.ok(Number.isSafeInteger(number) && number > 0, String(number));
      }
      if (price !== undefined) {
        assert.ok(price.inputDollars >= 0 && price.outputDollars >= 0);
        assert.match(price.asOf, /^\d{4}(-\d{2}){0,2}$/);
      }
    });

    test("what it gives is in the form of drafts, each quote naming a passage by its number", async () => {
      for (const draft of await drafts(request)) {
        assert.ok(["sentence", "garbled", "declined", "cut", "usage"].includes(draft.kind), draft.kind);
        if (draft.kind === "usage") {
          for (const tokens of [draft.usage.inputTokens, draft.usage.outputTokens]) {
            assert.ok(Number.isSafeInteger(tokens) && tokens >= 0, String(tokens));
          }
        }
        if (draft.kind === "sentence") {
          assert.equal(typeof draft.text, "string");
          for (const quote of draft.quotes) {
            assert.ok(Number.isSafeInteger(quote.passage));
            assert.equal(typeof quote.text, "string");
          }
        }
      }
    });

    test("no passages and no evidence are no failure", async () => {
      await drafts({ ...request, passages: [], evidence: [] });
    });

    test("nothing happens before the first piece is asked for, and ending the iteration ends it", async () => {
      generator.generate(request);
      for await (const draft of generator.generate(request)) {
        assert.ok(draft);
        break;
      }
    });

    test("a signal that has fired is its end, with the signal's own reason", async () => {
      const reason = new Error("enough");
      await assert.rejects(drafts(request, AbortSignal.abort(reason)), (error) => error === reason);
    });

    test("calls side by side do not disturb each other", async () => {
      const kinds = (all: readonly Draft[]) => all.every(({ kind }) => kind !== undefined);
      const runs = await Promise.all([drafts(request), drafts(request)]);
      assert.ok(runs.every(kinds));
    });

    test("it can be closed twice", async () => {
      const { generator: other, close } = await open();
      await other.close();
      await other.close();
      await close();
    });
  });
}
