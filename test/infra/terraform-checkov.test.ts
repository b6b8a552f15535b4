import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { checkovBinary } from "../peers/checkov.ts";
import { checkovFolder, unwaived, type Waivers } from "./checkers.ts";

const managedKeys =
  "the clouds' own encryption; a key of ours adds a cost and a way to lose it, and is taken where secrets lie in a state";

const waivers: Waivers = {
  CKV2_AWS_23: "a record of the other cloud's address: there is no AWS object behind it",
  CKV2_AWS_31: "WAF's metrics and samples are on; its full log would hold clients' addresses",
  CKV2_AWS_34: "addresses, ids and a public certificate; the key itself is in Secrets Manager",
  CKV2_AWS_5: "the function's own deployment attaches it",
  CKV2_AWS_57: "the key is Weaviate's, and rotated together with it (docs/operations)",
  CKV_AWS_124: "a stack of one resource, which Terraform applies and waits for: who applies it sees how it ends",
  CKV_AWS_149: managedKeys,
  CKV_AWS_158: managedKeys,
  CKV_AWS_192:
    "no Java runs behind the API; the known-bad-inputs rules are on all the same, by a dynamic block that is not seen",
  CKV_AWS_26:
    "an alarm tells names and numbers, and CloudWatch may not use AWS's own key for SNS: one of ours would be a cost",
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
