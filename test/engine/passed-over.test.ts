import assert from "node:assert/strict";
import { test } from "node:test";
import type { IngestEvent } from "../../src/core/ingest-types.ts";
import { makeArchiveZip } from "../support/parser/make-archive.ts";
import { makePdf } from "../support/parser/make-pdf.ts";
import { setUp, uriOf, write } from "./folder-engine.ts";

const png = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

test("files in an archive that are not read are told, counted and kept in its state, and are no faults", async (context) => {
  const { workspace, engine } = await setUp(context);
  const pictures = Array.from({ length: 13 }, (_, index) => ({ name: `p${index + 10}.png`, content: png }));
  write(workspace, "all.zip", await makeArchiveZip([{ name: "a.txt", content: "zebra" }, ...pictures]));
  write(workspace, "none.zip", await makeArchiveZip([{ name: "b.png", content: png }]));
  const events: IngestEvent[] = [];
  const summary = await engine.ingest({ onEvent: (event) => events.push(event) });
  assert.deepEqual([summary.added, summary.empty, summary.passedOver, summary.failed], [1, 1, 14, 0]);
  const told = events.filter((event) => event.kind === "passed-over");
  assert.equal(told.length, 14);
  assert.match(told[0]?.reason ?? "", /of a kind that is not read/);
  const [all, none] = await engine.writer.entries([uriOf(workspace, "all.zip"), uriOf(workspace, "none.zip")]);
  assert.equal(all?.current?.faultCount, 0);
  assert.deepEqual(
    all?.current?.faults.map(({ id, code }) => `${id} ${code}`),
    [...pictures.slice(0, 10).map(({ name }) => `${name} content_skipped`), "(others) content_skipped"],
  );
  assert.match(all?.current?.faults.at(-1)?.reason ?? "", /^3 more files/);
  assert.equal(none?.current?.faultCount, 1);
  assert.deepEqual(
    none?.current?.faults.map(({ code }) => code),
    ["content_empty", "content_skipped"],
  );
  assert.equal((await engine.ingest()).passedOver, 0);
});

test("notes of how files were read stand in the state behind what counts, the first ten, and count nowhere", async (context) => {
  const { workspace, engine } = await setUp(context);
  const turned = makePdf([
    { texts: [{ x: 72, y: 300, text: "Zebras graze on the plains of Africa.".repeat(2), turned: 30 }] },
  ]);
  const pdfs = Array.from({ length: 12 }, (_, index) => ({ name: `p${index + 10}.pdf`, content: turned }));
  write(workspace, "all.zip", await makeArchiveZip([{ name: "p00.png", content: png }, ...pdfs]));
  const events: IngestEvent[] = [];
  const summary = await engine.ingest({ onEvent: (event) => events.push(event) });
  assert.deepEqual([summary.added, summary.faults, summary.passedOver], [1, 0, 1]);
  assert.deepEqual(
    events.filter(({ kind }) => kind === "fault"),
    [],
  );
  const [all] = await engine.writer.entries([uriOf(workspace, "all.zip")]);
  assert.equal(all?.current?.faultCount, 0);
  assert.deepEqual(
    all?.current?.faults.map(({ id, code }) => `${id} ${code}`),
    [...pdfs.slice(0, 10).map(({ name }) => `${name}#page 1 content_note`), "p00.png content_skipped"],
  );
});
