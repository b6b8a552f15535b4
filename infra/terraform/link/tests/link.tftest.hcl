variables {
  gcp_project_id = "example-project"
  aws_account_id = "012345678901"
}

override_data {
  target = data.aws_vpn_gateway.this
  values = { amazon_side_asn = "64512" }
}

override_data {
  target = data.google_compute_subnetwork.load_balancer
  values = { ip_cidr_range = "10.10.16.0/24" }
}

override_data {
  target = data.aws_vpc.this
  values = { cidr_block = "10.20.0.0/16" }
}

run "link" {
  assert {
    condition     = length(output.tunnels) == 4 && output.interconnect == null
    error_message = "Four tunnels, and nothing else."
  }
}

run "both_while_it_moves" {
  command = plan
  variables {
    link_kind = "interconnect"
    keep_vpn  = true
  }
  assert {
    condition     = length(module.link) == 1 && length(module.interconnect) == 1
    error_message = "Both are there while one moves."
  }
}

run "the_interconnect_alone" {
  command = plan
  variables {
    link_kind = "interconnect"
  }
  assert {
    condition     = length(module.link) == 0 && length(module.interconnect) == 1
    error_message = "The tunnels go once nothing needs them."
  }
}

run "another_kind_is_refused" {
  command = plan
  variables {
    link_kind = "satellite"
  }
  expect_failures = [var.link_kind]
}
