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
    condition     = google_container_cluster.this.datapath_provider == "ADVANCED_DATAPATH" && google_container_cluster.this.enable_shielded_nodes && google_container_cluster.this.deletion_protection
    error_message = "Dataplane V2, shielded nodes and deletion protection are on."
  }
  assert {
    condition     = google_container_cluster.this.database_encryption[0].state == "ENCRYPTED"
    error_message = "Secrets are encrypted with a key of our own."
  }
  assert {
    condition     = google_container_cluster.this.workload_identity_config[0].workload_pool == "example-project.svc.id.goog"
    error_message = "Workload Identity is on."
  }
  assert {
    condition     = length(google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks) == 0
    error_message = "Nobody reaches the private address of the control plane unless named."
  }
  assert {
    condition     = google_project_iam_member.nodes.role == "roles/container.defaultNodeServiceAccount"
    error_message = "Nodes have the least of rights."
  }
  assert {
    condition     = google_container_node_pool.this["primary-node-pool"].node_config[0].machine_type == "e2-standard-4" && google_container_node_pool.this["primary-node-pool"].autoscaling[0].max_node_count == 3
    error_message = "The pool is the prototype's, and scales from 1 to 3 a zone."
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
