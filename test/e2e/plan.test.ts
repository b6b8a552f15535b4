import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import type { Range } from "../../src/core/plan/range.ts";
import { createDesk, type Desk, root } from "../support/cli.ts";

interface PlanAnswer {
  readonly documents: Readonly<
    Record<"found" | "new" | "changed" | "uncompared" | "unchanged", number> & { readonly removed: number | null }
  >;
  readonly left_out: readonly { readonly kind: string; readonly documents: number }[];
  readonly kinds: readonly { readonly kind: string; readonly documents: number; readonly chunks: Range }[];
  readonly total: Readonly<Record<"records" | "chunks" | "characters" | "tokens", Range>>;
  readonly rate: { readonly from: string | null; readonly chunks_per_second: Range | null; readonly texts?: number };
  readonly seconds: Range | null;
  readonly prices: { readonly as_of: string; readonly currency: string };
  readonly once: { readonly sum: Range; readonly lines: readonly { readonly price: string }[] } | null;
  readonly month: { readonly production: { readonly sum: Range; readonly without_price: readonly string[] } };
}

suite("isthmus plan", () => {
  let desk: Desk;
  beforeEach(() => {
    desk = createDesk();
  });
  afterEach(() => desk.clear());

  test("foretells the ingest, writes nothing, and then has nothing to foretell", async () => {
    desk.write("guide.md", `# Backups\n\n${"Backups are kept for thirty days, says the zebrafish. ".repeat(60)}`);
    desk.write("people.csv", "id,name,city\n1,Ada,London\n2,Grace,New York\n");
    desk.write("picture.png", "\x89PNG");
    const planned = await desk.run("plan", "documents", "--json");
    assert.equal(planned.code, 0, planned.stderr);
    assert.ok(!existsSync(join(desk.folder, "data")), "no data folder is made");
    const plan = planned.json<PlanAnswer>();
    assert.deepEqual([plan.documents.found, plan.documents.new, plan.documents.unchanged], [3, 2, 0]);
    assert.deepEqual(plan.left_out, [
      { outcome: "skipped", code: "content_unsupported", kind: ".png", documents: 1, bytes: 5 },
    ]);
    assert.equal(plan.rate.from, "measured");
    assert.ok((plan.rate.texts ?? 0) > 0 && (plan.rate.chunks_per_second?.expected ?? 0) > 0);
    assert.ok((plan.seconds?.expected ?? 0) > 0 && (plan.once?.sum.expected ?? 0) > 0);

    const ingested = await desk.run("ingest", "documents", "--json");
    assert.equal(ingested.code, 0, ingested.stderr);
    const { chunks } = ingested.json<{ chunks: number }>();
    assert.deepEqual(plan.total.chunks, { low: chunks, expected: chunks, high: chunks });

    const again = await desk.run("plan", "documents", "--json");
    const nothing = again.json<PlanAnswer>();
    assert.deepEqual([nothing.documents.unchanged, nothing.documents.new, nothing.documents.removed], [2, 0, 0]);
    assert.deepEqual([nothing.total.chunks.high, nothing.rate.from, nothing.once?.sum.high], [0, null, 0]);
    const told = await desk.run("plan", "documents");
    assert.match(told.stdout, /0 new, 0 changed, 2 unchanged\n.*\nNothing is to be indexed\.\n$/);
    assert.equal(told.code, 0);

    for (const { stdout, stderr } of [planned, again, told]) {
      assert.ok(!`${stdout}${stderr}`.includes("zebrafish"), "no text of a document is told");
    }
  });

  test("with a rate nothing is measured; people get a table, a span of time and dated dollars", async () => {
    for (let file = 0; file < 30; file++)
      desk.write(`notes/${file}.txt`, `Note ${file}. ${"More words follow. ".repeat(20 + file)}`);
    const { stdout, stderr, code } = await desk.run(
      "plan",
      "documents",
      "--rate",
      "2.5",
      "--shards",
      "3",
      "--sample",
      "5",
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^30 documents, .* 30 new, 0 changed, 0 unchanged/);
    assert.match(stdout, /to be indexed +documents +size +records +chunks +between +tokens\ntext\/plain +30 /);
    assert.match(stdout, /Estimated from \d+ documents \(/);
    assert.match(stdout, /Time: .* with 3 pods\n {2}at 2\.5 chunks\/s, as given/);
    assert.match(
      stdout,
      /In the cloud, with Weaviate, it would cost, by prices as of \d{4}-\d\d, USD, us-east4 and us-east-1:/,
    );
    assert.match(stdout, /ingestion nodes \(e2-standard-4, on demand\) +under 0\.01/);
    assert.match(stdout, /a month: three copies in Weaviate, SSD +under 0\.01/);
    assert.ok(!stdout.includes("VNNI"), "the rate is not this processor's");
    assert.ok(!stderr.includes("Measuring"), stderr);
  });

  test("a price file of one's own, what it lacks named", async () => {
    desk.write("a.txt", "alpha");
    const { prices, ...list } = JSON.parse(readFileSync(join(root, "infra/prices.json"), "utf8"));
    const { nodeHour } = prices;
    const own = desk.write(
      "own.json",
      JSON.stringify({ ...list, asOf: "2031-05", currency: "EUR", prices: { nodeHour } }),
    );
    const run = await desk.run("plan", "documents/a.txt", "--rate", "1", "--prices", own, "--json");
    assert.equal(run.code, 0, run.stderr);
    const plan = run.json<PlanAnswer>();
    assert.deepEqual([plan.prices.as_of, plan.prices.currency], ["2031-05", "EUR"]);
    assert.deepEqual(plan.month.production, {
      lines: [],
      without_price: ["ssdDiskGibMonth"],
      sum: { low: 0, expected: 0, high: 0 },
    });
    const text = await desk.run("plan", "documents/a.txt", "--rate", "1", "--prices", own);
    assert.doesNotMatch(text.stdout, /six months old/);
    assert.match(text.stdout, /not counted, for the file has no price of it: balancedDiskGibMonth, ssdDiskGibMonth/);
  });

  test("what was not read is not said to be nothing", async () => {
    desk.write("one.jsonl", JSON.stringify({ text: "word ".repeat(1_000_000) }));
    const { stdout, code } = await desk.run("plan", "documents");
    assert.equal(code, 0);
    assert.match(stdout, /application\/jsonl +1 +5\.00 MB +[\d,]+ +[\d,]{3,} +0 to [\d,]{3,} /);
    assert.match(stdout, /\nEstimated from 1 document \(/);
    assert.match(stdout, /\nOf 1 document \(application\/jsonl\) no text could be read: .* a guess\.\n/);
    assert.match(stdout, /\nTime: unknown, .*--rate/);
    assert.ok(!stdout.includes("counted, not estimated") && !stdout.includes("by the beginning alone"), stdout);
  });

  test("measured here: whether this processor is a fast one; and prices out of date are said to be", async () => {
    desk.write("a.txt", "alpha ".repeat(50));
    const list = JSON.parse(readFileSync(join(root, "infra/prices.json"), "utf8"));
    const old = desk.write("old.json", JSON.stringify({ ...list, asOf: "2020-01" }));
    const { stdout } = await desk.run("plan", "documents/a.txt", "--spot", "--prices", old);
    assert.match(stdout, /these prices are over six months old: .*--prices/);
    assert.match(stdout, /ingestion nodes \(n2-standard-4, Spot\) +under 0\.01/);
    const flags = existsSync("/proc/cpuinfo")
      ? /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]
      : undefined;
    const told = / {2}this processor has (no )?VNNI; a node with/.exec(stdout);
    assert.equal(told?.[0] === undefined, flags === undefined, stdout);
    if (flags !== undefined) assert.equal(told?.[1] === undefined, /_vnni\b/.test(flags));
  });

  test("what is given wrongly is told before anything is listed", async () => {
    desk.write("a.txt", "alpha");
    const bad = desk.write("bad.json", '{"asOf":"today"}');
    for (const [options, message] of [
      [["--rate", "0"], /--rate is "0"; it is a number above 0/],
      [["--rate", "fast"], /--rate is "fast"/],
      [["--shards", "0"], /--shards is 0; it is a whole number from 1/],
      [["--sample", "1.5"], /--sample is "1\.5"; it is a whole number/],
      [["--prices", bad], /The price file .*bad\.json is wrong[\s\S]*asOf: it is a year/],
      [["--prices", "nowhere.json"], /The price file nowhere\.json cannot be read/],
    ] as const) {
      const run = await desk.run("plan", "documents", ...options);
      assert.equal(run.code, 1, options.join(" "));
      assert.match(run.stderr, message);
    }
    const missing = await desk.run("plan", "nowhere");
    assert.deepEqual([missing.code, missing.stdout], [1, ""]);
    const partly = await desk.run("plan", "documents/a.txt", "nowhere", "--rate", "1");
    assert.equal(partly.code, 2);
    assert.match(partly.stdout, /^1 document, /);
  });
});
