variables {
  project = "example-project"
  region  = "us-east4"
  name    = "example-project-isthmus-documents"
  reader  = "serviceAccount:isthmus-ingest@example-project.iam.gserviceaccount.com"
}

run "documents" {
  assert {
    condition     = google_storage_bucket.this.public_access_prevention == "enforced" && google_storage_bucket.this.uniform_bucket_level_access
    error_message = "Nobody can publish a document by its ACL."
  }
  assert {
    condition     = toset(google_storage_notification.this.event_types) == toset(["OBJECT_FINALIZE", "OBJECT_DELETE"])
    error_message = "Writes and deletes are told."
  }
  assert {
    condition     = google_storage_notification.this.topic == google_pubsub_topic.events.id && google_pubsub_subscription.events.topic == google_pubsub_topic.events.id && google_pubsub_topic_iam_member.bucket.role == "roles/pubsub.publisher"
    error_message = "What happens in the bucket reaches the subscription."
  }
  assert {
    condition     = google_pubsub_subscription.events.expiration_policy[0].ttl == "" && google_pubsub_subscription.dead.expiration_policy[0].ttl == "" && google_pubsub_subscription.events.ack_deadline_seconds >= 10 && google_pubsub_subscription.events.ack_deadline_seconds <= 600
    error_message = "No subscription vanishes while nobody reads, and the deadline is one that Pub/Sub takes."
  }
  assert {
    condition     = google_pubsub_subscription.events.dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.dead.id && google_pubsub_subscription.dead.topic == google_pubsub_topic.dead.id
    error_message = "Dead letters are kept by a subscription of their own."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.dead.member == google_pubsub_subscription_iam_member.dead.member && strcontains(google_pubsub_topic_iam_member.dead.member, "gcp-sa-pubsub")
    error_message = "Pub/Sub may publish to the dead-letter topic and take events off the subscription."
  }
  assert {
    condition = (
      google_pubsub_topic_iam_member.dead.role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.dead.topic == google_pubsub_topic.dead.name
      && google_pubsub_subscription_iam_member.dead.role == "roles/pubsub.subscriber" && google_pubsub_subscription_iam_member.dead.subscription == google_pubsub_subscription.events.name
    )
    error_message = "With the right on each that it needs."
  }
  assert {
    condition     = google_storage_bucket_iam_member.reader.role == "roles/storage.objectViewer"
    error_message = "Ingestion reads and never writes documents."
  }
}

run "a_public_reader_is_refused" {
  command = plan
  variables {
    reader = "allUsers"
  }
  expect_failures = [var.reader]
}

run "too_few_deliveries_are_refused" {
  command = plan
  variables {
    deliveries = 2
  }
  expect_failures = [var.deliveries]
}

run "operators_may_replay_and_publish" {
  command = plan
  variables {
    operators = { anna = "user:anna@example.com" }
  }
  assert {
    condition     = google_pubsub_subscription_iam_member.operator["anna"].role == "roles/pubsub.subscriber" && google_pubsub_topic_iam_member.operator["anna"].role == "roles/pubsub.publisher"
    error_message = "An operator takes dead letters, and publishes them again."
  }
  assert {
    condition     = google_storage_notification.this.custom_attributes["isthmus"] == "documents"
    error_message = "Every event says whose it is."
  }
}

run "everybody_is_no_operator" {
  command = plan
  variables {
    operators = { all = "allAuthenticatedUsers" }
  }
  expect_failures = [var.operators]
}

run "the_bucket_does_not_ask_for_everything_again" {
  command = plan
  variables {
    attributes = { isthmusReindex = "true" }
  }
  expect_failures = [var.attributes]
}
