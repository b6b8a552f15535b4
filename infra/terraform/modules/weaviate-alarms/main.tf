locals {
  # The namespace and the names of infra/k8s.
  sets    = "namespace=\"isthmus\", statefulset=~\"weaviate.*\""
  volumes = "resource.type=\"k8s_pod\" resource.label.namespace_name=\"isthmus\" metric.label.volume_name=\"weaviate-data\""
  router  = "resource.type=\"gce_router\" metric.label.bgp_peer_name=starts_with(\"${var.link}-\")"
}

# The cluster counts ready replicas itself (gke-cluster: component STATEFULSET).
resource "google_monitoring_alert_policy" "unready" {
  project               = var.project
  display_name          = "Isthmus: a node of Weaviate is not ready"
  combiner              = "OR"
  notification_channels = var.channels
  severity              = "ERROR"

  conditions {
    display_name = "Fewer nodes ready than there should be, for a quarter of an hour"
    condition_prometheus_query_language {
      query               = "kube_statefulset_status_replicas_ready{${local.sets}} < kube_statefulset_replicas{${local.sets}}"
      duration            = "900s"
      evaluation_interval = "60s"
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "One of three away: queries and ingestion go on, a second one ends them. `kubectl -n isthmus get pods -o wide`, then `describe` the one that is not ready. A starter is away altogether."
  }
}

resource "google_monitoring_alert_policy" "volumes" {
  project               = var.project
  display_name          = "Isthmus: Weaviate's volume fills"
  combiner              = "OR"
  notification_channels = var.channels
  severity              = "WARNING"

  conditions {
    display_name = "A volume is over ${var.full_percent} % full"
    condition_threshold {
      filter          = "metric.type=\"kubernetes.io/pod/volume/utilization\" ${local.volumes}"
      comparison      = "COMPARISON_GT"
      threshold_value = var.full_percent / 100
      duration        = "300s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "At 90 % Weaviate takes no more objects. A larger volume grows in place: docs/operations/starter-to-production.md, Upgrades."
  }
}

# A session is a tunnel's; before there is a link there is no such metric, and no alarm.
resource "google_monitoring_alert_policy" "sessions" {
  project               = var.project
  display_name          = "Isthmus: the link has lost a session"
  combiner              = "OR"
  notification_channels = var.channels
  severity              = "ERROR"

  conditions {
    display_name = "A BGP session is down for ${var.session_minutes} minutes"
    condition_threshold {
      filter          = "metric.type=\"router.googleapis.com/bgp/session_up\" ${local.router}"
      comparison      = "COMPARISON_LT"
      threshold_value = 1
      duration        = "${var.session_minutes * 60}s"
      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MEAN"
      }
      trigger {
        count = 1
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "One of four is no outage, and the promise of 99.99 % needs all. AWS replaces tunnel ends one at a time, within minutes. docs/operations/link.md says what to look at."
  }
}
