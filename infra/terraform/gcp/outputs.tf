output "cluster_name" {
  description = "Name of the cluster."
  value       = module.cluster.name
}

output "cluster_endpoint" {
  description = "DNS name of its control plane: gcloud container clusters get-credentials NAME --location REGION --dns-endpoint."
  value       = module.cluster.endpoint
}

output "weaviate_address" {
  description = "Weaviate's internal address."
  value       = module.network.weaviate_address
}

output "weaviate_public_address" {
  description = "Weaviate's external address; null in private mode."
  value       = module.network.public_address
}

output "documents_subscription" {
  description = "Subscription to what happens to documents."
  value       = module.documents.subscription
}

output "dead_letters_subscription" {
  description = "Subscription to events that could not be handled."
  value       = module.documents.dead_letters
}

output "image_registry" {
  description = "Where our own images are pushed to."
  value       = module.images.url
}

output "image_mirror" {
  description = "Where Weaviate's image is pulled through."
  value       = module.images.mirror_url
}

output "ci" {
  description = "What CircleCI's context needs; null until CI is connected."
  value = var.circleci == null ? null : {
    provider       = local.ci.provider
    plan_account   = local.ci.plan_account
    apply_account  = local.ci.apply_account
    deploy_account = local.ci.deploy_account
  }
}

output "kubernetes_settings" {
  description = "The first lines of infra/k8s/base/settings.env."
  value = join("\n", [
    "GCP_PROJECT_ID=${var.gcp_project_id}",
    "GCS_BUCKET_NAME=${module.documents.name}",
    "BACKUP_BUCKET_NAME=${module.backups.name}",
    "WEAVIATE_SERVICE_ACCOUNT=${module.workloads["weaviate"].email}",
    "INGEST_SERVICE_ACCOUNT=${module.workloads["ingest"].email}",
    "ISTHMUS_SUBSCRIPTION=${module.documents.subscription}",
    "",
  ])
}
