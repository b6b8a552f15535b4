output "email" {
  description = "The account's address, for the annotation iam.gke.io/gcp-service-account."
  value       = google_service_account.this.email
  depends_on  = [google_service_account_iam_member.pod]
}

output "member" {
  description = "The account as a member of policies."
  value       = google_service_account.this.member
}
