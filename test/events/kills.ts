import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { FakeGcs } from "../peers/fake-gcs.ts";
import { type EventPlace, startChild, untilTrue } from "../support/events.ts";
import type { Failpoint } from "../support/failpoint.ts";
import { seeded } from "../support/seeded.ts";

const failpoints: readonly Failpoint[] = [
  { method: "put", call: 3, moment: "before" },
  { method: "put", call: 2, moment: "after" },
  { method: "commit", call: 4, moment: "before" },
  { method: "commit", call: 5, moment: "after" },
];

/**
 * Workers that are killed by SIGKILL at every step, and so often at random, while so many objects come, and a fifth of them is deleted and
 * another fifth overwritten; the last one ends the work, and the index is as a fresh one.
 */
export async function killWorkers(
  context: TestContext,
  followed: EventPlace,
  gcs: Pick<FakeGcs, "upload" | "remove">,
  { objects, kills }: { readonly objects: number; readonly kills: number },
): Promise<void> {
  const random = seeded(context);
  const { bucket } = followed;
  const upload = (index: number) =>
    gcs.upload(bucket, `${index}.md`, `# One\n\nalpha ${random()}\n\n# Two\n\nalpha ${random()}`);
  for (let index = 0; index < objects; index++) await upload(index);
  for (const failpoint of failpoints) {
    const { signal, stderr } = await startChild(followed, failpoint).ended;
    assert.equal(signal, "SIGKILL", `${JSON.stringify(failpoint)} was met: ${stderr}`);
  }
  for (let index = 0; index < objects * 0.4; index++) {
    if (index % 2 === 0) await gcs.remove(bucket, `${index}.md`);
    else await upload(index);
  }
  for (let kill = 0; kill < kills; kill++) {
    const running = startChild(followed);
    await running.seen(/started/);
    await sleep(random() * 300);
    running.process.kill("SIGKILL");
    await running.ended;
  }
  const last = startChild(followed);
  context.after(() => last.process.kill("SIGKILL"));
  await untilTrue(followed);
  last.process.kill("SIGTERM");
  const { code, stderr } = await last.ended;
  assert.equal(code, 0, stderr);
}
