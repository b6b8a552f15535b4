import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { terraformMissing } from "../infra/terraform.ts";
import { goBinary } from "../peers/binaries.ts";
import { kubernetesMissing } from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";
import { deploymentSkip } from "../support/lambda/deployment.ts";
import { preparedOsls } from "../support/lambda/osls.ts";
import { rehearse } from "./rehearse.ts";
import { reportOf } from "./report.ts";

const skip =
  (await deploymentSkip()) ||
  (await kubernetesMissing()) ||
  (await terraformMissing()) ||
  (await goBinary(goPrograms.kubectl)).skip ||
  (await goBinary(goPrograms.fakeGcs)).skip ||
  preparedOsls().skip;

suite("the pipeline, rehearsed", { skip }, () => {
  test("every step does what it should, and every drill fails as it should", async () => {
    const rehearsal = await rehearse(() => {});
    const failed = rehearsal.acts.filter(({ passed }) => !passed);
    assert.deepEqual(
      failed.map(({ name, outcome }) => `${name}: ${outcome}`),
      [],
    );
    assert.ok(rehearsal.acts.length >= 20);
    const report = reportOf(rehearsal);
    assert.match(report, /^All \d+ steps did what they should\.$/m);
    for (const { name } of rehearsal.acts) assert.ok(report.includes(`| passed | ${name} |`), name);
  });

  test("a report says at its top that something failed", () => {
    const act = { name: "apply gcp", real: "", outcome: "exit code 1\nbecause", passed: false, seconds: 1 };
    const report = reportOf({ acts: [act, { ...act, passed: true }], stoodIn: {} });
    assert.match(report, /^1 of 2 steps did not\.$/m);
    assert.match(report, /\| \*\*failed\*\* \| apply gcp \| exit code 1<br>because \|/);
  });
});
