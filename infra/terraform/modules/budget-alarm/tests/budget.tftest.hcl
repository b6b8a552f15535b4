variables {
  dollars = 500
  emails  = ["operator@example.com"]
}

run "budget" {
  assert {
    condition     = toset([for one in aws_budgets_budget.this.notification : "${one.notification_type} ${one.threshold}"]) == toset(["ACTUAL 80", "FORECASTED 100"])
    error_message = "Two warnings: most of it is spent, all of it will be."
  }
}

run "nobody_to_tell_is_refused" {
  command = plan
  variables {
    emails = []
  }
  expect_failures = [var.emails]
}
