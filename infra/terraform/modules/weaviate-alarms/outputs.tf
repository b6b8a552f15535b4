output "policies" {
  description = "Names of the alarms."
  value = {
    unready  = google_monitoring_alert_policy.unready.name
    volumes  = google_monitoring_alert_policy.volumes.name
    sessions = google_monitoring_alert_policy.sessions.name
  }
}
