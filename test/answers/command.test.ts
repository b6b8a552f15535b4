// `isthmus ask` and `isthmus doctor` with a language model, as a person types them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deskFor } from "../support/cli.ts";
import { refuses, startEndpoint, writes } from "../support/language-model.ts";

const good = writes("Q1: kept for 30 days\nS: Backups are kept for 30 days.\nEND\n");

test("ask prints what was verified, its quote, and what it cost; doctor says whether the model is of use", async (context) => {
  const endpoint = await startEndpoint(good);
  context.after(() => endpoint.close());
  const { write, run, folder } = deskFor(context, {
    ISTHMUS_GENERATOR: "openai:gpt-4.1-mini",
    ISTHMUS_GENERATOR_URL: endpoint.url,
    ISTHMUS_GENERATOR_TIMEOUT_MS: "120000",
  });
  write("handbook.md", "# Backups\n\nBackups are kept for 30 days. They lie in another region.\n");
  const ingested = await run("ingest", `${folder}/documents`);
  assert.equal(ingested.code, 0, ingested.stderr);

  const asked = await run("ask", "How long are backups kept?");
  assert.equal(asked.code, 0, asked.stderr);
  assert.match(asked.stdout, /^Backups are kept for 30 days\.$/m);
  assert.match(asked.stdout, /gpt-4\.1-mini, 100 tokens in, 20 out, \$0\.000072$/m);

  const healthy = await run("doctor");
  assert.match(
    healthy.stdout,
    /ok {4}language model: openai:gpt-4\.1-mini answered in \d+ ms, and its answer could be verified; priced as of /,
  );

  endpoint.behave(writes("Of course! They are kept for a month."));
  assert.match((await run("doctor")).stdout, /note {2}language model: .*nothing of its answer could be verified/);

  endpoint.behave(refuses(401));
  const failed = await run("ask", "How long are backups kept?", "--json");
  assert.equal(failed.code, 0);
  const answer = failed.json<Record<string, unknown>>();
  assert.deepEqual(
    [answer["degraded"], answer["degraded_reason"], answer["generator"], answer["abstained"]],
    [true, "generator_misconfigured", "extractive", false],
  );
  assert.match(failed.stderr, /answered 401 \(code_401\)\. Check ISTHMUS_GENERATOR_API_KEY/);
  const sick = await run("doctor");
  assert.equal(sick.code, 1);
  assert.match(sick.stdout, /FAIL {2}language model: .*answered 401/);
});

test("faults of its settings are told all at once, before anything is asked", async (context) => {
  const { run } = deskFor(context, {
    ISTHMUS_GENERATOR: "bedrock:amazon.nova-lite-v1:0",
    ISTHMUS_GENERATOR_API_KEY: "a-key",
    AWS_REGION: "",
  });
  const { code, stderr } = await run("ask", "why?");
  assert.equal(code, 1);
  assert.match(stderr, /bedrock takes no key: its identity is the role/);
  assert.match(stderr, /neither ISTHMUS_GENERATOR_REGION nor AWS_REGION is set/);
  assert.ok(!stderr.includes("a-key"));
  const other = deskFor(context, { ISTHMUS_GENERATOR: "gpt-4" });
  assert.match(
    (await other.run("ask", "why?")).stderr,
    /ISTHMUS_GENERATOR is "gpt-4"; it is extractive, or <provider>:<model>/,
  );
});

test("a few words are answered by what is said of them, and no identifier by its neighbour", async (context) => {
  const { write, run, folder } = deskFor(context);
  const birds = {
    kestrel: "The kestrel KX-99 hovers over the motorway.",
    gannet: "A gannet colony holds ten thousand pairs.",
    tern: "The first tern arrives in April.",
    puffin: "The third tern was ringed by hand.",
    heron: "The heron fishes in deep water at dawn.",
  };
  for (const [name, said] of Object.entries(birds)) write(`${name}.md`, `${said}\n`);
  const ingested = await run("ingest", `${folder}/documents`);
  assert.equal(ingested.code, 0, ingested.stderr);
  const ask = async (words: string) => (await run("ask", words, "--json")).json<Record<string, unknown>>();
  for (const [words, said] of [
    ["kestrel KX-99", birds.kestrel],
    ["gannet colony", birds.gannet],
    ["third tern", birds.puffin],
  ] as const) {
    const { abstained, sentences } = await ask(words);
    assert.deepEqual([abstained, (sentences as { text: string }[])[0]?.text], [false, said], words);
  }
  const { abstained, reason } = await ask("kestrel KX-98");
  assert.deepEqual([abstained, reason], [true, "not_answerable"]);
});

test("what a page of questions says is found, whatever form its questions have, and no reply is said of another's", async (context) => {
  const { write, run, folder } = deskFor(context, {});
  write(
    "questions.md",
    "# Questions\n\n## May I bring my dog?\n\nYes, on Fridays.\n\n## Do contractors get a laptop?\n\nNo. They bring their own.\n\n" +
      "**Is the gym free?**\n\nOnly for employees.\n\nWho pays for parking? You do. The company does not.\n",
  );
  write("shop.html", "<h1>Help</h1><h3>Do you ship to Norway?</h3><p>No, we do not.</p>");
  const ingested = await run("ingest", `${folder}/documents`);
  assert.equal(ingested.code, 0, ingested.stderr);
  for (const [question, first] of [
    ["May I bring my dog?", /^Yes, on Fridays\.$/],
    ["Do contractors get a laptop?", /^No\. They bring their own\.$/],
    ["Is the gym free?", /Is the gym free\?.*\n+Only for employees\./],
    ["Who pays for parking?", /Who pays for parking\?\nYou do\.|The company does not\./],
    ["Do you ship to Norway?", /^No, we do not\.$/],
  ] as const) {
    const { sentences } = (await run("ask", question, "--json")).json<{ sentences: { text: string }[] }>();
    const said = sentences.map(({ text }) => text);
    assert.match(said[0] ?? "", first, question);
    const alone = said.filter((text) => /^(?:You do|Only for employees)\./.test(text));
    assert.deepEqual(alone, [], question);
  }
});
