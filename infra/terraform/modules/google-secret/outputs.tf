output "id" {
  description = "The secret, once its readers may read it."
  value       = google_secret_manager_secret.this.id
  depends_on  = [google_secret_manager_secret_iam_member.readers]
}
