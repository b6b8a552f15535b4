/**
 * What each of Google's resources needs beside itself. A resource whose type is missing here fails the tests, so this grows with the
 * infrastructure. APIs: the service that the provider calls for the type (its `base_url` in hashicorp/terraform-provider-google), and
 * those that its use needs.
 */
export const apisOf: Readonly<Record<string, readonly string[]>> = {
  google_artifact_registry_repository: ["artifactregistry"],
  google_artifact_registry_repository_iam_member: ["artifactregistry"],
  google_compute_address: ["compute"],
  google_compute_external_vpn_gateway: ["compute"],
  google_compute_firewall: ["compute"],
  google_compute_ha_vpn_gateway: ["compute"],
  google_compute_network: ["compute"],
  google_compute_network_peering: ["compute"],
  google_compute_route: ["compute"],
  google_compute_router: ["compute"],
  google_compute_router_interface: ["compute"],
  google_compute_router_nat: ["compute"],
  google_compute_router_peer: ["compute"],
  google_compute_router_route_policy: ["compute"],
  google_compute_subnetwork: ["compute"],
  google_compute_vpn_tunnel: ["compute"],
  // Nodes are machines of Compute Engine and send their logs and metrics.
  google_container_cluster: ["container", "compute", "logging", "monitoring"],
  google_container_node_pool: ["container", "compute"],
  google_dns_managed_zone: ["dns"],
  google_dns_record_set: ["dns"],
  // A job exchanges its token with sts, and that for an account's with iamcredentials.
  google_iam_workload_identity_pool: ["iam", "sts", "iamcredentials"],
  google_iam_workload_identity_pool_provider: ["iam", "sts", "iamcredentials"],
  google_kms_crypto_key: ["cloudkms"],
  google_kms_crypto_key_iam_member: ["cloudkms"],
  google_kms_key_ring: ["cloudkms"],
  google_logging_metric: ["logging"],
  google_monitoring_alert_policy: ["monitoring"],
  google_monitoring_notification_channel: ["monitoring"],
  google_network_connectivity_transport: ["networkconnectivity"],
  google_project: ["cloudresourcemanager"],
  google_project_iam_member: ["cloudresourcemanager"],
  // bootstrap.sh turns it on by gcloud, which needs nothing first.
  google_project_service: [],
  google_pubsub_subscription: ["pubsub"],
  google_pubsub_subscription_iam_member: ["pubsub"],
  google_pubsub_topic: ["pubsub"],
  google_pubsub_topic_iam_member: ["pubsub"],
  google_secret_manager_secret: ["secretmanager"],
  google_secret_manager_secret_iam_member: ["secretmanager"],
  google_service_account: ["iam"],
  google_service_account_iam_member: ["iam"],
  google_storage_bucket: ["storage"],
  google_storage_bucket_iam_member: ["storage"],
  google_storage_notification: ["storage", "pubsub"],
  google_storage_project_service_account: ["storage"],
};

/**
 * The accounts by which Google's own services act, and what each needs before the thing that uses it. Their names:
 * https://docs.cloud.google.com/iam/docs/service-agents
 */
export const agents = {
  gke: "@container-engine-robot.iam.gserviceaccount.com",
  pubsub: "@gcp-sa-pubsub.iam.gserviceaccount.com",
} as const;

/** What a resource of a type (and, where two are of it, of a name) may not be made before. */
export const waitsFor: readonly {
  readonly type: string;
  readonly name?: string;
  readonly before: string;
  readonly why: string;
}[] = [
  {
    type: "google_container_cluster",
    before: "google_kms_crypto_key_iam_member.cluster",
    why: "GKE encrypts Secrets with the key from the first moment",
  },
  {
    type: "google_storage_notification",
    before: "google_pubsub_topic_iam_member.bucket",
    why: "Cloud Storage tries to publish when the notification is made",
  },
  {
    type: "aws_nat_gateway",
    before: "aws_internet_gateway.this",
    why: "AWS refuses it in a network that has no way out",
  },
  {
    type: "aws_api_gateway_account",
    before: "aws_iam_role_policy_attachment.this",
    why: "API Gateway tries the role when it is set",
  },
];

/** Grants to Google's own agents: the agent, what it is given, and on what. */
export const agentGrants: readonly {
  readonly type: string;
  readonly name: string;
  readonly role: string;
  readonly on: string;
  readonly agent: keyof typeof agents | "storage";
}[] = [
  {
    type: "google_kms_crypto_key_iam_member",
    name: "cluster",
    role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    on: "google_kms_crypto_key.secrets",
    agent: "gke",
  },
  {
    type: "google_pubsub_topic_iam_member",
    name: "bucket",
    role: "roles/pubsub.publisher",
    on: "google_pubsub_topic.events",
    agent: "storage",
  },
  {
    type: "google_pubsub_topic_iam_member",
    name: "dead",
    role: "roles/pubsub.publisher",
    on: "google_pubsub_topic.dead",
    agent: "pubsub",
  },
  {
    type: "google_pubsub_subscription_iam_member",
    name: "dead",
    role: "roles/pubsub.subscriber",
    on: "google_pubsub_subscription.events",
    agent: "pubsub",
  },
];
