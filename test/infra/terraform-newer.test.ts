import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { newerGoogle, newerSchemaFile } from "../peers/terraform/newer.ts";
import { copyTerraform, placesWithGoogle, type TerraformCopy, terraformMissing } from "./terraform.ts";

const skip = (await terraformMissing()) || newerSchemaFile().skip;

suite(`Terraform against Google's provider ${newerGoogle.version}`, { skip, concurrency: 2 }, () => {
  let copy: TerraformCopy;
  before(async () => {
    copy = await copyTerraform(true);
  });
  after(() => copy.remove());

  test("is asked for everywhere", () => {
    assert.ok(placesWithGoogle.length > 10);
    for (const place of placesWithGoogle)
      assert.match(
        readFileSync(join(copy.folder, place, "versions.tf"), "utf8"),
        /hashicorp\/google"\s+version = "~> 7\./,
      );
  });

  for (const place of placesWithGoogle) {
    test(`${place} is valid and passes its own tests`, async () => {
      for (const command of ["init", "validate", "test"]) {
        const { code, output } = await copy.run(place, command, "-no-color");
        assert.equal(code, 0, output);
        if (command === "init") assert.ok(output.includes(`google v${newerGoogle.version}`), output);
      }
    });
  }
});
