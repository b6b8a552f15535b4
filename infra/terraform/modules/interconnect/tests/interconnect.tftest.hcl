variables {
  network_id        = "projects/example-project/global/networks/isthmus"
  transport_network = "projects/example-tp/global/networks/transport-0123456789abcdef-vpc"
  activation_key    = "example-activation-key"
  vpn_gateway_id    = "vgw-0123456789abcdef0"
  accepted_cidr     = "10.20.0.0/16"
}

run "interconnect" {
  assert {
    condition     = aws_cloudformation_stack.connection.parameters["DirectConnectGateway"] == aws_dx_gateway.this.id && aws_dx_gateway_association.this.dx_gateway_id == aws_dx_gateway.this.id
    error_message = "The connection ends at the gateway that the VPC's own is tied to."
  }
  assert {
    condition     = aws_dx_gateway_association.this.associated_gateway_id == "vgw-0123456789abcdef0" && aws_dx_gateway_association.this.allowed_prefixes == toset(["10.20.0.0/16"])
    error_message = "Google's side is told of the VPC's range and of nothing else."
  }
  assert {
    condition     = google_compute_network_peering.this.peer_network == var.transport_network && google_compute_network_peering.this.import_custom_routes && google_compute_network_peering.this.export_custom_routes
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

run "a_name_is_no_network" {
  command = plan
  variables {
    transport_network = "isthmus"
  }
  expect_failures = [var.transport_network]
}
