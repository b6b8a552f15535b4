output "channels" {
  description = "Those who are told, for other alarms."
  value       = local.channels
}

output "policies" {
  description = "Names of the alarms, once somebody is told of them."
  value = {
    events         = google_monitoring_alert_policy.oldest_event.name
    dead_letters   = google_monitoring_alert_policy.dead_letters.name
    held           = google_monitoring_alert_policy.held.name
    reconciliation = google_monitoring_alert_policy.reconciliation.name
  }
}
