import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { checkovBinary } from "../peers/checkov.ts";
import { checkovFolder, unwaived, type Waivers } from "./checkers.ts";
import { at, listAt, replaceIn } from "./manifests.ts";
import { copyTerraform, roots, type TerraformCopy, terraformMissing } from "./terraform.ts";

const skip = await terraformMissing();

suite("Terraform's mutants", { skip, concurrency: 2 }, () => {
  const mutants = [
    [
      "a misspelt argument",
      "gke-cluster",
      "main.tf",
      "enable_shielded_nodes ",
      "enable_shielded_node ",
      /Unsupported argument/,
    ],
    ["a misspelt block", "gke-cluster", "main.tf", "release_channel {", "release_chanel {", /Unsupported block type/],
    [
      "a wrong type",
      "gke-cluster",
      "main.tf",
      "initial_node_count       = 1",
      'initial_node_count       = "one"',
      /a number is required/,
    ],
    ["a missing argument", "documents-bucket", "main.tf", / {2}location .*\n/, "", /"location" is required/],
    [
      "a block too many",
      "gke-cluster",
      "main.tf",
      "release_channel {\n",
      "release_channel {}\n  release_channel {\n",
      /Too many release_channel blocks/,
    ],
    [
      "a value for what the cloud computes",
      "private-zone",
      "main.tf",
      "  name = var.name\n",
      '  name = var.name\n  arn = "x"\n',
      /Value for unconfigurable attribute/,
    ],
    [
      "a resource that does not exist",
      "private-zone",
      "main.tf",
      'resource "aws_route53_zone"',
      'resource "aws_route53_zones"',
      /does not support resource type/,
    ],
  ] as const;
  for (const [what, module, file, from, to, fault] of mutants) {
    test(`${what} is refused by validate`, async () => {
      const copy = await copyTerraform();
      try {
        const place = `modules/${module}`;
        replaceIn(join(copy.folder, place, file), from, to);
        assert.equal((await copy.run(place, "init", "-no-color")).code, 0);
        const { code, output } = await copy.run(place, "validate", "-no-color");
        assert.equal(code, 1);
        assert.match(output.replace(/\s+/g, " "), fault);
      } finally {
        copy.remove();
      }
    });
  }

  const brokenPromises = [
    [
      "one secret for two tunnels",
      "ha-vpn",
      "main.tf",
      "aws_connection].tunnel2_preshared_key",
      "aws_connection].tunnel1_preshared_key",
    ],
    [
      "a second proposal",
      "ha-vpn",
      "aws.tf",
      /tunnel2_phase1_encryption_algorithms = .*/,
      'tunnel2_phase1_encryption_algorithms = ["AES256-GCM-16", "AES256"]',
    ],
    ["a wider advertisement", "ha-vpn", "google.tf", "advertised_groups  = []", 'advertised_groups  = ["ALL_SUBNETS"]'],
    [
      "tunnels at the wrong interface",
      "ha-vpn",
      "main.tf",
      "google_interface = floor(index / 2)",
      "google_interface = index % 2",
    ],
    [
      "nodes with public addresses",
      "gke-cluster",
      "main.tf",
      "enable_private_nodes    = true",
      "enable_private_nodes    = false",
    ],
    ["an external address in private mode", "google-network", "main.tf", "var.public_address ? 1 : 0", "1"],
    [
      "the default network",
      "google-network",
      "main.tf",
      /auto_create_subnetworks += false/,
      "auto_create_subnetworks = true",
    ],
    ["a wildcard among CI's actions", "aws-ci", "policies.tf", '"ec2:AllocateAddress"', '"ec2:*"'],
    ["a basic role for CI", "google-ci", "main.tf", '"roles/pubsub.admin"', '"roles/editor"'],
    ["any branch for CI", "aws-ci", "main.tf", /refs\/heads\/\$\{var.branch\}/, "*"],
    [
      "dead letters that nobody keeps",
      "documents-bucket",
      "events.tf",
      /topic {10,}= google_pubsub_topic\.dead\.id/,
      "topic = google_pubsub_topic.events.id",
    ],
  ] as const;
  for (const [what, module, file, from, to] of brokenPromises) {
    test(`${what} fails the module's own tests`, async () => {
      const copy = await copyTerraform();
      try {
        const place = `modules/${module}`;
        replaceIn(join(copy.folder, place, file), from, to);
        copy.keepFirstRun(place);
        assert.equal((await copy.run(place, "init", "-no-color")).code, 0);
        const { code, output } = await copy.run(place, "test", "-no-color");
        assert.equal(code, 1, output);
        assert.match(output, /Test assertion failed/);
      } finally {
        copy.remove();
      }
    });
  }
});

suite("all that the roots would make", { skip }, () => {
  const variables = {
    gcp: ["gcp_project_id=example-project"],
    aws: ["aws_account_id=012345678901", 'budget={dollars=500,emails=["operator@example.com"]}'],
    link: ["gcp_project_id=example-project", "aws_account_id=012345678901"],
  } as const;
  const circleci =
    'circleci={organization_id="01234567-89ab-cdef-0123-456789abcdef",project_id="fedcba98-7654-3210-fedc-ba9876543210"}';
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

/** Bindings that give more than a job needs, in planned objects. */
function tooMuchRight(changes: readonly unknown[]): string[] {
  return changes.flatMap((change) => {
    const name = `${at(change, "address")}`;
    const role = at(change, "change.after.role");
    const member = at(change, "change.after.member");
    const policy = at(change, "change.after.policy");
    const faults: string[] = [];
    if (typeof role === "string" && /^roles\/(owner|editor|viewer)$|\*/.test(role)) faults.push(`${name}: ${role}`);
    if (typeof member === "string" && /^all(Authenticated)?Users$/.test(member)) faults.push(`${name}: ${member}`);
    if (typeof policy === "string" && policy.startsWith("{")) {
      const statements = listAt(JSON.parse(policy), "Statement");
      const actions = statements.flatMap((statement) => [at(statement, "Action")].flat());
      faults.push(...actions.filter((action) => `${action}`.includes("*")).map((action) => `${name}: ${action}`));
    }
    return faults;
  });
}

function publicAddresses(changes: readonly unknown[]): string[] {
  const types = ["aws_eip", "aws_nat_gateway", "aws_internet_gateway", "google_compute_global_address"];
  return changes
    .filter(
      (change) =>
        types.includes(`${at(change, "type")}`) ||
        at(change, "change.after.address_type") === "EXTERNAL" ||
        at(change, "change.after.map_public_ip_on_launch") === true,
    )
    .map((change) => `${at(change, "address")}`);
}

const managedKeys =
  "the clouds' own encryption; a key of ours adds a cost and a way to lose it, and is taken where secrets lie in a state";

const waivers: Waivers = {
  CKV2_AWS_23: "a record of the other cloud's address: there is no AWS object behind it",
  CKV2_AWS_31: "WAF's metrics and samples are on; its full log would hold clients' addresses",
  CKV2_AWS_34: "addresses, ids and a public certificate; the key itself is in Secrets Manager",
  CKV2_AWS_5: "the function's own deployment attaches it",
  CKV2_AWS_57: "the key is Weaviate's, and rotated together with it (docs/operations)",
  CKV_AWS_149: managedKeys,
  CKV_AWS_158: managedKeys,
  CKV_AWS_192:
    "no Java runs behind the API; the known-bad-inputs rules are on all the same, by a dynamic block that is not seen",
  CKV_AWS_338: "logs hold no documents and serve the operator; 30 days are enough and cost less",
  CKV_GCP_12: "Dataplane V2 enforces network policies without this switch, which it refuses",
  CKV_GCP_21: "the provider's default_labels label everything",
  CKV_GCP_49: "the account that applies Terraform makes the workloads' accounts",
  CKV_GCP_62: "Cloud Audit Logs record access; usage logs would be a second bucket of the same",
  CKV_GCP_65: "needs a Google Workspace domain, which not every project has",
  CKV_GCP_66: "images are pinned by digest and come from two repositories of ours",
  CKV_GCP_78:
    "soft delete keeps a deleted or overwritten document for seven days; versions would be listed as documents",
  CKV_GCP_82: "a key that cannot be destroyed keeps a teardown from ending; deletion_protection guards the cluster",
  CKV_GCP_83: managedKeys,
  CKV_GCP_84: managedKeys,
};

suite("checkov on Terraform", { skip: checkovBinary().skip }, () => {
  test("nothing beyond the waivers", async () => {
    const folder = join(import.meta.dirname, "../../infra/terraform");
    assert.deepEqual(unwaived(await checkovFolder(folder, "terraform"), waivers), { found: [], stale: [] });
  });
});
