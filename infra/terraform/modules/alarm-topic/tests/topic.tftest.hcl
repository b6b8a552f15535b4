variables {
  emails = ["operator@example.com", "second@example.com"]
}

run "topic" {
  assert {
    condition     = aws_sns_topic.this.name == "isthmus-alarms" && toset([for one in aws_sns_topic_subscription.email : one.endpoint]) == toset(var.emails) && alltrue([for one in aws_sns_topic_subscription.email : one.topic_arn == aws_sns_topic.this.arn && one.protocol == "email"])
    error_message = "Everybody hears of the topic's alarms."
  }
}

run "no_address_is_no_address" {
  command = plan
  variables {
    emails = ["operator"]
  }
  expect_failures = [var.emails]
}
