output "name" {
  description = "Name of the cluster, usable once it has nodes."
  value       = google_container_cluster.this.name
  depends_on  = [google_container_node_pool.this]
}

output "endpoint" {
  description = "DNS name of the control plane, where IAM decides who comes in."
  value       = google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint
}

output "nodes_service_account" {
  description = "Account of the nodes, for the right to pull images."
  value       = google_service_account.nodes.member
}
