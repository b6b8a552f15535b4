# What no rule lets in is refused anyway; this rule makes refusals visible in the log.
resource "google_compute_firewall" "deny" {
  project       = var.project
  name          = "${var.name}-deny"
  network       = google_compute_network.this.id
  direction     = "INGRESS"
  priority      = 65534
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }
  log_config {
    metadata = "EXCLUDE_ALL_METADATA"
  }
}

# An internal passthrough load balancer hands packets to nodes as they came: to its address, on the Service's ports.
resource "google_compute_firewall" "clients" {
  project            = var.project
  name               = "${var.name}-clients"
  network            = google_compute_network.this.id
  direction          = "INGRESS"
  priority           = 1000
  source_ranges      = var.client_cidrs
  destination_ranges = ["${var.weaviate_address}/32"]

  allow {
    protocol = "tcp"
    ports    = ["80", "50051"]
  }
}

# By choice: the same to the collector's address, where the function sends its traces.
resource "google_compute_firewall" "collector" {
  count              = var.collector_address == null ? 0 : 1
  project            = var.project
  name               = "${var.name}-collector"
  network            = google_compute_network.this.id
  direction          = "INGRESS"
  priority           = 1000
  source_ranges      = var.client_cidrs
  destination_ranges = ["${var.collector_address}/32"]

  allow {
    protocol = "tcp"
    ports    = ["4318"]
  }
}

# Where the load balancers' health checks come from: https://cloud.google.com/load-balancing/docs/health-check-concepts
resource "google_compute_firewall" "health_checks" {
  project       = var.project
  name          = "${var.name}-health-checks"
  network       = google_compute_network.this.id
  direction     = "INGRESS"
  priority      = 1000
  source_ranges = ["35.191.0.0/16", "130.211.0.0/22"]

  # Which node ports Kubernetes checks is known only once the Service is there.
  allow {
    protocol = "tcp"
    ports    = ["10256", "30000-32767"]
  }
}
