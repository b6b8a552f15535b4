import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { checkovFolder, unwaived, type Waivers } from "../infra/checkers.ts";
import { checkovBinary } from "../peers/checkov.ts";
import { pythonBinary, pythonPrograms } from "../peers/python.ts";
import { packageTemplate, preparedOsls } from "../support/lambda/osls.ts";
import { makeTemplateZips } from "../support/lambda/template-zips.ts";

const osls = preparedOsls();
const linter = pythonBinary(pythonPrograms.cfnLint);

const waivers: Waivers = {
  CKV_AWS_18: "the bucket holds our own packages; CloudTrail tells who wrote there",
  CKV_AWS_21: "each package has a name of its own, by its time, and osls keeps the last five",
  CKV_AWS_59: "health, readiness and the API's description are open by design, and throttled by themselves",
  CKV_AWS_111: "network interfaces have no name before they are made; a Deny keeps them from the function's code",
  CKV_AWS_115: "none reserved is the default, for a new account refuses to; the parameter reservedConcurrency sets it",
  CKV_AWS_116: "API Gateway calls it and waits: there is nothing to put aside",
  CKV_AWS_120: "answers to queries are not for others, and are never cached",
  CKV_AWS_158:
    "the clouds' own encryption; a key of ours adds a cost and a way to lose it, and the logs hold no documents",
  CKV_AWS_173: "addresses, a public certificate and names; the key itself is in Secrets Manager",
};

suite("general checkers on the template that osls writes", { skip: osls.skip }, () => {
  let folder: string;
  before(async () => {
    if (osls.skip !== false) return;
    await makeTemplateZips();
    folder = mkdtempSync(join(tmpdir(), "isthmus-template-"));
    writeFileSync(join(folder, "template.json"), packageTemplate(osls.script).text);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What cfn-lint finds, by CloudFormation's own schemas; its advice (W, I) is no fault. */
  function lint(name: string, text?: string): string[] {
    const file = join(folder, name);
    if (text !== undefined) writeFileSync(file, text);
    const parameters = ["--regions", "us-east-1", "--ignore-checks", "W", "I", "--", file];
    const { stdout, stderr, status } = spawnSync(linter.path ?? "", parameters, { encoding: "utf8" });
    assert.ok(status !== null && stderr === "", stderr);
    return stdout.split("\n").filter((line) => /^E\d/.test(line));
  }

  test("cfn-lint: no fault", { skip: linter.skip }, () => assert.deepEqual(lint("template.json"), []));

  test("cfn-lint: a misspelt property is found", { skip: linter.skip }, () => {
    const [alarm] = ["AWS::CloudWatch::Alarm"];
    const Resources = { Alarm: { Type: alarm, Properties: { ComparisonOperators: "x", EvaluationPeriods: 1 } } };
    assert.match(lint("other.json", JSON.stringify({ Resources })).join(), /ComparisonOperators/);
  });

  test("checkov: nothing beyond the waivers", { skip: checkovBinary().skip }, async () => {
    assert.deepEqual(unwaived(await checkovFolder(folder, "cloudformation"), waivers), { found: [], stale: [] });
  });
});
