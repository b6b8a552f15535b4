import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { replaceIn } from "./manifests.ts";
import { missingAround } from "./needs/faults.ts";

const source = join(import.meta.dirname, "../../infra/terraform");

suite("what each resource needs beside itself", () => {
  test("every API is on, every grant is given, each waits for what it needs, and who applies may", () =>
    assert.deepEqual(missingAround(source), []));

  const events = "modules/documents-bucket/events.tf";
  const policies = "modules/aws-ci/policies.tf";
  const mutants = [
    ["an API less: sts", "gcp/main.tf", ', "sts.googleapis.com",', ",", /needs sts\.googleapis\.com/],
    ["an API less: dns", "gcp/main.tf", '"dns.googleapis.com", ', "", /needs dns\.googleapis\.com/],
    [
      "a key for another agent",
      "modules/gke-cluster/identity.tf",
      "container-engine-robot",
      "compute-system",
      /not for the agent of gke/,
    ],
    [
      "a cluster before its key",
      "modules/gke-cluster/main.tf",
      "  depends_on = [google_kms_crypto_key_iam_member.cluster]\n",
      "",
      /does not wait for google_kms/,
    ],
    [
      "a notification before its publisher",
      events,
      / {2}depends_on +=.*google_pubsub_topic_iam_member\.bucket\]\n/,
      "",
      /does not wait for google_pubsub_topic_iam_member/,
    ],
    [
      "dead letters that nobody may take off",
      events,
      'google_pubsub_subscription.events.name\n  role         = "roles/pubsub.subscriber"\n  member       = local.pubsub_agent',
      'google_pubsub_subscription.events.name\n  role         = "roles/pubsub.viewer"\n  member       = local.pubsub_agent',
      /does not give roles\/pubsub\.subscriber/,
    ],
    ["dead letters by another agent", events, "@gcp-sa-pubsub.", "@gcp-sa-eventarc.", /not for the agent of pubsub/],
    [
      "an agent that nobody makes",
      "bootstrap.sh",
      "for service in pubsub container;",
      "for service in container;",
      /does not make the agent of pubsub/,
    ],
    ["who applies cannot tag", policies, /"ec2:CreateTags", /, "", /who applies lacks ec2:CreateTags/],
    [
      "who applies cannot detach",
      policies,
      /"iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",\n/,
      '"iam:GetRole", "iam:GetRolePolicy",\n',
      /lacks iam:DetachRolePolicy/,
    ],
    [
      "a NAT gateway before the way out",
      "modules/aws-network/public.tf",
      / {2}\/\/?.*| {2}depends_on = \[aws_internet_gateway\.this\]\n/,
      "",
      /does not wait for aws_internet_gateway/,
    ],
    [
      "a resource that nobody described",
      events,
      'resource "google_pubsub_topic" "dead"',
      'resource "google_pubsub_lite_topic" "dead"',
      /nobody said which API/,
    ],
  ] as const;
  for (const [what, file, from, to, fault] of mutants)
    test(`${what} is found`, () => {
      const folder = mkdtempSync(join(tmpdir(), "isthmus-needs-"));
      try {
        cpSync(source, folder, { recursive: true, filter: (path) => !path.includes(".terraform") });
        replaceIn(join(folder, file), from, to);
        assert.match(missingAround(folder).join("\n"), fault);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
});
