resource "google_artifact_registry_repository" "own" {
  project       = var.project
  location      = var.region
  repository_id = var.name
  format        = "DOCKER"

  docker_config {
    immutable_tags = true
  }
  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }
  cleanup_policies {
    id     = "keep-the-last-twenty"
    action = "KEEP"
    most_recent_versions {
      keep_count = 20
    }
  }
  cleanup_policies {
    id     = "delete-older-than-90-days"
    action = "DELETE"
    condition {
      older_than = "7776000s"
    }
  }
}

resource "google_artifact_registry_repository" "mirror" {
  project       = var.project
  location      = var.region
  repository_id = "${var.name}-mirror"
  format        = "DOCKER"
  mode          = "REMOTE_REPOSITORY"

  remote_repository_config {
    common_repository {
      uri = var.mirrored_registry
    }
  }
}

locals {
  repositories = {
    own    = google_artifact_registry_repository.own.name
    mirror = google_artifact_registry_repository.mirror.name
  }
  reads = merge([for repository, _ in local.repositories : {
    for reader, member in var.readers : "${repository}-${reader}" => { repository = repository, member = member }
  }]...)
}

resource "google_artifact_registry_repository_iam_member" "readers" {
  for_each   = local.reads
  project    = var.project
  location   = var.region
  repository = local.repositories[each.value.repository]
  role       = "roles/artifactregistry.reader"
  member     = each.value.member
}

resource "google_artifact_registry_repository_iam_member" "writers" {
  for_each   = var.writers
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.own.name
  role       = "roles/artifactregistry.writer"
  member     = each.value
}
