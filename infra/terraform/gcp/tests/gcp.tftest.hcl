variables {
  gcp_project_id = "example-project"
}

run "private_is_the_default" {
  assert {
    condition     = var.connectivity == "private" && output.weaviate_public_address == null
    error_message = "Nothing of Weaviate is on the internet unless it was chosen."
  }
  assert {
    condition     = output.cluster_name == "weaviate-cluster" && output.cluster_endpoint != null
    error_message = "The outputs keep their names."
  }
  assert {
    condition     = strcontains(output.kubernetes_settings, "WEAVIATE_SERVICE_ACCOUNT=isthmus-weaviate@example-project.iam.gserviceaccount.com\n")
    error_message = "The manifests' settings come from here."
  }
  assert {
    condition     = var.deletion_protection
    error_message = "The cluster cannot be deleted by a slip."
  }
  assert {
    condition     = output.ci == null
    error_message = "CI is connected when its ids are given."
  }
}

run "public_must_be_chosen" {
  variables {
    connectivity = "public"
    circleci = {
      organization_id = "01234567-89ab-cdef-0123-456789abcdef"
      project_id      = "fedcba98-7654-3210-fedc-ba9876543210"

      apply_context_id = "00112233-4455-6677-8899-aabbccddeeff"
    }
  }
  assert {
    condition     = output.weaviate_public_address != null && output.ci.deploy_account == "isthmus-deploy@example-project.iam.gserviceaccount.com"
    error_message = "The external address and CI's accounts are there when asked for."
  }
}

run "another_word_is_refused" {
  command = plan
  variables {
    connectivity = "open"
  }
  expect_failures = [var.connectivity]
}

run "traces_over_the_internet_are_refused" {
  command = plan
  variables {
    connectivity      = "public"
    collector_address = "10.10.16.11"
  }
  expect_failures = [var.collector_address]
}
