variables {
  project             = "example-project"
  region              = "us-east4"
  network_id          = "projects/example-project/global/networks/isthmus"
  nodes_subnetwork_id = "projects/example-project/regions/us-east4/subnetworks/isthmus-nodes"
}

run "cluster" {
  assert {
    condition     = google_container_cluster.this.name == "weaviate-cluster" && contains(keys(google_container_node_pool.this), "primary-node-pool")
    error_message = "The cluster and its pool keep their names."
  }
  assert {
    condition     = google_container_cluster.this.private_cluster_config[0].enable_private_nodes && google_container_cluster.this.private_cluster_config[0].enable_private_endpoint
    error_message = "Neither nodes nor the control plane have a public address."
  }
  assert {
    condition     = google_container_cluster.this.datapath_provider == "ADVANCED_DATAPATH" && google_container_cluster.this.enable_shielded_nodes && google_container_cluster.this.deletion_protection == true
    error_message = "Dataplane V2, shielded nodes and deletion protection are on."
  }
  assert {
    condition     = google_container_cluster.this.database_encryption[0].state == "ENCRYPTED"
    error_message = "Secrets are encrypted with a key of our own."
  }
  assert {
    condition     = length(google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks) == 0 && google_container_cluster.this.master_authorized_networks_config[0].gcp_public_cidrs_access_enabled == false
    error_message = "Nobody reaches the private address of the control plane unless named, and no other cloud customer does."
  }
  assert {
    condition     = google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].allow_external_traffic && !google_container_cluster.this.master_auth[0].client_certificate_config[0].issue_client_certificate
    error_message = "CI comes in by the DNS endpoint, where IAM decides; no certificate stands beside IAM."
  }
  assert {
    condition     = google_container_cluster.this.location == "us-east4" && google_container_cluster.this.release_channel[0].channel == "REGULAR" && google_container_cluster.this.enable_l4_ilb_subsetting
    error_message = "The cluster is regional, follows a release channel, and its load balancers take a reserved address."
  }
  assert {
    condition     = google_container_cluster.this.workload_identity_config[0].workload_pool == "example-project.svc.id.goog" && alltrue([for pool in google_container_node_pool.this : pool.node_config[0].workload_metadata_config[0].mode == "GKE_METADATA"])
    error_message = "Workload Identity is on, in the cluster and on its nodes."
  }
  assert {
    condition = alltrue([
      for pool in google_container_node_pool.this :
      pool.management[0].auto_repair && pool.management[0].auto_upgrade &&
      pool.node_config[0].shielded_instance_config[0].enable_secure_boot && pool.node_config[0].shielded_instance_config[0].enable_integrity_monitoring
    ])
    error_message = "Nodes are repaired and upgraded by themselves, and shielded."
  }
  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : pool.node_config[0].service_account == google_service_account.nodes.email])
    error_message = "Nodes run as their own account, not as the project's default."
  }
  assert {
    condition     = google_project_iam_member.nodes.role == "roles/container.defaultNodeServiceAccount"
    error_message = "Nodes have the least of rights."
  }
  assert {
    condition     = google_container_node_pool.this["primary-node-pool"].node_config[0].machine_type == "e2-standard-4" && google_container_node_pool.this["primary-node-pool"].autoscaling[0].min_node_count == 1 && google_container_node_pool.this["primary-node-pool"].autoscaling[0].max_node_count == 3
    error_message = "The pool is the prototype's, and scales from 1 to 3 a zone."
  }
  assert {
    condition     = google_container_cluster.this.node_config[0].disk_type == "pd-standard" && google_container_cluster.this.node_config[0].disk_size_gb <= 20
    error_message = "The default pool, which is thrown away, takes nothing of a new project's 250 GB of SSD."
  }
  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : pool.node_config[0].linux_node_config[0].sysctls["vm.max_map_count"] == "262144"])
    error_message = "A large index maps more files than the kernel's default allows."
  }
  assert {
    condition     = length(google_container_node_pool.this) == 1
    error_message = "A pool for ingestion is a choice."
  }
}

run "ingest_pool" {
  command = plan
  variables {
    ingest_pool = {}
  }
  assert {
    condition     = google_container_node_pool.this["ingest-node-pool"].node_config[0].spot && google_container_node_pool.this["ingest-node-pool"].autoscaling[0].min_node_count == 0
    error_message = "The ingestion pool is on Spot, and sleeps at no node."
  }
  assert {
    condition     = google_container_node_pool.this["ingest-node-pool"].node_config[0].taint[0].key == "isthmus/pool"
    error_message = "Only ingestion runs there."
  }
}

run "a_zone_is_refused" {
  command = plan
  variables {
    region = "us-east4-a"
  }
  expect_failures = [var.region]
}

run "an_open_control_plane_is_refused" {
  command = plan
  variables {
    authorised_networks = { all = "0.0.0.0/0" }
  }
  expect_failures = [var.authorised_networks]
}
