import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { terraformMissing } from "../infra/terraform.ts";
import { goBinary } from "../peers/binaries.ts";
import { clusterMissing } from "../peers/cluster/able.ts";
import { goPrograms } from "../peers/programs.ts";
import { deploymentSkip } from "../support/lambda/deployment.ts";
import { preparedOsls } from "../support/lambda/osls.ts";
import { rehearse } from "./rehearse.ts";
import { reportOf } from "./report.ts";

const skip =
  (await deploymentSkip()) ||
  (await clusterMissing()) ||
  (await terraformMissing()) ||
  (await goBinary(goPrograms.kubectl)).skip ||
  (await goBinary(goPrograms.fakeGcs)).skip ||
  preparedOsls().skip;

suite("the pipeline, rehearsed", { skip }, () => {
  test("every step does what it should, and every drill fails as it should", async () => {
    // Whole it is `npm run rehearse`, a job of the pipeline by itself.
    const rehearsal = await rehearse(() => {}, { short: true });
    const failed = rehearsal.acts.filter(({ passed }) => !passed);
    assert.deepEqual(
      failed.map(({ name, outcome }) => `${name}: ${outcome}`),
      [],
    );
    assert.ok(rehearsal.acts.length >= 20);
    const report = reportOf(rehearsal);
    assert.match(report, /^All \d+ steps did what they should, in \d+ s\./m);
    for (const { name } of rehearsal.acts) assert.ok(report.includes(`| passed | ${name} |`), name);
  });
});
