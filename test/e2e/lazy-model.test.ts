import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createDesk } from "../support/cli.ts";
import { HUB_COMMIT, startModelHub } from "../support/model-hub.ts";
import { makeTinyModel } from "../support/tiny-model.ts";

/**
 * A desk with one document indexed by a model that was fetched, whose graph and tokenizer are then damaged: whatever loads
 * the model fails from here on, so what still works does without it.
 */
async function deskWithDamagedModel(context: TestContext) {
  const hub = await startModelHub(makeTinyModel());
  context.after(() => hub.close());
  const desk = createDesk({ ISTHMUS_MODEL: "tiny/model@main", ISTHMUS_HUB_URL: hub.url });
  context.after(() => desk.clear());
  desk.write("a.txt", "The cat sat on the mat.");
  const indexed = await desk.run("ingest", "documents");
  assert.equal(indexed.code, 0, indexed.stderr);
  const files = ["onnx/model.onnx", "tokenizer.json"].map((file) => {
    const path = join(desk.folder, "data/models/tiny/model", HUB_COMMIT, file);
    return { path, whole: readFileSync(path) };
  });
  for (const { path } of files) writeFileSync(path, "damaged");
  const mend = () => {
    for (const { path, whole } of files) writeFileSync(path, whole);
  };
  return { ...desk, mend };
}

test("commands load no model before a text needs it", async (context) => {
  const { run, write, mend } = await deskWithDamagedModel(context);
  const unchanged = await run("ingest", "documents");
  assert.match(unchanged.stdout, /^0 added, 0 changed, 0 removed, 1 unchanged /, unchanged.stderr);
  for (const args of [
    ["status"],
    ["model", "show"],
    ["query", "cat", "--mode", "keyword"],
    ["delete", "documents/a.txt"],
  ]) {
    const finished = await run(...args);
    assert.equal(finished.code, 0, `${args.join(" ")}: ${finished.stderr}`);
  }

  write("b.txt", "A rocket engine reached orbit.");
  for (const args of [
    ["ingest", "documents"],
    ["query", "engine"],
  ]) {
    const finished = await run(...args);
    assert.equal(finished.code, 1, args.join(" "));
    assert.match(finished.stderr, /isthmus: The model file .* is damaged/);
  }
  mend();
  assert.equal((await run("ingest", "documents")).code, 0);
  const found = await run("query", "engine", "--json");
  assert.match(found.stdout, /A rocket engine reached orbit\./, found.stderr);
});

test("a server loads its model at once, and ends with what keeps it from loading", async (context) => {
  const { start, mend } = await deskWithDamagedModel(context);
  for (const args of [["serve"], ["start", "documents"]]) {
    const starting = start(...args);
    const [said] = await starting.seen(/The model file .* is damaged|Serving|Try next/);
    assert.match(said, /damaged/, args.join(" "));
    assert.equal((await starting.ended).code, 1);
  }
  mend();
  const serving = start("serve");
  const [, url] = await serving.seen(/Serving (http:\S+)/);
  const answer = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "cat" }),
  });
  assert.equal(answer.status, 200);
});
