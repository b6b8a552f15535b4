locals {
  services = [
    "artifactregistry.googleapis.com", "cloudkms.googleapis.com", "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com", "container.googleapis.com", "dns.googleapis.com", "iam.googleapis.com",
    "iamcredentials.googleapis.com", "logging.googleapis.com", "monitoring.googleapis.com",
    "networkconnectivity.googleapis.com", "pubsub.googleapis.com",
    "secretmanager.googleapis.com", "storage.googleapis.com", "sts.googleapis.com",
  ]
  # Known at once, and yet of use to nothing before every API is on: all else takes the project from here.
  project = distinct([for service in google_project_service.this : service.project])[0]
  ci      = one(module.ci[*])
}

resource "google_project_service" "this" {
  for_each           = toset(local.services)
  project            = var.gcp_project_id
  service            = each.value
  disable_on_destroy = false
}

module "network" {
  source           = "../modules/google-network"
  project          = local.project
  region           = var.gcp_region
  weaviate_address = var.weaviate_address
  client_cidrs     = var.client_cidrs
  public_address   = var.connectivity == "public"

  collector_address = var.collector_address
}

module "cluster" {
  source              = "../modules/gke-cluster"
  project             = local.project
  region              = var.gcp_region
  network_id          = module.network.network_id
  nodes_subnetwork_id = module.network.nodes_subnetwork_id
  node_zones          = var.node_zones
  machine_type        = var.machine_type
  nodes_per_zone      = var.nodes_per_zone
  ingest_pool         = var.ingest_pool
  authorised_networks = var.authorised_networks
  administrators      = var.circleci == null ? {} : { ci = local.ci.apply_member }
  deletion_protection = var.deletion_protection
}

module "workloads" {
  source             = "../modules/workload-identity"
  for_each           = toset(["weaviate", "ingest"])
  project            = local.project
  name               = "isthmus-${each.key}"
  kubernetes_account = each.key
  # The identity pool that it refers to comes with the cluster.
  depends_on = [module.cluster]
}

module "documents" {
  source  = "../modules/documents-bucket"
  project = local.project
  region  = var.gcp_region
  name    = "${var.gcp_project_id}-isthmus-documents"
  reader  = module.workloads["ingest"].member
  # The pod that replays and publishes is ingestion's own.
  operators = merge({ ingest = module.workloads["ingest"].member }, var.operators)
}

module "alarms" {
  source       = "../modules/ingestion-alarms"
  project      = local.project
  subscription = basename(module.documents.subscription)
  dead_letters = basename(module.documents.dead_letters)
  emails       = var.alarm_emails
}

module "weaviate_alarms" {
  source   = "../modules/weaviate-alarms"
  project  = local.project
  channels = module.alarms.channels
}

module "backups" {
  source   = "../modules/backup-bucket"
  project  = local.project
  location = upper(var.gcp_region)
  name     = "${var.gcp_project_id}-isthmus-backups"
  writer   = module.workloads["weaviate"].member
}

module "images" {
  source  = "../modules/image-registry"
  project = local.project
  region  = var.gcp_region
  readers = { nodes = module.cluster.nodes_service_account }
  writers = var.circleci == null ? {} : { ci = local.ci.deploy_member }

  mirrored_registry = var.mirrored_registry
}

module "secrets" {
  source   = "../modules/google-secret"
  for_each = toset(["weaviate-api-key", "weaviate-writer-key", "weaviate-reader-key"])
  project  = local.project
  region   = var.gcp_region
  name     = each.key
  readers  = var.circleci == null ? {} : { ci = local.ci.deploy_member }
}

module "ci" {
  source          = "../modules/google-ci"
  count           = var.circleci == null ? 0 : 1
  project         = local.project
  organization_id = var.circleci.organization_id
  project_id      = var.circleci.project_id
  branch          = var.circleci.branch
  origin          = var.circleci.origin

  apply_context_id = var.circleci.apply_context_id
}

# A plan is made from the states, and laid down beside them for whoever applies it.
module "ci_plans" {
  source = "../modules/bucket-folder"
  for_each = toset(var.circleci == null ? [] : [
    "${var.gcp_project_id}-isthmus-state", "${var.gcp_project_id}-isthmus-link-state",
  ])
  bucket = each.value
  folder = "plans/"
  member = local.ci.plan_member
}

resource "google_storage_bucket_iam_member" "ci_states" {
  for_each = toset(var.circleci == null ? [] : [
    "${var.gcp_project_id}-isthmus-state", "${var.gcp_project_id}-isthmus-link-state",
  ])
  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = local.ci.plan_member
}

# Where the pipeline notes what is deployed (in the bucket that bootstrap.sh makes), and its smoke test's document.
module "ci_folders" {
  source = "../modules/bucket-folder"
  for_each = var.circleci == null ? {} : {
    "pipeline/"           = "${var.gcp_project_id}-isthmus-state"
    "isthmus-smoke-test/" = module.documents.name
  }
  bucket = each.value
  folder = each.key
  member = local.ci.deploy_member
}
