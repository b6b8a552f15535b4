output "url" {
  description = "Where our own images are pushed to and pulled from."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.own.repository_id}"
  depends_on  = [google_artifact_registry_repository_iam_member.readers, google_artifact_registry_repository_iam_member.writers]
}

output "mirror_url" {
  description = "Where Weaviate's image is pulled from."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.mirror.repository_id}"
  depends_on  = [google_artifact_registry_repository_iam_member.readers]
}
