locals {
  pools = merge(
    {
      "primary-node-pool" = {
        machine_type = var.machine_type
        spot         = false
        min          = var.nodes_per_zone.min
        max          = var.nodes_per_zone.max
        purpose      = "weaviate"
      }
    },
    var.ingest_pool == null ? {} : {
      "ingest-node-pool" = {
        machine_type = var.ingest_pool.machine_type
        spot         = var.ingest_pool.spot
        min          = 0
        max          = var.ingest_pool.max
        purpose      = "ingest"
      }
    },
  )
}

resource "google_container_node_pool" "this" {
  for_each       = local.pools
  project        = var.project
  location       = var.region
  node_locations = var.node_zones
  cluster        = google_container_cluster.this.name
  name           = each.key
  # Where the autoscaler sets out from: without it, from no node at all.
  initial_node_count = each.value.min

  autoscaling {
    min_node_count  = each.value.min
    max_node_count  = each.value.max
    location_policy = each.value.spot ? "ANY" : "BALANCED"
  }
  management {
    auto_repair  = true
    auto_upgrade = true
  }
  upgrade_settings {
    strategy        = "SURGE"
    max_surge       = 1
    max_unavailable = 0
  }
  node_config {
    machine_type    = each.value.machine_type
    spot            = each.value.spot
    image_type      = "COS_CONTAINERD"
    disk_type       = "pd-balanced"
    disk_size_gb    = 50
    service_account = google_service_account.nodes.email
    # What a node may do is decided by its account's roles, not by scopes.
    oauth_scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    labels       = { "isthmus/pool" = each.value.purpose }
    metadata     = { disable-legacy-endpoints = "true" }

    # Weaviate maps each segment's files; the kernel's 65,530 mappings are too few for a large index.
    linux_node_config {
      sysctls = { "vm.max_map_count" = "262144" }
    }
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
    dynamic "taint" {
      for_each = each.value.purpose == "ingest" ? [1] : []
      content {
        key    = "isthmus/pool"
        value  = "ingest"
        effect = "NO_SCHEDULE"
      }
    }
  }
  lifecycle {
    # The autoscaler moves it.
    ignore_changes = [initial_node_count]
  }
}
