variables {
  project         = "example-project"
  network         = "isthmus"
  network_id      = "projects/example-project/global/networks/isthmus"
  advertised_cidr = "10.10.16.0/24"
  aws_account_id  = "012345678901"
  vpn_gateway_id  = "vgw-0123456789abcdef0"
  accepted_cidr   = "10.20.0.0/16"
}

run "interconnect" {
  assert {
    condition     = google_network_connectivity_transport.this.remote_profile == "projects/example-project/locations/us-east4/remoteTransportProfiles/aws-us-east-1" && google_network_connectivity_transport.this.remote_account_id == "012345678901"
    error_message = "The transport's other end is the account in the paired region."
  }
  assert {
    condition     = google_network_connectivity_transport.this.advertised_routes == tolist(["10.10.16.0/24"])
    error_message = "AWS's side is told of the load balancers and of nothing else."
  }
  assert {
    condition     = aws_cloudformation_stack.connection.parameters["ActivationKey"] == google_network_connectivity_transport.this.generated_activation_key
    error_message = "AWS accepts with the key that Google drew."
  }
  assert {
    condition     = aws_cloudformation_stack.connection.parameters["DirectConnectGateway"] == aws_dx_gateway.this.id && aws_dx_gateway_association.this.dx_gateway_id == aws_dx_gateway.this.id
    error_message = "The connection ends at the gateway that the VPC's own is tied to."
  }
  assert {
    condition     = aws_dx_gateway_association.this.associated_gateway_id == "vgw-0123456789abcdef0" && aws_dx_gateway_association.this.allowed_prefixes == toset(["10.20.0.0/16"])
    error_message = "Google's side is told of the VPC's range and of nothing else."
  }
  assert {
    condition     = google_compute_network_peering.this.peer_network == google_network_connectivity_transport.this.peering_network && google_compute_network_peering.this.import_custom_routes && google_compute_network_peering.this.export_custom_routes
    error_message = "Routes pass between the network and the transport."
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.connection.template_body).Parameters.ActivationKey.NoEcho
    error_message = "CloudFormation does not show the key."
  }
}

run "the_vpns_number_is_refused" {
  command = plan
  variables {
    aws_asn = 64512
  }
  expect_failures = [var.aws_asn]
}

run "a_wide_range_is_refused" {
  command = plan
  variables {
    accepted_cidr = "10.0.0.0/8"
  }
  expect_failures = [var.accepted_cidr]
}

run "nodes_are_not_advertised" {
  command = plan
  variables {
    advertised_cidr = "10.10.0.0/16"
  }
  expect_failures = [var.advertised_cidr]
}

run "a_bandwidth_by_gcloud_s_name_is_refused" {
  command = plan
  variables {
    bandwidth = "1G"
  }
  expect_failures = [var.bandwidth]
}
