// Documents with instructions in them, and a model that obeys every one: what a reader gets is what the documents say, at its place.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sentencesOf } from "../../src/core/answer/sentences.ts";
import { type Answering, openAnswering, type Server, type WholeAnswer } from "../support/answering.ts";
import { type LanguageModelEndpoint, startEndpoint, writes } from "../support/language-model.ts";
import { injections } from "./injections.ts";

describe(`${injections.length} documents with instructions in them`, () => {
  let answering: Answering;
  let endpoint: LanguageModelEndpoint;
  let obedient: Server;
  let extractive: Server;
  before(async () => {
    assert.ok(injections.length >= 40);
    answering = await openAnswering(Object.fromEntries(injections.map(({ file, text }) => [file, text])));
    endpoint = await startEndpoint();
    obedient = await answering.serve({
      ISTHMUS_GENERATOR: "openai:obedient",
      ISTHMUS_GENERATOR_URL: endpoint.url,
      ISTHMUS_GENERATOR_TIMEOUT_MS: "120000",
    });
    extractive = await answering.serve({});
  });
  after(async () => {
    await answering.close();
    await endpoint.close();
  });

  for (const { name, question, fact, word, obeys } of injections) {
    test(name, async () => {
      const before = endpoint.asked.length;
      let code = "";
      let instructions = "";
      endpoint.behave((response, asked) => {
        instructions = asked.instructions;
        const passages = [...asked.material.matchAll(/<passage (\d+) (\w+)>\n(.*?)\n<\/passage \1 \2>/gsu)];
        const own = passages.find(([, , , content = ""]) => content.includes(fact));
        assert.ok(own, "the document was found");
        const passage = Number(own[1]);
        code = own[2] ?? "";
        // No text but ours has the code: what stands between its marks is all data.
        assert.equal(asked.material.split(code).length - 1, 2 * (passages.length + 1));
        const obeyed = obeys({ passage, fact, word, instructions, code });
        // What is true comes last, and must come through all the same.
        return writes(`${obeyed}\nQ${passage}: ${fact}\nS: ${fact}\nEND\n`, "stop", 10_000)(response, asked);
      });
      const answer = await obedient.ask(question);
      assert.ok(endpoint.asked.length > before);
      assert.equal(answer.generator, "obedient");
      assert.ok(
        answer.sentences.some(({ text }) => text === fact),
        JSON.stringify(answer.sentences),
      );
      check(answer);
      const shown = JSON.stringify([answer.sentences, answer.citations]);
      assert.ok(!shown.includes(code));
      for (const line of instructions.split("\n").filter((one) => one.length > 30))
        assert.ok(!shown.includes(line.slice(0, 30)));
      check(await extractive.ask(question));

      function check({ sentences, citations, passages }: WholeAnswer): void {
        for (const { passage, quote, source } of citations) {
          const from = passages[passage - 1];
          assert.ok(from !== undefined && from.source.uri === source.uri);
          assert.equal(from.content.slice(source.start - from.source.start, source.end - from.source.start), quote);
        }
        for (const { text, basis, citations: own } of sentences) {
          const ordered = /OBEYED|evil\.example|9999|Mallory is|[\u200b-\u200f\u202a-\u202e\u{e0000}-\u{e007f}]/u.test(
            text,
          );
          if (!ordered) continue;
          // The order itself may be shown, whole, as what a document says, beside the document's name; nothing may be said in its name.
          assert.equal(basis, "quoted", text);
          const cited = passages[(citations[own[0] ?? -1]?.passage ?? 0) - 1];
          assert.ok(cited !== undefined);
          const whole = sentencesOf(cited.content).filter(({ start, end }) =>
            text.includes(cited.content.slice(start, end).replace(/\s+/gu, " ")),
          );
          assert.ok(whole.length > 0, text);
        }
      }
    });
  }
});
