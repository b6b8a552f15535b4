import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { createGcsSource } from "../../src/adapters/source/gcs.ts";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { planSource } from "../support/planned.ts";
import { createSeeded } from "../support/seeded.ts";
import { createWorkspace, openTestEngine } from "../support/workspace.ts";

const { skip } = await fakeGcsBinary();

suite("a plan of a bucket", { skip }, () => {
  let gcs: FakeGcs;
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());

  test("lists everything, reads its sample alone, and foretells the ingest", async () => {
    const bucket = "plan";
    await gcs.createBucket(bucket);
    const random = createSeeded(7);
    const words = (count: number) => Array.from({ length: count }, () => `w${Math.floor(random() * 1e6)}`).join(" ");
    for (let object = 0; object < 120; object++) {
      const name = object % 2 === 0 ? `docs/${object}.txt` : `docs/${object}`;
      await gcs.upload(bucket, name, words(50 + (object % 200)), { contentType: "text/plain" });
    }
    await gcs.upload(bucket, "docs/picture", "\x89PNG", { contentType: "image/png" });
    await gcs.upload(bucket, "docs/empty.txt", "");
    const lines = Array.from({ length: 12_000 }, (_, id) => JSON.stringify({ id, text: words(10 + (id % 50)) }));
    const huge = lines.join("\n");
    await gcs.upload(bucket, "docs/huge.jsonl", huge);

    const proxy = await startFaultProxy(gcs.url);
    const workspace = createWorkspace();
    const source = await createGcsSource(`gs://${bucket}/docs/`, { emulator: proxy.url });
    try {
      const plan = await planSource(source, { documents: 30 });
      const reads = proxy.requests.filter(({ url }) => url.includes("alt=media"));
      assert.equal(reads.length, plan.sample.documents);
      assert.ok(reads.length < 80, `${reads.length} objects were read`);
      assert.equal(reads.filter(({ url }) => url.includes("huge")).length, 1);
      assert.ok(plan.sample.bytes < huge.length / 3, `${plan.sample.bytes} of ${huge.length} bytes`);
      assert.deepEqual(plan.survey.leftOut.map(({ outcome, code }) => [outcome, code]).toSorted(), [
        ["empty", "content_blank"],
        ["skipped", "content_unsupported"],
      ]);

      const engine = await openTestEngine(workspace, { wrapSource: () => source });
      try {
        const truth = await engine.ingest();
        assert.equal(plan.survey.added, truth.added);
        for (const [what, range, value] of [["chunks", plan.all.chunks, truth.chunks]] as const) {
          const { low, expected, high } = range;
          assert.ok(low <= value && value <= high, `${what}: ${value} is not within ${low} to ${high}`);
          assert.ok((high - low) / 2 < 0.2 * expected, `${what}: ${low} to ${high} says little`);
        }
        const later = await planSource(source, { manifest: engine.writer });
        assert.deepEqual([later.survey.unchanged, later.survey.added, later.sample.documents], [122, 0, 0]);
        await gcs.upload(bucket, "docs/0.txt", "another version");
        await gcs.remove(bucket, "docs/1");
        const changed = await planSource(source, { manifest: engine.writer });
        const { added, changed: rewritten, removed } = changed.survey;
        assert.deepEqual([added, rewritten, removed], [0, 1, 1]);
      } finally {
        await engine.close();
      }
    } finally {
      await source.close();
      await proxy.close();
      workspace.remove();
    }
  });
});
