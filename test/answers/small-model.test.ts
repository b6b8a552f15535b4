// A real language model that invents freely: nothing of it that is not in the documents reaches a reader. More questions: see the suite beside this one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type LanguageModelPeer, languageModel, startLanguageModel } from "../peers/language-model.ts";
import { type Answering, openAnswering, type Server } from "../support/answering.ts";
import { assertHeldToFiles } from "./small-model.ts";

const peer = languageModel();

const documents = {
  "backups.md":
    "# Backups\n\nBackups are kept for 30 days. They lie in another region, encrypted with the key of the vault.\n",
  "keys.md":
    "# Keys\n\nTwo keys are valid during a rotation. A key is never written to a log. A rotation takes 90 minutes.\n",
  "heron.md": "# Herons\n\nThe heron eats fish at dawn. It is 98 cm tall and weighs 1.5 kg.\n",
};

describe("a small language model that invents freely", { skip: peer.skip }, () => {
  let answering: Answering;
  let model: LanguageModelPeer;
  let server: Server;
  before(async () => {
    [answering, model] = await Promise.all([openAnswering(documents), startLanguageModel()]);
    server = await answering.serve({
      ISTHMUS_GENERATOR: "openai:smollm2-135m",
      ISTHMUS_GENERATOR_URL: model.url,
      ISTHMUS_GENERATOR_MAX_PASSAGES: "3",
      ISTHMUS_GENERATOR_MAX_PASSAGE_TOKENS: "400",
      ISTHMUS_GENERATOR_MAX_OUTPUT_TOKENS: "90",
      ISTHMUS_GENERATOR_TIMEOUT_MS: "600000",
    });
  });
  after(async () => {
    await answering?.close();
    await model?.stop();
  });

  for (const question of [
    "How long are backups kept?",
    "How tall is the heron?",
    "How long does a rotation of keys take?",
  ]) {
    test(question, async (context) => {
      const answer = await server.ask(question);
      context.diagnostic(assertHeldToFiles(answer));
      assert.equal(answer.generator, "smollm2-135m");
      assert.ok(answer.usage.output_tokens > 0, "it has written");
      const { unquoted, unsupported, garbled, surplus } = answer.dropped;
      assert.ok(answer.sentences.length + unquoted + unsupported + garbled + surplus > 0);
    });
  }
});
