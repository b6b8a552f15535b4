// The same as small-model.test.ts over the project's own docs and the questions asked of them. Some minutes: run by name alone.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type LanguageModelPeer, languageModel, startLanguageModel } from "../peers/language-model.ts";
import { type Answering, openAnswering, type Server } from "../support/answering.ts";
import { root } from "../support/cli.ts";
import { assertHeldToFiles } from "./small-model.ts";

const peer = languageModel();
const questions = ["docs-set", "docs-answers"]
  .flatMap((set) => readFileSync(join(root, "eval", set, "queries.jsonl"), "utf8").split("\n"))
  .filter((line) => line !== "")
  .map((line) => (JSON.parse(line) as { text: string }).text);

describe(`a small language model on ${questions.length} questions of the project's docs`, { skip: peer.skip }, () => {
  let answering: Answering;
  let model: LanguageModelPeer;
  let server: Server;
  before(async () => {
    const docs = globSync("docs/**/*.md", { cwd: root });
    const documents = Object.fromEntries(docs.map((path) => [path, readFileSync(join(root, path), "utf8")]));
    [answering, model] = await Promise.all([openAnswering(documents), startLanguageModel()]);
    server = await answering.serve({
      ISTHMUS_GENERATOR: "openai:smollm2-135m",
      ISTHMUS_GENERATOR_URL: model.url,
      ISTHMUS_GENERATOR_MAX_PASSAGES: "3",
      ISTHMUS_GENERATOR_MAX_PASSAGE_TOKENS: "800",
      ISTHMUS_GENERATOR_MAX_OUTPUT_TOKENS: "120",
      ISTHMUS_GENERATOR_TIMEOUT_MS: "600000",
    });
  });
  after(async () => {
    await answering?.close();
    await model?.stop();
  });

  test("nothing unverified and no unsupported number is shown", async (context) => {
    const totals = { asked: 0, shown: 0, unquoted: 0, unsupported: 0, garbled: 0, surplus: 0 };
    for (const question of questions) {
      const answer = await server.ask(question);
      assertHeldToFiles(answer);
      if (answer.usage.output_tokens > 0) totals.asked += 1;
      totals.shown += answer.sentences.length;
      for (const reason of ["unquoted", "unsupported", "garbled", "surplus"] as const)
        totals[reason] += answer.dropped[reason];
    }
    context.diagnostic(JSON.stringify(totals));
    assert.ok(totals.asked > 0);
  });
});
