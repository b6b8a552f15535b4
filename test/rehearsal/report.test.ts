import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { reportOf, saidBy } from "./report.ts";

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
