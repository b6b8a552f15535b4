resource "google_compute_network" "this" {
  project                 = var.project
  name                    = var.name
  auto_create_subnetworks = false
  # Routes learned over the link are of use in its own region only.
  routing_mode = "REGIONAL"
  # What fits into the link's tunnels: larger packets would be cut, or lost where nothing may be cut.
  mtu                             = 1460
  delete_default_routes_on_create = true
}

resource "google_compute_subnetwork" "nodes" {
  project                  = var.project
  region                   = var.region
  name                     = "${var.name}-nodes"
  network                  = google_compute_network.this.id
  ip_cidr_range            = var.nodes_cidr
  private_ip_google_access = true

  secondary_ip_range {
    range_name    = "pods"
    ip_cidr_range = var.pods_cidr
  }
  secondary_ip_range {
    range_name    = "services"
    ip_cidr_range = var.services_cidr
  }
  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

# Load balancers' addresses alone: this range, and no node or pod, is what the link advertises.
resource "google_compute_subnetwork" "load_balancer" {
  project                  = var.project
  region                   = var.region
  name                     = "${var.name}-load-balancer"
  network                  = google_compute_network.this.id
  ip_cidr_range            = var.load_balancer_cidr
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_address" "weaviate" {
  project      = var.project
  region       = var.region
  name         = "weaviate-lb"
  address_type = "INTERNAL"
  subnetwork   = google_compute_subnetwork.load_balancer.id
  address      = var.weaviate_address
}

# By choice: of the collector's internal load balancer (infra/k8s/telemetry).
resource "google_compute_address" "collector" {
  count        = var.collector_address == null ? 0 : 1
  project      = var.project
  region       = var.region
  name         = "otel-collector-lb"
  address_type = "INTERNAL"
  subnetwork   = google_compute_subnetwork.load_balancer.id
  address      = var.collector_address
}

resource "google_compute_address" "public" {
  count        = var.public_address ? 1 : 0
  project      = var.project
  region       = var.region
  name         = "weaviate-public"
  address_type = "EXTERNAL"
}
