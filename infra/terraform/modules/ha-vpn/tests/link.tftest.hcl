variables {
  project         = "example-project"
  google_region   = "us-east4"
  network_id      = "projects/example-project/global/networks/isthmus"
  vpn_gateway_id  = "vgw-0123456789abcdef0"
  advertised_cidr = "10.10.16.0/24"
  accepted_cidr   = "10.20.0.0/16"
}

run "link" {
  assert {
    condition     = length(google_compute_vpn_tunnel.this) == 4 && length(google_compute_router_peer.this) == 4 && length(google_compute_router_interface.this) == 4
    error_message = "Four tunnels, four interfaces, four BGP sessions."
  }
  assert {
    condition     = length(distinct([for tunnel in google_compute_vpn_tunnel.this : nonsensitive(tunnel.shared_secret)])) == 4
    error_message = "Each tunnel has a secret of its own."
  }
  assert {
    condition = alltrue([
      for index, tunnel in google_compute_vpn_tunnel.this :
      nonsensitive(tunnel.shared_secret) == nonsensitive(
        tonumber(index) % 2 == 0
        ? aws_vpn_connection.this[tostring(floor(tonumber(index) / 2))].tunnel1_preshared_key
        : aws_vpn_connection.this[tostring(floor(tonumber(index) / 2))].tunnel2_preshared_key
      )
    ])
    error_message = "Both ends of a tunnel have the same secret."
  }
  assert {
    condition     = [for tunnel in google_compute_vpn_tunnel.this : "${tunnel.vpn_gateway_interface}/${tunnel.peer_external_gateway_interface}"] == ["0/0", "0/1", "1/2", "1/3"]
    error_message = "Interface 0 takes AWS's addresses 0 and 1, interface 1 takes 2 and 3."
  }
  assert {
    condition     = google_compute_external_vpn_gateway.aws.redundancy_type == "FOUR_IPS_REDUNDANCY" && length(google_compute_external_vpn_gateway.aws.interface) == 4
    error_message = "AWS's side has four addresses."
  }
  assert {
    condition     = google_compute_router.this.bgp[0].advertise_mode == "CUSTOM" && length(google_compute_router.this.bgp[0].advertised_groups) == 0 && [for range in google_compute_router.this.bgp[0].advertised_ip_ranges : range.range] == ["10.10.16.0/24"]
    error_message = "The load balancers' range alone is advertised."
  }
  assert {
    condition     = alltrue([for tunnel in google_compute_vpn_tunnel.this : tunnel.ike_version == 2])
    error_message = "IKEv2."
  }
  assert {
    condition = alltrue(flatten([
      for connection in aws_vpn_connection.this : [
        for choice in [
          connection.tunnel1_ike_versions, connection.tunnel1_phase1_encryption_algorithms,
          connection.tunnel1_phase1_integrity_algorithms, connection.tunnel1_phase1_dh_group_numbers,
          connection.tunnel1_phase2_encryption_algorithms, connection.tunnel1_phase2_integrity_algorithms,
          connection.tunnel1_phase2_dh_group_numbers, connection.tunnel2_ike_versions,
          connection.tunnel2_phase1_encryption_algorithms, connection.tunnel2_phase1_integrity_algorithms,
          connection.tunnel2_phase1_dh_group_numbers, connection.tunnel2_phase2_encryption_algorithms,
          connection.tunnel2_phase2_integrity_algorithms, connection.tunnel2_phase2_dh_group_numbers,
        ] : length(choice) == 1
      ]
    ]))
    error_message = "One proposal is pinned for each phase of each tunnel."
  }
  assert {
    condition = length(distinct(flatten([
      for connection in aws_vpn_connection.this : [
        [
          connection.tunnel1_ike_versions, connection.tunnel1_phase1_encryption_algorithms,
          connection.tunnel1_phase1_integrity_algorithms, connection.tunnel1_phase2_encryption_algorithms,
          connection.tunnel1_phase2_integrity_algorithms, connection.tunnel2_ike_versions,
          connection.tunnel2_phase1_encryption_algorithms, connection.tunnel2_phase1_integrity_algorithms,
          connection.tunnel2_phase2_encryption_algorithms, connection.tunnel2_phase2_integrity_algorithms,
        ]
      ]
    ]))) == 3
    error_message = "It is the same one everywhere: IKEv2, one cipher, one integrity."
  }
  assert {
    condition     = [for peer in google_compute_router_peer.this : peer.peer_ip_address] == ["169.254.21.1", "169.254.21.5", "169.254.21.9", "169.254.21.13"] && [for interface in google_compute_router_interface.this : interface.ip_range] == ["169.254.21.2/30", "169.254.21.6/30", "169.254.21.10/30", "169.254.21.14/30"]
    error_message = "AWS takes the first address of each /30, Google the second."
  }
  assert {
    condition = alltrue([
      for connection in aws_vpn_connection.this : toset(concat(
        tolist(connection.tunnel1_phase1_dh_group_numbers), tolist(connection.tunnel1_phase2_dh_group_numbers),
        tolist(connection.tunnel2_phase1_dh_group_numbers), tolist(connection.tunnel2_phase2_dh_group_numbers),
      )) == toset([20])
    ])
    error_message = "The group is 20 everywhere: 2 and its like are within reach of whoever records the traffic."
  }
  assert {
    condition = alltrue([
      for index, peer in google_compute_router_peer.this :
      peer.interface == google_compute_router_interface.this[index].name && google_compute_router_interface.this[index].vpn_tunnel == google_compute_vpn_tunnel.this[index].name
    ])
    error_message = "Each session runs over its own tunnel."
  }
  assert {
    condition = [for index in ["0", "1", "2", "3"] : one([
      for interface in google_compute_external_vpn_gateway.aws.interface : interface.ip_address if interface.id == tonumber(index)
      ])] == [for index in ["0", "1", "2", "3"] :
      tonumber(index) % 2 == 0
      ? aws_vpn_connection.this[tostring(floor(tonumber(index) / 2))].tunnel1_address
      : aws_vpn_connection.this[tostring(floor(tonumber(index) / 2))].tunnel2_address
    ]
    error_message = "Each address is that of the tunnel which it ends."
  }
  assert {
    condition = alltrue([
      for index, connection in aws_vpn_connection.this :
      connection.tunnel1_inside_cidr == var.inside_cidrs[tonumber(index) * 2] && connection.tunnel2_inside_cidr == var.inside_cidrs[tonumber(index) * 2 + 1]
    ])
    error_message = "Both ends of a tunnel have the same inside range."
  }
  assert {
    condition     = alltrue([for peer in google_compute_router_peer.this : peer.import_policies == tolist([google_compute_router_route_policy.import.name])])
    error_message = "Each session has the import policy."
  }
  assert {
    condition = [for term in google_compute_router_route_policy.import.terms : "${term.priority}: ${term.match[0].expression} ${one(term.actions).expression}"] == [
      "1: destination == '10.20.0.0/16' accept()",
      "2: destination.inAnyRange(prefix('0.0.0.0/0').orLonger()) drop()",
    ]
    error_message = "The policy takes the VPC's range alone."
  }
}

run "a_wide_advertisement_is_refused" {
  command = plan
  variables {
    advertised_cidr = "10.0.0.0/8"
  }
  expect_failures = [var.advertised_cidr]
}

run "one_range_for_two_tunnels_is_refused" {
  command = plan
  variables {
    inside_cidrs = ["169.254.21.0/30", "169.254.21.0/30", "169.254.21.8/30", "169.254.21.12/30"]
  }
  expect_failures = [var.inside_cidrs]
}

run "one_number_for_both_sides_is_refused" {
  command = plan
  variables {
    aws_asn = 64514
  }
  expect_failures = [var.aws_asn]
}
