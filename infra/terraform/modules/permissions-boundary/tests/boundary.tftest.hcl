run "boundary" {
  assert {
    condition     = aws_iam_policy.this.name == "isthmus-boundary"
    error_message = "CI's rights name it."
  }
  assert {
    condition = alltrue([
      for action in jsondecode(aws_iam_policy.this.policy).Statement[0].Action : !strcontains(action, "*") && !startswith(action, "iam:") && !startswith(action, "sts:")
    ])
    error_message = "No role within it writes roles, takes one, or has a right that is not spelled out."
  }
}
