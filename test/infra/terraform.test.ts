import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import {
  copyTerraform,
  modules,
  roots,
  type TerraformCopy,
  type TerraformResult,
  terraformMissing,
} from "./terraform.ts";

const skip = await terraformMissing();

suite("Terraform against the providers' schemas", { skip, concurrency: 2 }, () => {
  let copy: TerraformCopy;
  before(async () => {
    copy = await copyTerraform();
  });
  after(() => copy.remove());

  test("everything is formatted", async () => passed(await copy.run(".", "fmt", "-check", "-recursive", "-diff")));

  for (const place of [...modules, ...roots]) {
    test(`${place} is valid and passes its own tests`, async () => {
      passed(await copy.run(place, "init", "-no-color"));
      passed(await copy.run(place, "validate", "-no-color"));
      const result = await copy.run(place, "test", "-no-color");
      passed(result);
      assert.match(result.output, /Success! [1-9]\d* passed, 0 failed/);
    });
  }
});

function passed({ code, output }: TerraformResult): void {
  assert.equal(code, 0, output);
}
