import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { typesIn } from "./terraform.ts";

const root = join(import.meta.dirname, "../..");

/** What a cloud bills of all that Terraform makes, and the question that finds it. */
const billed = {
  google_container_cluster: "container clusters list",
  google_container_node_pool: "compute instances list",
  google_compute_address: "compute addresses list",
  google_compute_router_nat: "compute routers list",
  google_compute_vpn_tunnel: "compute vpn-tunnels list",
  google_network_connectivity_transport: "network-connectivity transports list",
  google_storage_bucket: "storage buckets list",
  google_artifact_registry_repository: "artifacts repositories list",
  google_secret_manager_secret: "secrets list",
  google_pubsub_subscription: "pubsub subscriptions list",
  google_dns_managed_zone: "dns managed-zones list",
  google_kms_crypto_key: "kms keys list",
  google_monitoring_alert_policy: "monitoring policies list",
  aws_vpn_connection: "describe-vpn-connections",
  aws_dx_gateway: "describe-direct-connect-gateways",
  aws_vpc_endpoint: "describe-vpc-endpoints",
  aws_nat_gateway: "describe-nat-gateways",
  aws_eip: "describe-addresses",
  aws_route53_zone: "list-hosted-zones",
  aws_secretsmanager_secret: "list-secrets",
  aws_wafv2_web_acl: "list-web-acls",
  aws_cloudwatch_log_group: "describe-log-groups",
} as const;

/** What costs nothing while nothing of the above uses it. */
const free = [
  /_iam_|^aws_iam_|_service_account|_project/,
  /^google_compute_(network|network_peering|subnetwork|route|firewall|router.*|ha_vpn_gateway|external_vpn_gateway)$/,
  /^google_(dns_record_set|pubsub_topic|storage_notification|kms_key_ring|logging_metric|monitoring_notification_channel)$/,
  /^aws_(vpc|dx_gateway_association|cloudformation_stack|subnet|route.*|internet_gateway|vpn_gateway.*|customer_gateway|security_group|default_security_group)$/,
  /^aws_(vpc_security_group_.*|flow_log|ssm_parameter|api_gateway_account|budgets_budget|sns_topic.*|wafv2_web_acl_association)$/,
];

suite("nothing-left.sh", { skip: process.platform === "win32" && "it is a shell script" }, () => {
  /** Its end and what it prints, where the clouds answer a question of this pattern with this, and all others with nothing. */
  function asked(pattern: string, answer: string): { code: number; output: string; questions: number } {
    const folder = mkdtempSync(join(tmpdir(), "isthmus-left-"));
    try {
      const log = join(folder, "calls");
      writeFileSync(log, "");
      const script = `#!/bin/sh\necho "$*" >> "${log}"\ncase "$*" in *${pattern}*) ${answer} ;; esac\n`;
      for (const name of ["gcloud", "aws"]) writeFileSync(join(folder, name), script, { mode: 0o755 });
      const environment = { PATH: `${folder}:${process.env["PATH"]}` };
      const command = [join(root, "infra/terraform/nothing-left.sh"), "my-project"];
      const { status, stdout } = spawnSync("bash", command, { env: environment, encoding: "utf8" });
      const questions = readFileSync(log, "utf8").trim().split("\n").length;
      return { code: status ?? -1, output: stdout, questions };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test("where every answer is empty, nothing is left", () => {
    const { code, output, questions } = asked("nosuchquestion", "true");
    assert.equal(code, 0, output);
    assert.match(output, /Nothing billable is left\.\n$/);
    assert.ok(questions > 25, `${questions} questions`);
  });

  test("what is left is named, in either cloud", () => {
    for (const [question, name] of [
      ["disks list", "pvc-1"],
      ["describe-nat-gateways", "nat-1"],
    ] as const) {
      const { code, output } = asked(question.replaceAll(" ", "\\ "), `echo ${name}`);
      assert.equal(code, 1);
      assert.match(output, new RegExp(`^! .*:\n    ${name}$`, "m"));
      assert.doesNotMatch(output, /Nothing billable/);
    }
  });

  test("a question that fails is no answer", () => {
    const { code, output } = asked("vpn-tunnels", "exit 1");
    assert.equal(code, 1);
    assert.match(output, /^\? VPN tunnels: could not be asked$/m);
  });

  test("it asks for every kind that Terraform makes and a cloud bills", () => {
    const script = readFileSync(join(root, "infra/terraform/nothing-left.sh"), "utf8");
    const kinds = typesIn(join(root, "infra/terraform"));
    for (const [type, question] of Object.entries(billed)) {
      assert.ok(kinds.has(type), `${type} is made no more`);
      assert.ok(script.includes(question), `${type}: ${question}`);
    }
    const forgotten = [...kinds].filter((type) => !Object.hasOwn(billed, type) && !free.some((one) => one.test(type)));
    assert.deepEqual(forgotten, []);
  });
});
