variables {
  project = "example-project"
  name    = "example-project-isthmus-backups"
  writer  = "serviceAccount:isthmus-weaviate@example-project.iam.gserviceaccount.com"
}

run "backups" {
  assert {
    condition     = google_storage_bucket.this.public_access_prevention == "enforced" && google_storage_bucket.this.versioning[0].enabled
    error_message = "Backups are private, and an overwritten one can be brought back."
  }
  assert {
    condition     = google_storage_bucket_iam_member.writer.role == "roles/storage.objectUser"
    error_message = "Weaviate handles objects and not the bucket."
  }
}

run "a_public_writer_is_refused" {
  command = plan
  variables {
    writer = "allAuthenticatedUsers"
  }
  expect_failures = [var.writer]
}
