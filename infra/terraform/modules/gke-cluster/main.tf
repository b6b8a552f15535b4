resource "google_container_cluster" "this" {
  project             = var.project
  location            = var.region
  node_locations      = var.node_zones
  name                = var.name
  network             = var.network_id
  subnetwork          = var.nodes_subnetwork_id
  networking_mode     = "VPC_NATIVE"
  datapath_provider   = "ADVANCED_DATAPATH"
  deletion_protection = var.deletion_protection

  # The pools are resources of their own, so that one can be replaced without the cluster.
  remove_default_node_pool = true
  initial_node_count       = 1

  enable_shielded_nodes       = true
  enable_intranode_visibility = true
  # A Service's load balancer takes its reserved address by name, and sends packets to the nodes of its pods alone.
  enable_l4_ilb_subsetting = true

  ip_allocation_policy {
    cluster_secondary_range_name  = "pods"
    services_secondary_range_name = "services"
  }
  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
  # People and CI come in by the DNS endpoint, where IAM decides on each request.
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = true
    }
  }
  master_authorized_networks_config {
    gcp_public_cidrs_access_enabled = false
    dynamic "cidr_blocks" {
      for_each = var.authorised_networks
      content {
        display_name = cidr_blocks.key
        cidr_block   = cidr_blocks.value
      }
    }
  }
  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }
  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }
  database_encryption {
    state    = "ENCRYPTED"
    key_name = google_kms_crypto_key.secrets.id
  }
  release_channel {
    channel = var.release_channel
  }
  # Weekends, 06:00 to 12:00 UTC: the disruption budget lets one node of Weaviate go at a time.
  maintenance_policy {
    recurring_window {
      start_time = "2026-01-04T06:00:00Z"
      end_time   = "2026-01-04T12:00:00Z"
      recurrence = "FREQ=WEEKLY;BYDAY=SU,SA"
    }
  }
  addons_config {
    gce_persistent_disk_csi_driver_config {
      enabled = true
    }
    dns_cache_config {
      enabled = true
    }
  }
  security_posture_config {
    mode = "BASIC"
  }
  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS", "STORAGE", "POD", "STATEFULSET"]
    managed_prometheus {
      enabled = true
    }
  }
  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS"]
  }
  # The default pool lives for minutes only, but it too must not run as the project's default account; and its disks must not be
  # what GKE takes by itself, 100 GB of SSD in each zone: a new project may use 250 in all.
  node_config {
    machine_type    = "e2-medium"
    disk_type       = "pd-standard"
    disk_size_gb    = 20
    service_account = google_service_account.nodes.email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
  lifecycle {
    ignore_changes = [node_config, initial_node_count]
  }
  depends_on = [google_kms_crypto_key_iam_member.cluster]
}
