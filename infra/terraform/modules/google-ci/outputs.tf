output "provider" {
  description = "Full name of the provider, for gcp-cli/setup."
  value       = google_iam_workload_identity_pool_provider.this.name
  depends_on  = [google_service_account_iam_member.federated]
}

output "plan_account" {
  description = "Account that plans Terraform, and changes nothing."
  value       = google_service_account.this["plan"].email
  depends_on  = [google_project_iam_member.plan]
}

output "plan_member" {
  description = "The same as a member of policies."
  value       = google_service_account.this["plan"].member
}

output "apply_account" {
  description = "Account that applies Terraform."
  value       = google_service_account.this["apply"].email
  depends_on  = [google_project_iam_member.apply]
}

output "deploy_account" {
  description = "Account that deploys to the cluster."
  value       = google_service_account.this["deploy"].email
  depends_on  = [google_project_iam_member.deploy]
}

output "deploy_member" {
  description = "The same as a member of policies."
  value       = google_service_account.this["deploy"].member
}

output "apply_member" {
  description = "The account that applies, as a member of policies."
  value       = google_service_account.this["apply"].member
}
