output "name" {
  description = "Name of the bucket, once its writer may write."
  value       = google_storage_bucket.this.name
  depends_on  = [google_storage_bucket_iam_member.writer, google_storage_bucket_iam_member.bucket_reader]
}
