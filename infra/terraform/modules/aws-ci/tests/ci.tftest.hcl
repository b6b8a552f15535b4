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
        BoolIfExists  = { "oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:oidc.circleci.com/ssh-rerun" = "false" }
        StringNotLike = { "oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:sub" = "*/vcs-ref/*/vcs-ref/*" }
        StringLike = {
          "oidc.circleci.com/org/01234567-89ab-cdef-0123-456789abcdef:sub" = "org/01234567-89ab-cdef-0123-456789abcdef/project/fedcba98-7654-3210-fedc-ba9876543210/user/*/vcs-origin/*/vcs-ref/refs/heads/main"
        }
      }
    ])
    error_message = "Only this project's main branch comes in, and no job rerun with SSH."
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
  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.this["plan"].policy).Statement : [
        for action in statement.Action : can(regex("^[a-z0-9-]+:(Describe|Get|GET|List|View)", action)) && !can(regex("GetSecretValue", action))
      ]
    ]))
    error_message = "Planning reads, and no secret."
  }
  assert {
    condition = alltrue(flatten([
      for right in ["apply", "deploy"] : [
        for statement in jsondecode(aws_iam_role_policy.this[right].policy).Statement : (
          length(setintersection(toset(statement.Action), ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"])) == 0
          || statement.Effect == "Deny"
          || try(statement.Condition.StringEquals["iam:PermissionsBoundary"], "") == "arn:aws:iam::012345678901:policy/isthmus-boundary"
        )
      ]
    ]))
    error_message = "Roles are written within the boundary alone."
  }
  assert {
    condition = anytrue([
      for statement in jsondecode(aws_iam_role_policy.this["apply"].policy).Statement : (
        statement.Effect == "Deny" && contains(statement.Action, "iam:PutRolePolicy") && contains(flatten([statement.Resource]), "arn:aws:iam::012345678901:role/isthmus-apply")
      )
    ])
    error_message = "CI does not change what CI may do."
  }
  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.this : length(replace(policy.policy, "/\\s/", "")) <= 10240])
    error_message = "AWS takes 10,240 characters of a role's own policies."
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
