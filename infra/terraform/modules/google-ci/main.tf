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
    # Only jobs with the context that people who may approve an apply can use: by its id, since a name can be given twice.
    "attribute.rights" = "'${var.apply_context_id}' in assertion['oidc.circleci.com/context-ids'] ? 'apply' : 'deploy'"
  }
  # One project, one branch, one repository: a fork's pull request gets no token, and were it given one, its origin is the fork.
  # A job that a person reran with SSH is a shell in CI's place, and comes in nowhere.
  attribute_condition = join(" && ", concat(
    ["attribute.project == '${var.project_id}'", "attribute.ref == 'refs/heads/${var.branch}'"],
    ["assertion['oidc.circleci.com/ssh-rerun'] == false"],
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
    "roles/container.clusterAdmin",
    "roles/dns.admin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.workloadIdentityPoolViewer",
    "roles/logging.configWriter",
    "roles/monitoring.editor",
    "roles/pubsub.admin",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
  ]
  # What a plan reads: all that applying could change, and no secret's value.
  plan_roles = [
    "roles/artifactregistry.reader",
    "roles/cloudkms.viewer",
    "roles/compute.viewer",
    "roles/container.clusterViewer",
    "roles/dns.reader",
    "roles/iam.securityReviewer",
    "roles/iam.workloadIdentityPoolViewer",
    "roles/logging.viewer",
    "roles/monitoring.viewer",
    # The interconnect's end, where there is one; for applying it, roles/compute.networkAdmin is enough.
    "roles/networkconnectivity.transportViewer",
    "roles/pubsub.viewer",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageViewer",
    "roles/storage.bucketViewer",
  ]
  # Deploying talks to the cluster only; the images' and secrets' own modules grant the rest.
  deploy_roles = ["roles/container.developer"]
}

resource "google_service_account" "this" {
  for_each     = toset(["plan", "apply", "deploy"])
  project      = var.project
  account_id   = "isthmus-${each.key}"
  display_name = "CircleCI: ${each.key}"
}

resource "google_service_account_iam_member" "federated" {
  for_each           = google_service_account.this
  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member = join("/", [
    "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}",
    each.key == "apply" ? "attribute.rights/apply" : "attribute.project/${var.project_id}",
  ])
}

resource "google_project_iam_member" "apply" {
  for_each = toset(local.apply_roles)
  project  = var.project
  role     = each.value
  member   = google_service_account.this["apply"].member
}

# Grants in the project, of the roles that the modules give and no others: so CI cannot raise itself, and what CI may do is
# applied by a person. https://cloud.google.com/iam/docs/setting-limits-on-granting-roles
resource "google_project_iam_member" "grants" {
  project = var.project
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = google_service_account.this["apply"].member

  condition {
    title      = "roles-of-the-modules"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['${join("', '", var.grantable_roles)}'])"
  }
}

resource "google_project_iam_member" "plan" {
  for_each = toset(local.plan_roles)
  project  = var.project
  role     = each.value
  member   = google_service_account.this["plan"].member
}

resource "google_project_iam_member" "deploy" {
  for_each = toset(local.deploy_roles)
  project  = var.project
  role     = each.value
  member   = google_service_account.this["deploy"].member
}
