data "google_project" "this" {
  project_id = var.project
}

data "google_storage_project_service_account" "this" {
  project = var.project
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "events" {
  project                    = var.project
  name                       = "${var.name}-events"
  message_retention_duration = "604800s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_topic_iam_member" "bucket" {
  project = var.project
  topic   = google_pubsub_topic.events.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${data.google_storage_project_service_account.this.email_address}"
}

resource "google_storage_notification" "this" {
  bucket         = google_storage_bucket.this.name
  topic          = google_pubsub_topic.events.id
  payload_format = "JSON_API_V1"
  event_types    = ["OBJECT_FINALIZE", "OBJECT_DELETE"]
  # On every event, so that a topic that several buckets tell tells them apart.
  custom_attributes = var.attributes
  depends_on        = [google_pubsub_topic_iam_member.bucket]
}

resource "google_pubsub_subscription" "events" {
  project = var.project
  name    = "${var.name}-ingest"
  topic   = google_pubsub_topic.events.id
  # Embedding a document takes seconds; the client extends it while it works.
  ack_deadline_seconds       = 120
  message_retention_duration = "604800s"

  # It must not vanish while ingestion is switched off.
  expiration_policy {
    ttl = ""
  }
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = var.deliveries
  }
}

resource "google_pubsub_subscription_iam_member" "reader" {
  project      = var.project
  subscription = google_pubsub_subscription.events.name
  role         = "roles/pubsub.subscriber"
  member       = var.reader
}

resource "google_pubsub_topic" "dead" {
  project = var.project
  name    = "${var.name}-dead-letters"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

# A dead-letter topic that nobody subscribes to loses what it is sent.
resource "google_pubsub_subscription" "dead" {
  project                    = var.project
  name                       = "${var.name}-dead-letters"
  topic                      = google_pubsub_topic.dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

# Who may look at dead letters, send them again, and have objects told again (`isthmus dead-letters`, `isthmus backfill`).
resource "google_pubsub_subscription_iam_member" "operator" {
  for_each     = var.operators
  project      = var.project
  subscription = google_pubsub_subscription.dead.name
  role         = "roles/pubsub.subscriber"
  member       = each.value
}

resource "google_pubsub_topic_iam_member" "operator" {
  for_each = var.operators
  project  = var.project
  topic    = google_pubsub_topic.events.name
  role     = "roles/pubsub.publisher"
  member   = each.value
}

# Pub/Sub itself moves an event there: it publishes to the one, and takes it off the other.
resource "google_pubsub_topic_iam_member" "dead" {
  project = var.project
  topic   = google_pubsub_topic.dead.name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead" {
  project      = var.project
  subscription = google_pubsub_subscription.events.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
