import assert from "node:assert/strict";
import { appendFileSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createDirectorySource } from "../../src/adapters/source/directory.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import type { IngestSummary } from "../../src/core/ingest-types.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import type { Range } from "../../src/core/plan/range.ts";
import type { Source } from "../../src/core/ports.ts";
import { type PlannedOptions, planFolder, planSource } from "../support/planned.ts";
import { createSeeded } from "../support/seeded.ts";
import { createWorkspace, openTestEngine, type Workspace } from "../support/workspace.ts";

const vocabulary = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi".split(" ");

/** Sentences of 4 to 20 words; half the time, numbers among them, so that no two texts are alike. */
function prose(random: () => number, words: number): string {
  const written: string[] = [];
  while (written.length < words) {
    const length = 4 + Math.floor(random() * 16);
    const sentence = Array.from({ length }, () => vocabulary[Math.floor(random() * vocabulary.length)] ?? "");
    written.push(...sentence.slice(0, -1), `${sentence.at(-1)}${Math.floor(random() * 1000)}.`);
  }
  return written.slice(0, words).join(" ");
}

function inside(range: Range, truth: number, what: string): void {
  const { low, expected, high } = range;
  assert.ok(low <= truth && truth <= high, `${what}: ${truth} is not within ${low} to ${high} (${expected})`);
}

/** Half of the range as a share of the estimate: an estimate of anything says nothing. */
function uncertainty({ low, expected, high }: Range): number {
  return (high - low) / 2 / expected;
}

suite("a plan, against the ingest that it foretells", () => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = createWorkspace();
  });
  afterEach(() => workspace.remove());

  async function both(options: PlannedOptions = {}): Promise<{ plan: Plan; truth: IngestSummary; records: number }> {
    const plan = await planFolder(workspace.documents, options);
    const engine = await openTestEngine(workspace, options.format === undefined ? {} : { format: options.format });
    try {
      const truth = await engine.ingest();
      const rows = await engine.writer.page("", undefined, 1000);
      const records = rows.reduce((sum, row) => sum + (row.current?.records ?? 0), 0);
      return { plan, truth, records };
    } finally {
      await engine.close();
    }
  }

  test("many files of one size", async () => {
    const random = createSeeded(1);
    for (let file = 0; file < 500; file++) writeFileSync(workspace.path(`${file}.txt`), prose(random, 120));
    const { plan, truth } = await both();
    assert.equal(plan.survey.added, truth.added);
    // Which documents are read is drawn by their names, and a range of 95 % misses one draw of twenty: so five draws, of which three must hold.
    const draws = [plan];
    for (const name of ["second", "third", "fourth", "fifth"]) {
      const copy = `${workspace.documents}-${name}`;
      cpSync(workspace.documents, copy, { recursive: true });
      draws.push(await planFolder(copy));
      rmSync(copy, { recursive: true });
    }
    const held = draws.filter(({ all: { chunks } }) => chunks.low <= truth.chunks && truth.chunks <= chunks.high);
    assert.ok(held.length >= 3, `${held.length} of 5 draws hold ${truth.chunks} chunks`);
    for (const { sample, all } of draws) {
      assert.ok(sample.documents < 100, `${sample.documents} documents were read`);
      assert.ok(uncertainty(all.chunks) < 0.1, `uncertain by ${uncertainty(all.chunks)}`);
    }
  });

  test("files of all sizes and kinds", async () => {
    const random = createSeeded(2);
    for (let file = 0; file < 400; file++) {
      const words = Math.floor(10 * Math.exp(random() * 5));
      const text = prose(random, words);
      if (file % 3 === 0) writeFileSync(workspace.path(`${file}.md`), `# Title ${file}\n\n${text}\n`);
      else if (file % 3 === 1) writeFileSync(workspace.path(`${file}.txt`), text);
      else
        writeFileSync(
          workspace.path(`${file}.html`),
          `<html><body><script>${"x".repeat(words)}</script><p>${text}</p>`,
        );
    }
    const { plan, truth } = await both({ documents: 100 });
    assert.ok(plan.sample.documents < 200, `${plan.sample.documents} documents were read`);
    inside(plan.all.chunks, truth.chunks, "chunks");
    assert.ok(uncertainty(plan.all.chunks) < 0.35, `uncertain by ${uncertainty(plan.all.chunks)}`);
  });

  test("a huge file of lines beside small ones is read by its beginning alone", async () => {
    const random = createSeeded(3);
    const huge = workspace.path("huge.txt");
    writeFileSync(huge, "");
    for (let block = 0; block < 100; block++) {
      const lines = Array.from({ length: 200 }, () => prose(random, 10 + Math.floor(random() * 50)));
      appendFileSync(huge, `${lines.join("\n")}\n`);
    }
    for (let file = 0; file < 50; file++) writeFileSync(workspace.path(`${file}.md`), prose(random, 100));
    const { plan, truth, records } = await both({ format: "lines" });
    assert.ok(plan.survey.bytes > 3.5e6, `${plan.survey.bytes} bytes`);
    assert.ok(plan.sample.bytes < 2e6, `${plan.sample.bytes} bytes were read`);
    inside(plan.all.chunks, truth.chunks, "chunks");
    inside(plan.all.records, records, "records");
    assert.ok(uncertainty(plan.all.chunks) < 0.2, `uncertain by ${uncertainty(plan.all.chunks)}`);
    assert.deepEqual(
      plan.kinds.map(({ kind, read, begun }) => [kind, read, begun]),
      [
        ["text/plain", 1, 1],
        ["text/markdown", 50, 0],
      ],
      "the huge file leaves bytes for the small ones",
    );
    const largest = plan.largest.chunks.expected;
    assert.ok(largest > 0.9 * plan.all.chunks.expected, "the huge file is most of the work");
  });

  test("JSON lines and CSV, larger than what is read of them", async () => {
    const random = createSeeded(4);
    const objects = Array.from({ length: 6000 }, (_, id) =>
      JSON.stringify({ id, title: `Record ${id}`, text: prose(random, 20 + Math.floor(random() * 100)), tag: "x" }),
    );
    writeFileSync(workspace.path("records.jsonl"), objects.join("\n"));
    const rows = Array.from({ length: 9000 }, (_, id) => `${id},"${prose(random, 15 + Math.floor(random() * 40))}"`);
    writeFileSync(workspace.path("rows.csv"), `id,text\n${rows.join("\n")}\n`);
    const { plan, truth, records } = await both();
    assert.ok(plan.sample.bytes < plan.survey.bytes / 2, `${plan.sample.bytes} of ${plan.survey.bytes} bytes`);
    assert.equal(plan.sample.faults, 0, "a record that the cut broke is no fault of the file's");
    inside(plan.all.chunks, truth.chunks, "chunks");
    inside(plan.all.records, records, "records");
    assert.ok(uncertainty(plan.all.records) < 0.25, `uncertain by ${uncertainty(plan.all.records)}`);
  });

  test("the sample keeps to its bytes", async () => {
    const random = createSeeded(8);
    for (let file = 0; file < 60; file++) writeFileSync(workspace.path(`${file}.md`), prose(random, 12_000));
    const { plan, truth } = await both({ documents: 60, bytes: 2 ** 20 });
    const each = plan.survey.bytes / 60;
    assert.ok(plan.sample.bytes > 2 ** 20 - 2 * each && plan.sample.bytes <= 2 ** 20, `${plan.sample.bytes} bytes`);
    inside(plan.all.chunks, truth.chunks, "chunks");
  });

  test("what is read whole is counted, not estimated", async () => {
    const random = createSeeded(5);
    for (let file = 0; file < 20; file++) writeFileSync(workspace.path(`${file}.txt`), prose(random, 300));
    const { plan, truth } = await both({ documents: 1000 });
    assert.deepEqual(plan.all.chunks, { low: truth.chunks, expected: truth.chunks, high: truth.chunks });
    assert.equal(plan.sample.counted, true);
  });

  test("what would be skipped, fail or be empty is counted by its kind", async () => {
    const random = createSeeded(6);
    writeFileSync(workspace.path("picture.png"), "\x89PNG");
    writeFileSync(workspace.path("nothing.txt"), "");
    writeFileSync(workspace.path("large.txt"), prose(random, 200_000));
    writeFileSync(workspace.path("one-value.json"), `[${"1, ".repeat(400_000)}1]`);
    writeFileSync(workspace.path("large.json"), `${JSON.stringify({ text: "one ".repeat(300) })}\n`.repeat(1000));
    for (let file = 0; file < 6; file++) writeFileSync(workspace.path(`broken${file}.txt`), "a\0b");
    writeFileSync(workspace.path("good.txt"), "fine");
    const { plan, truth } = await both({ documents: 1000, bytes: 2 ** 23 });
    const left = plan.survey.leftOut.map(({ outcome, kind, code, documents }) => [outcome, kind, code, documents]);
    assert.deepEqual(left.toSorted(), [
      ["empty", "text/plain", "content_blank", 1],
      ["failed", "text/plain", "source_too_large", 1],
      ["skipped", ".png", "content_unsupported", 1],
    ]);
    assert.deepEqual(
      plan.unusable.map(({ outcome, kind, code, read, expected }) => [outcome, kind, code, read, expected]),
      [
        ["failed", "text/plain", "content_unsupported", 6, 6],
        ["failed", "application/json", "source_too_large", 1, 1],
      ],
    );
    assert.deepEqual([truth.skipped, truth.failed, truth.empty, truth.added], [1, 8, 1, 2]);
    assert.deepEqual([plan.survey.added, plan.survey.objects], [9, 12]);
    inside(plan.all.records, 1001, "records of the file that proved to hold one object a line");
  });

  test("a record longer than what is read of its file is said to be so", async () => {
    const random = createSeeded(9);
    writeFileSync(workspace.path("one.jsonl"), JSON.stringify({ text: prose(random, 300_000) }));
    const { unusable, all, sample, kinds } = await planFolder(workspace.documents);
    assert.deepEqual(
      unusable.map(({ outcome, code, read }) => [outcome, code, read]),
      [["failed", "record_too_large", 1]],
    );
    const { low, expected, high } = all.chunks;
    assert.ok(low === 0 && expected > 500 && high > expected, `${low} to ${high}, ${expected} expected`);
    assert.equal(sample.counted, false);
    assert.deepEqual(
      kinds.map(({ read, begun, guessed }) => [read, begun, guessed]),
      [[1, 0, 1]],
    );
  });

  test("a beginning without any record is not the whole", async () => {
    const random = createSeeded(12);
    const object = JSON.stringify({ text: prose(random, 50) });
    writeFileSync(workspace.path("late.jsonl"), `${`${" ".repeat(50_000)}\n`.repeat(8)}${`${object}\n`.repeat(100)}`);
    const { plan, truth } = await both({ bytes: 2 ** 18 });
    assert.equal(truth.chunks, 100);
    assert.ok(plan.sample.bytes < 400_000, `${plan.sample.bytes} bytes were read`);
    assert.deepEqual([plan.all.chunks.low, plan.sample.counted, plan.kinds[0]?.guessed], [0, false, 1]);
    inside(plan.all.chunks, truth.chunks, "chunks");
  });

  test("a sample that fails does not make the rest nothing", async () => {
    const random = createSeeded(10);
    for (let file = 0; file < 300; file++) writeFileSync(workspace.path(`${file}.txt`), prose(random, 120));
    const { survey } = await planFolder(workspace.documents, { documents: 5 });
    const inTurn = survey.strata.flatMap((stratum) => stratum.drawn.slice(0, 5).map(({ ref }) => ref.uri));
    // A fifth is good; those that the plan happens to read are not.
    for (let file = 0; file < 300; file++) {
      const path = workspace.path(`${file}.txt`);
      if (file % 5 > 0 || inTurn.includes(pathToFileURL(path).href)) writeFileSync(path, `%PDF-1.7 ${"x".repeat(800)}`);
    }
    const { plan, truth } = await both({ documents: 5 });
    assert.ok(truth.added > 50 && truth.added < 61, `${truth.added} are good`);
    assert.ok(plan.sample.documents < 20, `${plan.sample.documents} were read`);
    assert.deepEqual([plan.all.chunks.expected, plan.sample.counted, plan.kinds[0]?.guessed], [0, false, 300]);
    inside(plan.all.chunks, truth.chunks, "chunks");
    inside(plan.all.records, truth.added, "records");
    writeFileSync(workspace.path("good.md"), prose(random, 120));
    const beside = await planFolder(workspace.documents, { documents: 5 });
    inside(beside.all.chunks, truth.chunks, "chunks, where another kind tells what texts hold");
  });

  test("a document that may be read at another time tells nothing", async () => {
    const random = createSeeded(11);
    for (let file = 0; file < 6; file++) writeFileSync(workspace.path(`${file}.txt`), prose(random, 120));
    const source = await createDirectorySource(workspace.documents, { hashBytes: 0 });
    const busy: Source = {
      ...source,
      // biome-ignore lint/correctness/useYield: it fails before the first byte.
      async *read() {
        throw new IsthmusError("source_unavailable", "Busy.");
      },
    };
    try {
      const { all, sample, unusable } = await planSource(busy, { documents: 1000 });
      assert.deepEqual(
        unusable.map(({ code, read }) => [code, read]),
        [["source_unavailable", 6]],
      );
      assert.ok(all.chunks.high > 6 && all.chunks.expected > 0, JSON.stringify(all.chunks));
      assert.equal(sample.counted, false);
    } finally {
      await source.close();
    }
  });

  test("an index that is up to date leaves nothing to be done; a change and a removal are seen", async () => {
    for (const name of ["a.txt", "b.txt", "c.txt"]) writeFileSync(workspace.path(name), `text of ${name}`);
    const engine = await openTestEngine(workspace);
    try {
      await engine.ingest();
      const look = (hashBytes: number) =>
        planFolder(workspace.documents, { manifest: engine.writer, hashBytes }).then(({ survey }) => survey);
      const upToDate = await look(2 ** 20);
      assert.deepEqual([upToDate.unchanged, upToDate.added, upToDate.changed, upToDate.removed], [3, 0, 0, 0]);
      const unread = await look(0);
      assert.deepEqual([unread.unchanged, unread.changed, unread.uncompared], [0, 3, 3]);
      assert.equal(unread.outdated, 0);
      writeFileSync(workspace.path("a.txt"), "text of A.TXT");
      writeFileSync(workspace.path("d.txt"), "text of d");
      await engine.source.head(`${engine.source.scope}a.txt`);
      rmSync(workspace.path("b.txt"));
      const later = await look(2 ** 20);
      assert.deepEqual([later.unchanged, later.added, later.changed, later.removed], [1, 1, 1, 1]);
      assert.equal(later.uncompared, 0, "the change was seen, though the size is the same");
    } finally {
      await engine.close();
    }
  });
});
