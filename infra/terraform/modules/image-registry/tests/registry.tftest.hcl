variables {
  project = "example-project"
  region  = "us-east4"
  readers = { nodes = "serviceAccount:nodes@example-project.iam.gserviceaccount.com" }
  writers = { ci = "serviceAccount:ci@example-project.iam.gserviceaccount.com" }
}

run "registry" {
  assert {
    condition     = length(google_artifact_registry_repository_iam_member.readers) == 2 && length(google_artifact_registry_repository_iam_member.writers) == 1
    error_message = "Nodes pull from both, CI pushes to ours alone."
  }
  assert {
    condition     = google_artifact_registry_repository.own.docker_config[0].immutable_tags
    error_message = "A tag that was pushed stays what it was."
  }
  assert {
    condition     = output.url == "us-east4-docker.pkg.dev/example-project/isthmus"
    error_message = "The address is the one that images are pushed to."
  }
}

run "public_images_are_refused" {
  command = plan
  variables {
    readers = { everybody = "allUsers" }
  }
  expect_failures = [var.readers]
}

run "plain_http_is_refused" {
  command = plan
  variables {
    mirrored_registry = "http://cr.weaviate.io"
  }
  expect_failures = [var.mirrored_registry]
}
