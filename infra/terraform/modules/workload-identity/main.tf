resource "google_service_account" "this" {
  project      = var.project
  account_id   = var.name
  display_name = "${var.kubernetes_account} in namespace ${var.namespace}"
}

# No key of it exists: the cluster vouches for the pod.
resource "google_service_account_iam_member" "pod" {
  service_account_id = google_service_account.this.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project}.svc.id.goog[${var.namespace}/${var.kubernetes_account}]"
}
