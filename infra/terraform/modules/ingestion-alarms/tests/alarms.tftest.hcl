variables {
  project      = "example-project"
  subscription = "example-project-isthmus-documents-ingest"
  dead_letters = "example-project-isthmus-documents-dead-letters"
  emails       = ["operator@example.com", "second@example.com"]
}

run "alarms" {
  assert {
    condition     = strcontains(google_monitoring_alert_policy.oldest_event.conditions[0].condition_threshold[0].filter, "subscription_id=\"example-project-isthmus-documents-ingest\"") && google_monitoring_alert_policy.oldest_event.conditions[0].condition_threshold[0].threshold_value == 900
    error_message = "Events that wait for a quarter of an hour are told."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.dead_letters.conditions[0].condition_threshold[0].filter, "subscription_id=\"example-project-isthmus-documents-dead-letters\"") && google_monitoring_alert_policy.dead_letters.conditions[0].condition_threshold[0].threshold_value == 0
    error_message = "The first dead letter is told."
  }
  assert {
    condition     = strcontains(google_logging_metric.held.filter, "mass_delete_refused") && strcontains(google_monitoring_alert_policy.held.conditions[0].condition_threshold[0].filter, "user/isthmus/held-deletions")
    error_message = "A mass delete that is held is told."
  }
  assert {
    condition     = google_logging_metric.reconciliations.label_extractors["outcome"] == "EXTRACT(jsonPayload.reconciliation)" && length(google_monitoring_alert_policy.reconciliation.conditions) == 2
    error_message = "A comparison that ended badly is told, and one that never ran."
  }
  assert {
    condition     = length(google_monitoring_notification_channel.email) == 2 && alltrue([for policy in [google_monitoring_alert_policy.oldest_event, google_monitoring_alert_policy.dead_letters, google_monitoring_alert_policy.held, google_monitoring_alert_policy.reconciliation] : length(policy.notification_channels) == 2])
    error_message = "Everybody is told of everything."
  }
}

run "a_path_is_no_name" {
  command = plan
  variables {
    subscription = "projects/example-project/subscriptions/x"
  }
  expect_failures = [var.subscription]
}

run "an_alarm_of_every_minute_is_refused" {
  command = plan
  variables {
    oldest_minutes = 1
  }
  expect_failures = [var.oldest_minutes]
}

run "no_address_is_no_address" {
  command = plan
  variables {
    emails = ["operator"]
  }
  expect_failures = [var.emails]
}
