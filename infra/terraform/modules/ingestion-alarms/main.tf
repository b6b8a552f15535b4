locals {
  # The namespace and the containers of infra/k8s/events.
  reconcile_log = "resource.type=\"k8s_container\" resource.labels.namespace_name=\"isthmus\" resource.labels.container_name=\"reconcile\""
  worker_log    = "resource.type=\"k8s_container\" resource.labels.namespace_name=\"isthmus\" resource.labels.container_name=\"ingest-worker\""
  channels      = [for channel in google_monitoring_notification_channel.email : channel.id]
  runbook       = "docs/operations/reconcile.md"
}

resource "google_monitoring_notification_channel" "email" {
  for_each     = toset(var.emails)
  project      = var.project
  display_name = "Isthmus: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
}

# How the nightly comparison ended: consistent, inconsistent or failed.
resource "google_logging_metric" "reconciliations" {
  project = var.project
  name    = "isthmus/reconciliations"
  filter  = "${local.reconcile_log} jsonPayload.reconciliation:*"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key        = "outcome"
      value_type = "STRING"
    }
  }
  label_extractors = { outcome = "EXTRACT(jsonPayload.reconciliation)" }
}

# A deletion that was refused: by the count of all workers, or by the comparison.
resource "google_logging_metric" "held" {
  project = var.project
  name    = "isthmus/held-deletions"
  filter  = "(${local.worker_log} jsonPayload.code=\"mass_delete_refused\") OR (${local.reconcile_log} jsonPayload.held>0)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

resource "google_monitoring_alert_policy" "oldest_event" {
  project               = var.project
  display_name          = "Isthmus: events wait"
  combiner              = "OR"
  notification_channels = local.channels
  severity              = "ERROR"

  conditions {
    display_name = "The oldest event waits for over ${var.oldest_minutes} minutes"
    condition_threshold {
      filter          = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\" resource.label.subscription_id=\"${var.subscription}\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.oldest_minutes * 60
      duration        = "300s"
      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "New documents do not become searchable. Are the workers running and ready? ${local.runbook} says what to look at."
  }
}

resource "google_monitoring_alert_policy" "dead_letters" {
  project               = var.project
  display_name          = "Isthmus: dead letters"
  combiner              = "OR"
  notification_channels = local.channels
  severity              = "WARNING"

  conditions {
    display_name = "An event could not be handled"
    condition_threshold {
      filter          = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" resource.type=\"pubsub_subscription\" resource.label.subscription_id=\"${var.dead_letters}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "`isthmus dead-letters list` shows which; `replay` tries them again. They are kept for a week. ${local.runbook} has more."
  }
}

resource "google_monitoring_alert_policy" "held" {
  project               = var.project
  display_name          = "Isthmus: a mass delete is held"
  combiner              = "OR"
  notification_channels = local.channels
  severity              = "WARNING"

  conditions {
    display_name = "Deletions were refused and wait for a person"
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.held.name}\" resource.type=\"k8s_container\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "Many objects are gone from the bucket at once. Nothing is lost in the index. Find out why before you allow it: `isthmus held list`. ${local.runbook} has more."
  }
}

resource "google_monitoring_alert_policy" "reconciliation" {
  project               = var.project
  display_name          = "Isthmus: bucket and index differ"
  combiner              = "OR"
  notification_channels = local.channels
  severity              = "WARNING"

  conditions {
    display_name = "The nightly comparison left something wrong, or failed"
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.reconciliations.name}\" resource.type=\"k8s_container\" metric.label.outcome!=\"consistent\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }
  # A comparison that did not run at all says nothing: that nothing was said in a day and a bit is an alarm as well. 23.5 hours is the
  # longest absence that can be watched.
  conditions {
    display_name = "There was no comparison for a day"
    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.reconciliations.name}\" resource.type=\"k8s_container\""
      duration = "84600s"
      aggregations {
        alignment_period     = "86400s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "The last line of the Job's log says what it found: `kubectl -n isthmus logs job/$(kubectl -n isthmus get jobs -l app.kubernetes.io/name=reconcile -o name | tail -1 | cut -d/ -f2)`. ${local.runbook} says what each count means."
  }
}
