output "name" {
  description = "Name of the bucket, once its reader may read."
  value       = google_storage_bucket.this.name
  depends_on  = [google_storage_bucket_iam_member.reader]
}

output "subscription" {
  description = "Subscription to what happens in the bucket, once events are on their way."
  value       = google_pubsub_subscription.events.id
  depends_on  = [google_storage_notification.this, google_pubsub_subscription_iam_member.reader]
}

output "dead_letters" {
  description = "Subscription to the events that could not be handled."
  value       = google_pubsub_subscription.dead.id
  depends_on  = [google_pubsub_topic_iam_member.dead, google_pubsub_subscription_iam_member.dead]
}
