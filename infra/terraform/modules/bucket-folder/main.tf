# One account reads and writes below one folder of a bucket, and nothing else in it.
resource "google_storage_bucket_iam_member" "objects" {
  bucket = var.bucket
  role   = "roles/storage.objectUser"
  member = var.member

  condition {
    title      = "below-${replace(trimsuffix(var.folder, "/"), "/", "-")}"
    expression = "resource.name.startsWith('projects/_/buckets/${var.bucket}/objects/${var.folder}')"
  }
}

# Whoever may not list is told "forbidden" of an object that is not there, and could not tell a first deployment from a bucket
# that is out of reach.
resource "google_storage_bucket_iam_member" "names" {
  bucket = var.bucket
  role   = "roles/storage.legacyBucketReader"
  member = var.member
}
