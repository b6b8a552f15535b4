import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { replaceIn } from "./manifests.ts";
import { copyTerraform, terraformMissing } from "./terraform.ts";

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
    [
      "a tunnel at another tunnel's address",
      "ha-vpn",
      "main.tf",
      "aws_connection].tunnel2_address",
      "aws_connection].tunnel1_address",
    ],
    [
      "a tunnel's session in another tunnel",
      "ha-vpn",
      "google.tf",
      "= each.value.name\n  peer_asn",
      '= google_compute_router_interface.this["0"].name\n  peer_asn',
    ],
    [
      "another inside range at one end",
      "ha-vpn",
      "aws.tf",
      "tunnel2_inside_cidr                  = local.connections[each.key].inside[1]",
      "tunnel2_inside_cidr                  = local.connections[each.key].inside[0]",
    ],
    ["a group that is within reach", "ha-vpn", "aws.tf", "groups         = [20]", "groups         = [2]"],
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
    [
      "a control plane with a public address",
      "gke-cluster",
      "main.tf",
      "enable_private_endpoint = true",
      "enable_private_endpoint = false",
    ],
    ["no deletion protection", "gke-cluster", "main.tf", "= var.deletion_protection", "= false"],
    [
      "no deletion protection unless asked for",
      "gke-cluster",
      "variables.tf",
      /(deletion_protection"[^}]*default {5}= )true/,
      "$1false",
    ],
    ["another data plane", "gke-cluster", "main.tf", "ADVANCED_DATAPATH", "LEGACY_DATAPATH"],
    ["Secrets that are not encrypted", "gke-cluster", "main.tf", '"ENCRYPTED"', '"DECRYPTED"'],
    ["nodes that nobody upgrades", "gke-cluster", "pools.tf", "auto_upgrade = true", "auto_upgrade = false"],
    ["nodes that are not shielded", "gke-cluster", "pools.tf", /enable_secure_boot +=.*/, "enable_secure_boot = false"],
    ["nodes as the default account", "gke-cluster", "pools.tf", "google_service_account.nodes.email", '"default"'],
    ["an import policy that takes all", "ha-vpn", "google.tf", '"drop()"', '"accept()"'],
    [
      "two proposals, one for each tunnel",
      "ha-vpn",
      "aws.tf",
      /tunnel2_(phase2_integrity)(.*) = .*/,
      'tunnel2_$1$2 = ["SHA2-384"]',
    ],
    ["a firewall that admits everybody", "google-network", "firewall.tf", "= var.client_cidrs", '= ["0.0.0.0/0"]'],
    [
      "an endpoint under another name",
      "aws-network",
      "security.tf",
      "private_dns_enabled = true",
      "private_dns_enabled = false",
    ],
    ["a default pool on SSD", "gke-cluster", "main.tf", '"pd-standard"', '"pd-ssd"'],
    [
      "dead letters that stay where they are",
      "documents-bucket",
      "events.tf",
      /"roles\/pubsub\.subscriber"\n( {2}member {7}= local)/,
      '"roles/pubsub.viewer"\n$1',
    ],
    [
      "a plan that changes things",
      "aws-ci",
      "plan.tf",
      "(Describe|Get|GET|List|View)",
      "(Describe|Get|GET|List|View|Create)",
    ],
    [
      "roles without their bound",
      "aws-ci",
      "policies.tf",
      / {6}Condition = \{ StringEquals = \{ "iam:PermissionsBoundary" = local\.boundary \} \}\n/,
      "",
    ],
    ["CI that changes its own rights", "aws-ci", "policies.tf", 'Effect = "Deny"', 'Effect = "Allow"'],
    ["jobs rerun with SSH, in AWS", "aws-ci", "main.tf", /^.*ssh-rerun.*\n/m, ""],
    ["jobs rerun with SSH, in Google Cloud", "google-ci", "main.tf", /^.*ssh-rerun'\].*\n/m, ""],
    ["an apply from any context", "google-ci", "main.tf", "attribute.rights/apply", "attribute.project/any"],
    [
      "a plan that reads secrets",
      "google-ci",
      "main.tf",
      '"roles/pubsub.viewer",\n    "roles/secretmanager.viewer"',
      '"roles/pubsub.viewer",\n    "roles/secretmanager.secretAccessor"',
    ],
    [
      "grants of every role",
      "google-ci",
      "main.tf",
      "join(\"', '\", var.grantable_roles)",
      'join("\', \'", concat(["roles/owner"], tolist(var.grantable_roles)))',
    ],
    ["a function that may call everybody", "aws-network", "security.tf", "= var.weaviate_cidr", '= "0.0.0.0/0"'],
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
  // What is there by choice, in the run that chooses it.
  const collector = "a_way_to_the_collector_by_choice";
  const brokenChoices = [
    [
      "traces from anywhere",
      "google-network",
      "firewall.tf",
      /(collector_address == null[\s\S]*?)var\.client_cidrs/,
      '$1["0.0.0.0/0"]',
    ],
    [
      "traces to every load balancer",
      "google-network",
      "firewall.tf",
      /"\$\{var\.collector_address\}\/32"/,
      "var.load_balancer_cidr",
    ],
    ["another port for traces", "google-network", "firewall.tf", '"4318"', '"4317"'],
    [
      "a collector in the nodes' range",
      "google-network",
      "main.tf",
      /(otel-collector-lb"[\s\S]*?)load_balancer\.id/,
      "$1nodes.id",
    ],
    [
      "a function that may send to all of Google",
      "aws-network",
      "security.tf",
      /"\$\{var\.collector_address\}\/32"/,
      "var.weaviate_cidr",
    ],
    [
      "a function that sends to another port",
      "aws-network",
      "security.tf",
      "to_port           = 4318",
      "to_port           = 4319",
    ],
  ] as const;
  for (const [what, module, file, from, to, run] of [
    ...brokenPromises.map((mutant) => [...mutant, undefined] as const),
    ...brokenChoices.map((mutant) => [...mutant, collector] as const),
  ]) {
    test(`${what} fails the module's own tests`, async () => {
      const copy = await copyTerraform();
      try {
        const place = `modules/${module}`;
        replaceIn(join(copy.folder, place, file), from, to);
        copy.keepRun(place, run);
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
