resource "google_compute_ha_vpn_gateway" "this" {
  project = var.project
  region  = var.google_region
  name    = var.name
  network = var.network_id
}

resource "google_compute_external_vpn_gateway" "aws" {
  project         = var.project
  name            = "${var.name}-aws"
  redundancy_type = "FOUR_IPS_REDUNDANCY"

  dynamic "interface" {
    for_each = local.aws_tunnels
    content {
      id         = tonumber(interface.key)
      ip_address = interface.value.address
    }
  }
}

# The routes of the internal load balancers alone: neither nodes nor pods are known on the other side.
resource "google_compute_router" "this" {
  project = var.project
  region  = var.google_region
  name    = var.name
  network = var.network_id

  bgp {
    asn                = var.google_asn
    advertise_mode     = "CUSTOM"
    advertised_groups  = []
    keepalive_interval = 20

    advertised_ip_ranges {
      range       = var.advertised_cidr
      description = "Internal load balancers"
    }
  }
}

# What AWS may tell: its VPC's range, and nothing that could draw other traffic into the tunnels.
resource "google_compute_router_route_policy" "import" {
  project = var.project
  region  = var.google_region
  router  = google_compute_router.this.name
  name    = "${var.name}-import"
  type    = "ROUTE_POLICY_TYPE_IMPORT"

  terms {
    priority = 1
    match {
      expression = "destination == '${var.accepted_cidr}'"
    }
    actions {
      expression = "accept()"
    }
  }
  terms {
    priority = 2
    match {
      expression = "destination.inAnyRange(prefix('0.0.0.0/0').orLonger())"
    }
    actions {
      expression = "drop()"
    }
  }
}

resource "google_compute_vpn_tunnel" "this" {
  for_each                        = local.tunnels
  project                         = var.project
  region                          = var.google_region
  name                            = "${var.name}-${each.key}"
  ike_version                     = 2
  vpn_gateway                     = google_compute_ha_vpn_gateway.this.id
  vpn_gateway_interface           = each.value.google_interface
  peer_external_gateway           = google_compute_external_vpn_gateway.aws.id
  peer_external_gateway_interface = tonumber(each.key)
  shared_secret                   = local.aws_tunnels[each.key].secret
  router                          = google_compute_router.this.id
}

# Of each /30, AWS takes the first address and Google the second.
resource "google_compute_router_interface" "this" {
  for_each   = google_compute_vpn_tunnel.this
  project    = var.project
  region     = var.google_region
  router     = google_compute_router.this.name
  name       = "${var.name}-${each.key}"
  vpn_tunnel = each.value.name
  ip_range   = "${cidrhost(local.tunnels[each.key].inside_cidr, 2)}/30"
}

resource "google_compute_router_peer" "this" {
  for_each        = google_compute_router_interface.this
  project         = var.project
  region          = var.google_region
  router          = google_compute_router.this.name
  name            = "${var.name}-${each.key}"
  interface       = each.value.name
  peer_asn        = var.aws_asn
  peer_ip_address = cidrhost(local.tunnels[each.key].inside_cidr, 1)
  import_policies = [google_compute_router_route_policy.import.name]
}
