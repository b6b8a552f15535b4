resource "aws_customer_gateway" "this" {
  for_each   = local.connections
  type       = "ipsec.1"
  bgp_asn    = tostring(var.google_asn)
  ip_address = each.value.address

  tags = { Name = "${var.name}-${each.key}" }
}

# One cipher, one integrity and one group for both phases: with a choice, the two sides can agree on one thing at first and
# fail to agree when they renew it. AES-256-GCM brings its own integrity; the SHA-2 next to it is what derives the keys.
locals {
  proposal = {
    ike_versions   = ["ikev2"]
    encryption     = ["AES256-GCM-16"]
    integrity      = ["SHA2-256"]
    groups         = [20]
    phase1_seconds = 28800
    phase2_seconds = 3600
  }
}

# AWS draws each tunnel's secret, 32 characters of its own. The two tunnels are arguments and not blocks: they cannot be looped.
resource "aws_vpn_connection" "this" {
  for_each            = aws_customer_gateway.this
  type                = "ipsec.1"
  customer_gateway_id = each.value.id
  vpn_gateway_id      = var.vpn_gateway_id
  static_routes_only  = false

  tunnel1_inside_cidr                  = local.connections[each.key].inside[0]
  tunnel1_ike_versions                 = local.proposal.ike_versions
  tunnel1_phase1_encryption_algorithms = local.proposal.encryption
  tunnel1_phase1_integrity_algorithms  = local.proposal.integrity
  tunnel1_phase1_dh_group_numbers      = local.proposal.groups
  tunnel1_phase1_lifetime_seconds      = local.proposal.phase1_seconds
  tunnel1_phase2_encryption_algorithms = local.proposal.encryption
  tunnel1_phase2_integrity_algorithms  = local.proposal.integrity
  tunnel1_phase2_dh_group_numbers      = local.proposal.groups
  tunnel1_phase2_lifetime_seconds      = local.proposal.phase2_seconds
  tunnel1_startup_action               = "start"
  tunnel1_dpd_timeout_action           = "restart"

  tunnel2_inside_cidr                  = local.connections[each.key].inside[1]
  tunnel2_ike_versions                 = local.proposal.ike_versions
  tunnel2_phase1_encryption_algorithms = local.proposal.encryption
  tunnel2_phase1_integrity_algorithms  = local.proposal.integrity
  tunnel2_phase1_dh_group_numbers      = local.proposal.groups
  tunnel2_phase1_lifetime_seconds      = local.proposal.phase1_seconds
  tunnel2_phase2_encryption_algorithms = local.proposal.encryption
  tunnel2_phase2_integrity_algorithms  = local.proposal.integrity
  tunnel2_phase2_dh_group_numbers      = local.proposal.groups
  tunnel2_phase2_lifetime_seconds      = local.proposal.phase2_seconds
  tunnel2_startup_action               = "start"
  tunnel2_dpd_timeout_action           = "restart"

  tags = { Name = "${var.name}-${each.key}" }
}
