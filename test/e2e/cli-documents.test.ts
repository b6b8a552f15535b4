import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { deskFor } from "../support/cli.ts";
import { makePdf } from "../support/parser/make-pdf.ts";
import type { ErrorAnswer, IngestAnswer, QueryAnswer } from "./cli-answers.ts";

test("delete removes a document and a folder, and asks before it removes many", async (context) => {
  const { write, run } = deskFor(context);
  for (let index = 0; index < 25; index++) write(`many/doc-${index}.txt`, `alpha ${index}`);
  const single = write("single.txt", "alpha single");
  await run("ingest", "documents");
  assert.match((await run("delete", single)).stdout, /Removed 1 document/);
  const refused = await run("delete", "documents/many", "--json");
  assert.equal(refused.code, 1);
  assert.equal(refused.json<ErrorAnswer>().error.code, "mass_delete_refused");
  assert.match(refused.stderr, /25 documents would be removed; none was.*--allow-mass-delete/);
  const names = Array.from({ length: 21 }, (_, index) => `documents/many/doc-${index}.txt`);
  assert.equal((await run("delete", ...names)).code, 1, "all arguments count together");
  const twice = await run("delete", "documents/many/doc-24.txt", "documents/many/doc-24.txt");
  assert.match(twice.stdout, /Removed 1 document/);
  assert.match((await run("delete", "documents/many", "--allow-mass-delete")).stdout, /Removed 24 documents/);
  assert.match((await run("delete", "documents/many")).stdout, /Nothing in the index/);
  const { documents } = (await run("status", "--json")).json<{ documents: number }>();
  assert.equal(documents, 0);
});

test("delete without an index makes no data folder", async (context) => {
  const { run, folder } = deskFor(context);
  const { code, stderr } = await run("delete", "a.txt");
  assert.equal(code, 1);
  assert.match(stderr, /Nothing is indexed yet/);
  assert.ok(!existsSync(join(folder, "data")));
});

test("one place of several that cannot be read does not stop the others", async (context) => {
  const { write, run } = deskFor(context);
  write("one/a.txt", "alpha one");
  write("two/b.txt", "alpha two");
  const partly = await run("ingest", "documents/one", "nowhere", "documents/two", "--json");
  assert.equal(partly.code, 2);
  const { added, failed, took_ms } = partly.json<IngestAnswer>();
  assert.deepEqual([added, failed], [2, 1]);
  assert.equal(took_ms, Math.round(took_ms * 10) / 10);
  assert.doesNotMatch(partly.stdout, /[a-z][A-Z]/, "keys in snake_case");
  assert.match(partly.stderr, /nowhere.*does not exist/);
  const none = await run("ingest", "nowhere", "neither", "--json");
  assert.equal(none.code, 1);
  assert.equal(none.json<ErrorAnswer>().error.code, "source_not_found");
  assert.match(none.stderr, /neither[\s\S]*nowhere|nowhere[\s\S]*neither/);
  assert.equal((await run("ingest", pathToFileURL(write("x.txt", "")).href)).code, 0, "a file URI is a place too");
});

test("a place over the mass-delete bounds is refused, and the next one is read", async (context) => {
  const { write, run, folder } = deskFor(context);
  for (let index = 0; index < 25; index++) write(`many/doc-${index}.txt`, `alpha ${index}`);
  await run("ingest", "documents/many");
  rmSync(join(folder, "documents/many"), { recursive: true });
  mkdirSync(join(folder, "documents/many"));
  write("two/b.txt", "alpha two");
  const partly = await run("ingest", "documents/many", "documents/two", "--json");
  assert.equal(partly.code, 2);
  assert.equal(partly.json<IngestAnswer>().added, 1);
  assert.match(partly.stderr, /25 of 25 documents .* would be removed/);
});

test("status, query and delete take a path, a readable URI, and do not reach into a neighbour", async (context) => {
  const { write, run, folder } = deskFor(context);
  write("sub dir/a.txt", "alpha one");
  write("sub dir-old/b.txt", "alpha two");
  write("sub dir/a.txt.bak", "alpha three");
  await run("ingest", "documents");
  const statusOf = async (place: string) =>
    (await run("status", place, "--json")).json<{ documents: number }>().documents;
  const readableUri = `file://${join(folder, "documents", "sub dir")}`;
  assert.equal(await statusOf("documents/sub dir"), 2);
  assert.equal(await statusOf("documents/sub dir/a.txt"), 1);
  if (process.platform !== "win32") assert.equal(await statusOf(readableUri), 2);
  assert.equal(await statusOf(pathToFileURL(join(folder, "documents")).href), 3);
  const unknown = await run("status", "documents/sub");
  assert.match(unknown.stdout, /^Nothing in the index under .*sub/);
  for (const prefix of ["documents/sub dir-old", pathToFileURL(join(folder, "documents/sub dir-old/")).href]) {
    const asked = (await run("query", "alpha", "--prefix", prefix, "--json")).json<QueryAnswer>();
    assert.deepEqual(
      asked.results.map((result) => result.content),
      ["alpha two"],
    );
  }
  rmSync(join(folder, "documents/sub dir"), { recursive: true });
  assert.match((await run("delete", "documents/sub dir")).stdout, /Removed 2 documents/);
  assert.equal(await statusOf("documents"), 1);
});

test("status names what was skipped and which records were left out", async (context) => {
  const { write, run } = deskFor(context);
  write("picture.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]));
  write("rows.jsonl", '{"text":"alpha"}\nno json\nno json\nno json\nno json\n');
  assert.equal((await run("ingest", "documents")).code, 2);
  const { stdout } = await run("status", "--documents");
  assert.match(stdout, /picture\.png {2}skipped: /);
  assert.match(stdout, /4 of its records were left out: #2 .*; #3 .*; #4 .*; and 1 more/);
});

test("a note of how a document was read is told on request, and is no loss", async (context) => {
  const { write, run } = deskFor(context);
  const texts = [{ x: 72, y: 300, text: "Zebras graze on the plains of Africa from dawn to dusk.", turned: 30 }];
  const file = write("turned.pdf", makePdf([{ texts }]));
  const ingested = await run("ingest", "documents");
  assert.equal(ingested.code, 0, ingested.stderr);
  assert.doesNotMatch(ingested.stdout + ingested.stderr, /turned|loss|note/);
  const note = /note: page 1: Text is turned by odd angles/;
  const listed = (await run("status", "--documents")).stdout;
  assert.match(listed, note);
  assert.doesNotMatch(listed, /left out/);
  assert.doesNotMatch((await run("status")).stdout, /turned/);
  const shown = await run("ingest", "--show", file);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, note);
  const planned = (await run("plan", "documents", "--json")).json<{ sample: { bad_records: number } }>();
  assert.equal(planned.sample.bad_records, 0);
});
