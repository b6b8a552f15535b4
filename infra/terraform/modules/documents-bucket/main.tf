resource "google_storage_bucket" "this" {
  project                     = var.project
  location                    = upper(var.region)
  name                        = var.name
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # A document that was overwritten or deleted by mistake can be brought back for a week.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }
  versioning {
    enabled = false
  }
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectViewer"
  member = var.reader
}
