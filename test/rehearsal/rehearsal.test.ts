import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { terraformMissing } from "../infra/terraform.ts";
import { goBinary } from "../peers/binaries.ts";
import { clusterMissing } from "../peers/cluster/able.ts";
import { goPrograms } from "../peers/programs.ts";
import { deploymentSkip } from "../support/lambda/deployment.ts";
import { preparedOsls } from "../support/lambda/osls.ts";
import { rehearse } from "./rehearse.ts";
import { reportOf, saidBy } from "./report.ts";

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

suite("a report", () => {
  const act = { name: "apply gcp", command: "npm run ci -- apply", real: "Terraform", passed: true, seconds: 1 };
  const output = [...Array(100).keys()].map((line) => `line ${line}`).join("\n");

  test("says at its top what failed, why, and what was not tried", () => {
    const acts = [
      { ...act, name: "plan gcp", outcome: "91 to create" },
      { ...act, outcome: `${output}\nError: a|b`, passed: false },
    ];
    const report = reportOf({ acts, notReached: ["deploy Weaviate", "smoke test"], stoodIn: {}, pods: [] });
    const [top = ""] = report.split("## Step by step");
    assert.match(top, /^\*\*1 of 4 steps failed: apply gcp\.\*\*$/m);
    assert.match(top, /^`npm run ci -- apply`$/m);
    assert.match(top, /^… 61 lines before\nline 61\n[\s\S]*^line 99\nError: a\|b\n/m);
    assert.match(top, /^Not reached: deploy Weaviate; smoke test\.$/m);
    assert.match(report, /^\| \*\*failed\*\* \| apply gcp \| see above \| Terraform \| 1\.0 \|$/m);
  });

  test("shows the lines that count, whole or without their middle", () => {
    assert.equal(saidBy("+ gcloud\ngcp: 91 to create\n  create a\n", /91 to/), "gcp: 91 to create");
    assert.equal(saidBy("one\ntwo\nthree", /two\nthree/), "two\nthree");
    const long = saidBy(`+ x\n${"a".repeat(500)} Nothing was applied. z\n+ y`, /a Nothing was applied/);
    assert.match(long, /^a{160} … a+ Nothing was applied\. z$/);
  });
});
