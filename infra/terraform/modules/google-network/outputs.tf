output "network_id" {
  description = "The network, usable once its way out is there."
  value       = google_compute_network.this.id
  depends_on  = [google_compute_router_nat.this, google_compute_route.internet]
}

output "network_name" {
  description = "Name of the network."
  value       = google_compute_network.this.name
}

output "nodes_subnetwork_id" {
  description = "Subnet of the nodes, with the secondary ranges pods and services."
  value       = google_compute_subnetwork.nodes.id
}

output "load_balancer_cidr" {
  description = "What the link advertises."
  value       = google_compute_subnetwork.load_balancer.ip_cidr_range
}

output "weaviate_address" {
  description = "Weaviate's internal address."
  value       = google_compute_address.weaviate.address
}

output "public_address" {
  description = "Weaviate's external address, null in private mode."
  value       = one(google_compute_address.public[*].address)
}

output "collector_address" {
  description = "The collector's internal address, null where no way to it was chosen."
  value       = one(google_compute_address.collector[*].address)
}
