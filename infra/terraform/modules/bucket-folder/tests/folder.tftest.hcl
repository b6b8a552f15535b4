variables {
  bucket = "example-project-isthmus-state"
  folder = "pipeline/"
  member = "serviceAccount:isthmus-deploy@example-project.iam.gserviceaccount.com"
}

run "folder" {
  assert {
    condition     = google_storage_bucket_iam_member.objects.condition[0].expression == "resource.name.startsWith('projects/_/buckets/example-project-isthmus-state/objects/pipeline/')"
    error_message = "Writing ends at the folder: the states of Terraform lie beside it."
  }
  assert {
    condition     = google_storage_bucket_iam_member.names.role == "roles/storage.legacyBucketReader"
    error_message = "In the rest of the bucket, names alone."
  }
}

run "a_whole_bucket_is_refused" {
  command = plan
  variables {
    folder = ""
  }
  expect_failures = [var.folder]
}

run "everybody_is_refused" {
  command = plan
  variables {
    member = "allUsers"
  }
  expect_failures = [var.member]
}
