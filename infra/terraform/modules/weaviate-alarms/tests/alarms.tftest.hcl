variables {
  project  = "example-project"
  channels = ["projects/example-project/notificationChannels/1", "projects/example-project/notificationChannels/2"]
}

run "alarms" {
  assert {
    condition     = google_monitoring_alert_policy.unready.conditions[0].condition_prometheus_query_language[0].query == "kube_statefulset_status_replicas_ready{namespace=\"isthmus\", statefulset=~\"weaviate.*\"} < kube_statefulset_replicas{namespace=\"isthmus\", statefulset=~\"weaviate.*\"}"
    error_message = "Fewer ready nodes than there should be are told."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.volumes.conditions[0].condition_threshold[0].filter, "metric.label.volume_name=\"weaviate-data\"") && google_monitoring_alert_policy.volumes.conditions[0].condition_threshold[0].threshold_value == 0.75
    error_message = "Weaviate's volumes are told of while there is room for it to go on."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.sessions.conditions[0].condition_threshold[0].filter, "bgp_peer_name=starts_with(\"isthmus-link-\")") && google_monitoring_alert_policy.sessions.conditions[0].condition_threshold[0].comparison == "COMPARISON_LT" && google_monitoring_alert_policy.sessions.conditions[0].condition_threshold[0].duration == "900s"
    error_message = "A session of the link that is down for a quarter of an hour is told."
  }
  assert {
    condition     = alltrue([for policy in [google_monitoring_alert_policy.unready, google_monitoring_alert_policy.volumes, google_monitoring_alert_policy.sessions] : length(policy.notification_channels) == 2])
    error_message = "Everybody is told of everything."
  }
}

run "a_volume_is_told_of_before_it_is_full" {
  command = plan
  variables {
    full_percent = 95
  }
  expect_failures = [var.full_percent]
}

run "maintenance_is_no_alarm" {
  command = plan
  variables {
    session_minutes = 1
  }
  expect_failures = [var.session_minutes]
}
