resource "google_storage_bucket" "this" {
  project                     = var.project
  location                    = var.location
  name                        = var.name
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }
  lifecycle_rule {
    condition {
      age = var.days
    }
    action {
      type = "Delete"
    }
  }
  lifecycle_rule {
    condition {
      days_since_noncurrent_time = 7
    }
    action {
      type = "Delete"
    }
  }
}

resource "google_storage_bucket_iam_member" "writer" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectUser"
  member = var.writer
}

# Weaviate looks at the bucket itself before it writes.
resource "google_storage_bucket_iam_member" "bucket_reader" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.legacyBucketReader"
  member = var.writer
}
