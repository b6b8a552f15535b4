import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { root } from "../../scripts/run.ts";
import { pythonBinary, pythonPrograms } from "../peers/python.ts";

const linter = pythonBinary(pythonPrograms.cfnLint);

suite("AWS's end of the interconnect", { skip: linter.skip }, () => {
  /** @param change a fault. */
  function lint(change: (template: string) => string = (text) => text): { code: number | null; output: string } {
    const template = readFileSync(join(root, "infra/terraform/modules/interconnect/connection.json"), "utf8");
    const folder = mkdtempSync(join(tmpdir(), "isthmus-template-"));
    try {
      const file = join(folder, "template.json");
      writeFileSync(file, change(template));
      const { status, stdout, stderr } = spawnSync(linter.path ?? "", ["--regions", "us-east-1", "--", file], {
        encoding: "utf8",
      });
      return { code: status, output: stdout + stderr };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test("CloudFormation's schema takes it", () => {
    const { code, output } = lint();
    assert.equal(code, 0, output);
  });

  test("a misspelt property is found", () => {
    const { code, output } = lint((text) => text.replace('"AttachPoint"', '"AttachmentPoint"'));
    assert.notEqual(code, 0);
    assert.match(output, /AttachmentPoint/);
  });
});
