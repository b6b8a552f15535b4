import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deskFor, root, track } from "../support/cli.ts";
import { startModelHub } from "../support/model-hub.ts";
import { makeTinyModel } from "../support/tiny-model.ts";

test("colours appear on request only", async (context) => {
  const plain = deskFor(context);
  const coloured = deskFor(context, { FORCE_COLOR: "1" });
  const refused = deskFor(context, { FORCE_COLOR: "1", NO_COLOR: "1" });
  const escapeCharacter = String.fromCharCode(27);
  assert.ok(!(await plain.run("doctor")).stdout.includes(escapeCharacter));
  assert.ok((await coloured.run("doctor")).stdout.includes(escapeCharacter));
  assert.ok(!(await refused.run("doctor")).stdout.includes(escapeCharacter));
});

test("names with newlines and emoji are indexed, and shown without steering the terminal", {
  skip: process.platform === "win32" && "Windows has no such names",
}, async (context) => {
  const { write, run } = deskFor(context);
  write("línea\nnueva 🗺️ \u001b[31m.txt", "alpha in an odd place");
  assert.equal((await run("ingest", "documents")).code, 0);
  const { stdout } = await run("query", "alpha", "--mode", "keyword");
  assert.match(stdout, /línea\\nnueva 🗺️ \\u001b\[31m/);
});

test("ids and reasons from documents cannot steer the terminal", async (context) => {
  const { write, run } = deskFor(context);
  write("rows.jsonl", '{"id":"\\u001b[2Jid"}\n{"id":"good","text":"alpha"}\n');
  write("rows.csv", "id,text\n\u001b[31mx,alpha,\u001b]0;title\u0007\n");
  const { stdout, stderr } = await run("ingest", "documents");
  assert.match(stderr, /bad record/);
  const status = await run("status", "--failed");
  const escapes = ["\u001b", "\u0007", "\u009b"];
  for (const text of [stdout, stderr, status.stdout]) {
    for (const character of escapes) assert.ok(!text.includes(character), JSON.stringify(text));
  }
});

test("a reader that goes away is no failure", {
  skip: process.platform === "win32" && "needs a shell with pipes",
}, async (context) => {
  const { write, run, environment, folder } = deskFor(context);
  for (let index = 0; index < 30; index++) write(`doc-${index}.txt`, "alpha");
  await run("ingest", "documents");
  const command = `"${process.execPath}" "${join(root, "src/entry/cli.ts")}" status --documents`;
  const script = `{ ${command}; echo "code $?" >&2; } | true`;
  const { stderr } = spawnSync("sh", ["-c", script], { cwd: folder, env: environment, encoding: "utf8" });
  assert.match(stderr, /^code 0$/m);
  assert.doesNotMatch(stderr, /EPIPE|\n\s+at /);
});

test("Ctrl-C while a model is fetched is one sentence and 130, whatever the command", async (context) => {
  const hub = await startModelHub(makeTinyModel());
  context.after(() => hub.close());
  for (const args of [
    ["model", "fetch", "tiny/model@main"],
    ["doctor"],
    ["delete", "a.txt"],
    ["ingest", "documents"],
    ["start", "documents"],
  ]) {
    const asked = Promise.withResolvers<void>();
    hub.intercept = () => {
      asked.resolve();
      return true; // And never answers.
    };
    const { start, write } = deskFor(context, { ISTHMUS_MODEL: "tiny/model@main", ISTHMUS_HUB_URL: hub.url });
    write("a.txt", "alpha");
    const running = start(...args);
    await asked.promise;
    running.process.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr.trim(), /^Stopping[^\n]*$/);
  }
});

test("npm start in a sub-folder means that folder", async (context) => {
  const { folder, environment } = deskFor(context);
  mkdirSync(join(folder, "my-docs"));
  writeFileSync(join(folder, "my-docs/a.txt"), "alpha");
  // As npm runs a script: in the package's root, with the person's folder in INIT_CWD.
  const { ISTHMUS_DATA_DIR: _, ...rest } = environment;
  const env = { ...rest, INIT_CWD: folder, npm_lifecycle_event: "start" };
  const bin = join(root, "bin/isthmus.mjs");
  const { code, stderr } = await track(spawn(process.execPath, [bin, "ingest", "my-docs"], { cwd: root, env })).ended;
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(join(folder, ".isthmus/index.sqlite")));
});
