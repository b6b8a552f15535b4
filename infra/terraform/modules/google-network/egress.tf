# Private nodes reach public registries through NAT, and Google's own APIs without leaving Google's network.
resource "google_compute_route" "internet" {
  project          = var.project
  name             = "${var.name}-internet"
  network          = google_compute_network.this.id
  dest_range       = "0.0.0.0/0"
  next_hop_gateway = "default-internet-gateway"
}

resource "google_compute_router" "nat" {
  project = var.project
  region  = var.region
  name    = "${var.name}-nat"
  network = google_compute_network.this.id
}

resource "google_compute_router_nat" "this" {
  project                            = var.project
  region                             = var.region
  name                               = "${var.name}-nat"
  router                             = google_compute_router.nat.name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.nodes.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

# private.googleapis.com: https://cloud.google.com/vpc/docs/configure-private-google-access
locals {
  google_apis_addresses = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"]
  google_domains        = { apis = "googleapis.com.", registry = "pkg.dev." }
}

resource "google_dns_managed_zone" "google" {
  for_each    = local.google_domains
  project     = var.project
  name        = "${var.name}-google-${each.key}"
  dns_name    = each.value
  description = "Google's APIs by their private addresses."
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.this.id
    }
  }
}

resource "google_dns_record_set" "google_private" {
  for_each     = local.google_domains
  project      = var.project
  managed_zone = google_dns_managed_zone.google[each.key].name
  name         = each.key == "apis" ? "private.${each.value}" : each.value
  type         = "A"
  ttl          = 300
  rrdatas      = local.google_apis_addresses
}

resource "google_dns_record_set" "google_all" {
  for_each     = local.google_domains
  project      = var.project
  managed_zone = google_dns_managed_zone.google[each.key].name
  name         = "*.${each.value}"
  type         = "CNAME"
  ttl          = 300
  rrdatas      = [each.key == "apis" ? "private.${each.value}" : each.value]
}
