variables {
  project = "example-project"
  region  = "us-east4"
  name    = "weaviate-api-key"
  readers = { ci = "serviceAccount:isthmus-deploy@example-project.iam.gserviceaccount.com" }
}

run "secret" {
  assert {
    condition     = google_secret_manager_secret_iam_member.readers["ci"].role == "roles/secretmanager.secretAccessor"
    error_message = "Readers read the value and manage nothing."
  }
}

run "a_public_reader_is_refused" {
  command = plan
  variables {
    readers = { all = "allUsers" }
  }
  expect_failures = [var.readers]
}
