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
    condition     = length(output.tunnels) == 4
    error_message = "Four tunnels."
  }
}
