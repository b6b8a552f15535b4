variables {
  project         = "example-project"
  organization_id = "01234567-89ab-cdef-0123-456789abcdef"
  project_id      = "fedcba98-7654-3210-fedc-ba9876543210"

  apply_context_id = "00112233-4455-6677-8899-aabbccddeeff"
}

run "ci" {
  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.this.attribute_condition, "attribute.project == 'fedcba98-7654-3210-fedc-ba9876543210' && attribute.ref == 'refs/heads/main'")
    error_message = "Only this project's main branch comes in."
  }
  assert {
    condition = alltrue([
      for binding in values(merge(google_project_iam_member.plan, google_project_iam_member.apply, google_project_iam_member.deploy)) :
      !contains(["roles/owner", "roles/editor", "roles/viewer"], binding.role)
    ])
    error_message = "No basic role is given."
  }
  assert {
    condition     = keys(google_project_iam_member.deploy) == ["roles/container.developer"]
    error_message = "Deploying cannot change the infrastructure."
  }
  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.this.attribute_condition, "assertion['oidc.circleci.com/ssh-rerun'] == false")
    error_message = "No job rerun with SSH comes in."
  }
  assert {
    condition = (
      endswith(google_service_account_iam_member.federated["apply"].member, "/attribute.rights/apply")
      && google_iam_workload_identity_pool_provider.this.attribute_mapping["attribute.rights"] == "'00112233-4455-6677-8899-aabbccddeeff' in assertion['oidc.circleci.com/context-ids'] ? 'apply' : 'deploy'"
    )
    error_message = "Only a job with the apply context applies."
  }
  assert {
    condition     = alltrue([for role in keys(google_project_iam_member.plan) : can(regex("([vV]iewer|[rR]eader|Reviewer)$", role))])
    error_message = "Planning reads."
  }
  assert {
    condition = length(setintersection(toset(concat(keys(google_project_iam_member.plan), keys(google_project_iam_member.apply))), [
      "roles/secretmanager.admin", "roles/secretmanager.secretAccessor", "roles/container.admin",
      "roles/resourcemanager.projectIamAdmin", "roles/iam.workloadIdentityPoolAdmin", "roles/iam.securityAdmin",
    ])) == 0
    error_message = "Neither reads secrets' values, reaches into the cluster, or decides who comes in."
  }
  assert {
    condition     = google_project_iam_member.grants.condition[0].expression == "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/container.defaultNodeServiceAccount'])"
    error_message = "It grants the nodes' role and nothing that would raise itself."
  }
}

run "a_pattern_for_a_branch_is_refused" {
  command = plan
  variables {
    branch = "*"
  }
  expect_failures = [var.branch]
}

run "a_name_for_an_id_is_refused" {
  command = plan
  variables {
    project_id = "isthmus"
  }
  expect_failures = [var.project_id]
}

run "one_repository" {
  command = plan
  variables {
    origin = "github.com/owner/repository"
  }
  assert {
    condition     = endswith(google_iam_workload_identity_pool_provider.this.attribute_condition, " && attribute.origin == 'github.com/owner/repository'")
    error_message = "A fork does not come in."
  }
}

run "a_pattern_for_a_repository_is_refused" {
  command = plan
  variables {
    origin = "github.com/owner/*"
  }
  expect_failures = [var.origin]
}
