import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { at, listAt, replaceIn } from "./manifests.ts";
import { publicAddresses, tooMuchRight, trusts } from "./rights.ts";
import { copyTerraform, roots, type TerraformCopy, terraformMissing } from "./terraform.ts";

const skip = await terraformMissing();

suite("all that the roots would make", { skip }, () => {
  const variables = {
    gcp: ["gcp_project_id=example-project"],
    aws: ["aws_account_id=012345678901", 'budget={dollars=500,emails=["operator@example.com"]}'],
    link: ["gcp_project_id=example-project", "aws_account_id=012345678901"],
  } as const;
  const circleci =
    'circleci={organization_id="01234567-89ab-cdef-0123-456789abcdef",project_id="fedcba98-7654-3210-fedc-ba9876543210",origin="github.com/owner/repository"}';
  let copy: TerraformCopy;
  before(async () => {
    copy = await copyTerraform();
  });
  after(() => copy.remove());

  for (const root of ["gcp", "aws"] as const) {
    test(`${root}: plan file, apply, no drift, drift, and least privilege`, async () => {
      const given = [...variables[root], circleci].map((one) => `-var=${one}`);
      assert.equal((await copy.run(root, "init", "-no-color")).code, 0);
      const planned = await copy.run(root, "plan", "-no-color", "-detailed-exitcode", "-out=plan", ...given);
      assert.equal(planned.code, 2, planned.output);
      const plan: unknown = JSON.parse((await copy.run(root, "show", "-json", "plan")).output);
      const changes = listAt(plan, "resource_changes").filter((one) => at(one, "mode") === "managed");
      assert.ok(changes.length > 20, `${changes.length} objects`);
      assert.deepEqual(tooMuchRight(changes), []);
      assert.deepEqual(publicAddresses(changes), []);

      const applied = await copy.run(root, "apply", "-no-color", "plan");
      assert.equal(applied.code, 0, applied.output);
      // A fork's token names the fork.
      const trusted = root === "gcp" ? "attribute.origin == '" : "/vcs-origin/";
      const state = readFileSync(join(copy.folder, root, "terraform.tfstate"), "utf8");
      assert.ok(state.includes(`${trusted}github.com/owner/repository`), root);
      const again = await copy.run(root, "plan", "-no-color", "-detailed-exitcode", ...given);
      assert.equal(again.code, 0, again.output);
      // Somebody changed a thing by hand: the state says otherwise than the configuration.
      const [from, to] = root === "gcp" ? ["e2-standard-4", "e2-standard-8"] : ["ikev2", "ikev1"];
      if (root === "gcp") replaceIn(join(copy.folder, root, "terraform.tfstate"), `"${from}"`, `"${to}"`);
      else replaceIn(join(copy.folder, root, "terraform.tfstate"), '"retention_in_days": 30', '"retention_in_days": 7');
      const drifted = await copy.run(root, "plan", "-no-color", "-detailed-exitcode", ...given);
      assert.equal(drifted.code, 2, drifted.output);
    });
  }

  test("basic roles, wildcards and public members are found", () => {
    const binding = (after: unknown) => [{ address: "mutant", change: { after } }];
    assert.equal(tooMuchRight(binding({ role: "roles/owner", member: "serviceAccount:x" })).length, 1);
    assert.equal(tooMuchRight(binding({ role: "roles/storage.objectViewer", member: "allUsers" })).length, 1);
    const statement = (action: string) =>
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: [action], Resource: "x" }] });
    assert.equal(tooMuchRight(binding({ policy: statement("*") })).length, 1);
    assert.equal(tooMuchRight(binding({ policy: statement("s3:*") })).length, 1);
    assert.equal(tooMuchRight(binding({ policy: statement("s3:GetObject") })).length, 0);
  });

  test("CI takes a role from the main branch of its project alone", async () => {
    const own = "fedcba98-7654-3210-fedc-ba9876543210";
    const place = "modules/aws-ci";
    const given = [
      "account_id=012345678901",
      "region=us-east-1",
      "organization_id=01234567-89ab-cdef-0123-456789abcdef",
      `project_id=${own}`,
    ].map((one) => `-var=${one}`);
    assert.equal((await copy.run(place, "init", "-no-color")).code, 0);
    const applied = await copy.run(place, "apply", "-no-color", "-auto-approve", ...given);
    assert.equal(applied.code, 0, applied.output);
    const state: unknown = JSON.parse((await copy.run(place, "show", "-json")).output);
    const roles = listAt(state, "values.root_module.resources").filter((one) => at(one, "type") === "aws_iam_role");
    assert.equal(roles.length, 2);
    const subject = (project: string, ref: string) =>
      `org/01234567-89ab-cdef-0123-456789abcdef/project/${project}/user/u/vcs-origin/github.com/a/b/vcs-ref/${ref}`;
    for (const role of roles) {
      const policy = `${at(role, "values.assume_role_policy")}`;
      assert.ok(trusts(policy, subject(own, "refs/heads/main")));
      for (const [project, ref] of [
        [own, "refs/heads/other"],
        [own, "refs/heads/x/vcs-ref/refs/heads/main"],
        [own, "refs/pull/1/refs/heads/main"],
        ["00000000-0000-0000-0000-000000000000", "refs/heads/main"],
      ] as const) {
        assert.ok(!trusts(policy, subject(project, ref)), `${project} ${ref}`);
      }
    }
  });

  test("every root keeps its state in Google Cloud Storage, and the link's apart", () => {
    for (const root of roots) {
      const text = readFileSync(join(import.meta.dirname, "../../infra/terraform", root, "versions.tf"), "utf8");
      assert.match(text, new RegExp(`backend "gcs" \\{\\s+prefix = "${root}"`));
      // Named when it is initialised, or two installations would share a state.
      assert.doesNotMatch(text, /^\s*bucket\s*=/m);
    }
  });

  test("no file of the repository holds a secret's value for Terraform", () => {
    for (const root of roots) {
      const text = readFileSync(join(import.meta.dirname, "../../infra/terraform", root, "main.tf"), "utf8");
      assert.doesNotMatch(text, /secret_version|secret_string|secret_data/);
    }
  });
});
