# CI proves who it is by a token of CircleCI's for this very job; no key of an account exists anywhere.
resource "google_iam_workload_identity_pool" "this" {
  project                   = var.project
  workload_identity_pool_id = "circleci"
  display_name              = "CircleCI"
}

resource "google_iam_workload_identity_pool_provider" "this" {
  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
  workload_identity_pool_provider_id = "circleci"
  display_name                       = "CircleCI"

  oidc {
    issuer_uri        = "https://oidc.circleci.com/org/${var.organization_id}"
    allowed_audiences = [var.organization_id]
  }
  attribute_mapping = {
    "google.subject"    = "assertion.sub"
    "attribute.project" = "assertion['oidc.circleci.com/project-id']"
    "attribute.ref"     = "assertion['oidc.circleci.com/vcs-ref']"
    "attribute.origin"  = "assertion['oidc.circleci.com/vcs-origin']"
  }
  # One project, one branch, one repository: a fork's pull request gets no token, and were it given one, its origin is the fork.
  attribute_condition = join(" && ", concat(
    ["attribute.project == '${var.project_id}'", "attribute.ref == 'refs/heads/${var.branch}'"],
    var.origin == null ? [] : ["attribute.origin == '${var.origin}'"],
  ))
}

locals {
  # Applying Terraform makes networks, clusters, buckets and the bindings between them. Acting as the nodes' account, which a
  # node pool needs, is granted on that account alone (modules/gke-cluster).
  apply_roles = [
    "roles/artifactregistry.admin",
    "roles/cloudkms.admin",
    "roles/compute.networkAdmin",
    "roles/compute.securityAdmin",
    "roles/container.admin",
    "roles/dns.admin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.workloadIdentityPoolAdmin",
    "roles/pubsub.admin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/secretmanager.admin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
  ]
  # Deploying talks to the cluster only; the images' and secrets' own modules grant the rest.
  deploy_roles = ["roles/container.developer"]
}

resource "google_service_account" "this" {
  for_each     = { apply = local.apply_roles, deploy = local.deploy_roles }
  project      = var.project
  account_id   = "isthmus-${each.key}"
  display_name = "CircleCI: ${each.key}"
}

resource "google_service_account_iam_member" "federated" {
  for_each           = google_service_account.this
  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}/attribute.project/${var.project_id}"
}

resource "google_project_iam_member" "apply" {
  for_each = toset(local.apply_roles)
  project  = var.project
  role     = each.value
  member   = google_service_account.this["apply"].member
}

resource "google_project_iam_member" "deploy" {
  for_each = toset(local.deploy_roles)
  project  = var.project
  role     = each.value
  member   = google_service_account.this["deploy"].member
}
