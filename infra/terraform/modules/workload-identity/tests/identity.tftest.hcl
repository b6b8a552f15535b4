variables {
  project            = "example-project"
  name               = "isthmus-ingest"
  kubernetes_account = "ingest"
}

run "identity" {
  assert {
    condition     = google_service_account_iam_member.pod.member == "serviceAccount:example-project.svc.id.goog[isthmus/ingest]"
    error_message = "One workload of one namespace acts as the account."
  }
}

run "a_bad_name_is_refused" {
  command = plan
  variables {
    name = "Ingest"
  }
  expect_failures = [var.name]
}
