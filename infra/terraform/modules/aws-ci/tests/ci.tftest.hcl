variables {
  account_id      = "012345678901"
  region          = "us-east-1"
  organization_id = "01234567-89ab-cdef-0123-456789abcdef"
  project_id      = "fedcba98-7654-3210-fedc-ba9876543210"
}

run "ci" {
  assert {
    condition = alltrue([
      for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement[0].Condition == {
        StringEquals  = { "oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:aud" = "01234567-89ab-cdef-0123-456789abcdef" }
        StringNotLike = { "oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:sub" = "*/vcs-ref/*/vcs-ref/*" }
        StringLike = {
          "oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:sub" = "org/01234567-89ab-cdef-0123-456789abcdef/project/fedcba98-7654-3210-fedc-ba9876543210/user/*/vcs-origin/*/vcs-ref/refs/heads/main"
        }
      }
    ])
    error_message = "Only this project's main branch comes in."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for action in flatten([statement.Action]) : !strcontains(action, "*")
        ]
      ]
    ]))
    error_message = "Every action is spelled out."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for action in flatten([statement.Action]) :
          statement.Resource != "*" || can(regex(":(Describe|List|Validate|Create|Associate)", action))
        ]
      ]
    ]))
    error_message = "Any resource is meant only where the service names none."
  }
}

run "a_pattern_for_a_branch_is_refused" {
  command = plan
  variables {
    branch = "*"
  }
  expect_failures = [var.branch]
}

run "one_repository" {
  command = plan
  variables {
    origin = "github.com/owner/repository"
  }
  assert {
    condition = alltrue([
      for role in aws_iam_role.this : endswith(
        jsondecode(role.assume_role_policy).Statement[0].Condition.StringLike["oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:sub"],
        "/vcs-origin/github.com/owner/repository/vcs-ref/refs/heads/main",
      )
    ])
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
