import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { at, listAt, replaceIn } from "./manifests.ts";
import {
  admitted,
  appliedIn,
  inDefaultNetworks,
  type Made,
  plannedIn,
  publicAddresses,
  secretsIn,
  tooMuchRight,
  trusts,
} from "./rights.ts";
import { copyTerraform, roots, type TerraformCopy, terraformMissing } from "./terraform.ts";

const skip = await terraformMissing();

suite("all that the roots would make", { skip }, () => {
  const variables = {
    gcp: ["gcp_project_id=example-project"],
    aws: ["aws_account_id=012345678901", 'budget={dollars=500,emails=["operator@example.com"]}'],
    link: ["gcp_project_id=example-project", "aws_account_id=012345678901"],
  } as const;
  const circleci =
    'circleci={organization_id="01234567-89ab-cdef-0123-456789abcdef",project_id="fedcba98-7654-3210-fedc-ba9876543210",apply_context_id="00112233-4455-6677-8899-aabbccddeeff",origin="github.com/owner/repository"}';
  let copy: TerraformCopy;
  before(async () => {
    copy = await copyTerraform();
    // The schema-only provider fills in a text for a number that AWS gives as one.
    writeFileSync(join(copy.folder, "link/number_override.tf"), 'module "link" {\n  aws_asn = 64512\n}\n');
  });
  after(() => copy.remove());

  const shown = async (root: string, ...file: string[]): Promise<unknown> =>
    JSON.parse((await copy.run(root, "show", "-json", ...file)).output);

  // Somebody changed a thing by hand: the state says otherwise than the configuration.
  const drifts = {
    gcp: ['"e2-standard-4"', '"e2-standard-8"'],
    aws: ['"retention_in_days": 30', '"retention_in_days": 7'],
    // The schema-only provider does not remember the gateway's addresses, so every plan of it finds a difference.
    link: undefined,
  } as const;
  const applied = new Map<string, readonly Made[]>();
  for (const root of roots) {
    test(`${root}: plan file, apply, ${drifts[root] ? "no drift, drift, " : ""}and least privilege`, async () => {
      const given = [...variables[root], ...(root === "link" ? [] : [circleci])].map((one) => `-var=${one}`);
      assert.equal((await copy.run(root, "init", "-no-color")).code, 0);
      const planned = await copy.run(root, "plan", "-no-color", "-detailed-exitcode", "-out=plan", ...given);
      assert.equal(planned.code, 2, planned.output);
      const done = await copy.run(root, "apply", "-no-color", "plan");
      assert.equal(done.code, 0, done.output);
      // Not the plan: there, a policy that names another object is not known yet.
      const objects = appliedIn(await shown(root));
      applied.set(root, objects);
      assert.ok(objects.length >= 20, `${objects.length} objects`);
      assert.deepEqual(tooMuchRight(objects), []);
      assert.deepEqual(publicAddresses(objects), []);
      assert.deepEqual(inDefaultNetworks(objects), []);
      assert.deepEqual(secretsIn(objects), []);

      if (root !== "link") {
        // A fork's token names the fork.
        const trusted = root === "gcp" ? "attribute.origin == '" : "/vcs-origin/";
        const state = readFileSync(join(copy.folder, root, "terraform.tfstate"), "utf8");
        assert.ok(state.includes(`${trusted}github.com/owner/repository`), root);
      }
      const drift = drifts[root];
      if (drift === undefined) return;
      const again = await copy.run(root, "plan", "-no-color", "-detailed-exitcode", ...given);
      assert.equal(again.code, 0, again.output);
      const [from, to] = drift;
      replaceIn(join(copy.folder, root, "terraform.tfstate"), from, to);
      const drifted = await copy.run(root, "plan", "-no-color", "-detailed-exitcode", ...given);
      assert.equal(drifted.code, 2, drifted.output);
    });
  }

  test("Google's firewall admits the function's subnets and the health checks, and nobody else", () => {
    assert.deepEqual(admitted(applied.get("gcp") ?? []), {
      "isthmus-clients": ["10.20.0.0/20", "10.20.16.0/20"],
      "isthmus-health-checks": ["130.211.0.0/22", "35.191.0.0/16"],
    });
  });

  test("the link has four tunnels with four secrets, which lie in its own state alone", () => {
    const link = applied.get("link") ?? [];
    const secrets = link
      .filter(({ type }) => type === "google_compute_vpn_tunnel")
      .map(({ values }) => at(values, "shared_secret"));
    assert.equal(new Set(secrets).size, 4);
    assert.equal(secrets.length, 4);
    const elsewhere = JSON.stringify([applied.get("gcp"), applied.get("aws")]);
    for (const secret of secrets) assert.ok(typeof secret === "string" && !elsewhere.includes(secret));
  });

  test("nothing in Google Cloud is made before every API is on", async () => {
    const plan = await shown("gcp", "plan");
    const calls = Object.entries(at(plan, "configuration.root_module.module_calls") as object);
    const modules = calls.filter(([, call]) => at(call, "expressions.project") !== undefined);
    assert.ok(modules.length >= 8, `${modules.length} modules`);
    for (const [name, call] of modules)
      assert.deepEqual(at(call, "expressions.project.references"), ["local.project"], name);
  });

  test("addresses on the internet are found where they were chosen", async () => {
    const chosen = {
      gcp: ["-var=connectivity=public"],
      aws: ["-var=connectivity=public", "-var=public_weaviate_host=weaviate.example.com"],
    } as const;
    for (const [root, types] of [
      ["gcp", ["google_compute_address"]],
      ["aws", ["aws_eip", "aws_internet_gateway", "aws_nat_gateway"]],
    ] as const) {
      const given = variables[root].map((one) => `-var=${one}`);
      const planned = await copy.run(root, "plan", "-no-color", "-out=public", ...given, ...chosen[root]);
      assert.equal(planned.code, 0, planned.output);
      const found = publicAddresses(plannedIn(await shown(root, "public")));
      assert.deepEqual(found.map((address) => address.split(".")[2]).sort(), types);
    }
  });

  test("basic roles, wildcards, public members, default networks and secrets are found", () => {
    const object = (type: string, values: unknown): Made[] => [{ address: "mutant", type, values }];
    const faults = (values: unknown) => tooMuchRight(object("any", values)).length;
    assert.equal(faults({ role: "roles/owner", member: "serviceAccount:x" }), 1);
    assert.equal(faults({ role: "roles/storage.objectViewer", member: "allUsers" }), 1);
    assert.equal(faults({ policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" }), 1);
    const policy = (statement: unknown) => JSON.stringify({ Statement: [{ Effect: "Allow", ...Object(statement) }] });
    assert.equal(faults({ policy: policy({ Action: ["*"], Resource: "x" }) }), 1);
    assert.equal(faults({ policy: policy({ Action: "s3:*", Resource: "x" }) }), 1);
    assert.equal(faults({ policy: policy({ Action: ["s3:GetObject"], Resource: "x" }) }), 0);
    assert.equal(faults({ assume_role_policy: policy({ Action: "sts:AssumeRole", Principal: { AWS: "*" } }) }), 1);
    assert.equal(inDefaultNetworks(object("google_container_cluster", { network: "default" })).length, 1);
    assert.equal(secretsIn(object("google_secret_manager_secret_version", {})).length, 1);
    const open = { name: "open", allow: [{ protocol: "all" }], source_ranges: ["0.0.0.0/0"] };
    assert.deepEqual(admitted(object("google_compute_firewall", open)), { open: ["0.0.0.0/0"] });
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
    assert.equal(roles.length, 3);
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
});
