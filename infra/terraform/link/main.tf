# Both sides are looked up by name: no output of one root is carried to another.
data "google_compute_network" "this" {
  project = var.gcp_project_id
  name    = var.name
}

data "google_compute_subnetwork" "load_balancer" {
  project = var.gcp_project_id
  region  = var.gcp_region
  name    = "${var.name}-load-balancer"
}

data "aws_vpc" "this" {
  tags = { Name = var.name }
}

data "aws_vpn_gateway" "this" {
  attached_vpc_id = data.aws_vpc.this.id
  tags            = { Name = var.name }
}

locals {
  vpn          = var.link_kind == "vpn" || var.keep_vpn
  interconnect = var.link_kind == "interconnect"
}

module "link" {
  source          = "../modules/ha-vpn"
  count           = local.vpn ? 1 : 0
  project         = var.gcp_project_id
  google_region   = var.gcp_region
  network_id      = data.google_compute_network.this.id
  vpn_gateway_id  = data.aws_vpn_gateway.this.id
  advertised_cidr = data.google_compute_subnetwork.load_balancer.ip_cidr_range
  accepted_cidr   = data.aws_vpc.this.cidr_block
  aws_asn         = tonumber(data.aws_vpn_gateway.this.amazon_side_asn)
}

# What was made before there were two kinds.
moved {
  from = module.link
  to   = module.link[0]
}

module "interconnect" {
  source          = "../modules/interconnect"
  count           = local.interconnect ? 1 : 0
  project         = var.gcp_project_id
  google_region   = var.gcp_region
  network         = data.google_compute_network.this.name
  network_id      = data.google_compute_network.this.id
  advertised_cidr = data.google_compute_subnetwork.load_balancer.ip_cidr_range
  aws_account_id  = var.aws_account_id
  aws_region      = var.aws_region
  bandwidth       = var.interconnect_bandwidth
  vpn_gateway_id  = data.aws_vpn_gateway.this.id
  accepted_cidr   = data.aws_vpc.this.cidr_block
}
