# AWS's half: a gateway of Direct Connect, which the VPC's own gateway is tied to, and the connection that accepts Google's offer. Routes
# come into the VPC's tables by the propagation that is on already (infra/terraform/aws).
resource "aws_dx_gateway" "this" {
  name            = var.name
  amazon_side_asn = tostring(var.aws_asn)
}

resource "aws_dx_gateway_association" "this" {
  dx_gateway_id         = aws_dx_gateway.this.id
  associated_gateway_id = var.vpn_gateway_id
  # All that Google's side is told.
  allowed_prefixes = [var.accepted_cidr]
}

# hashicorp/aws 6.25 has no resource for it; CloudFormation has, and its schema is the source of each name here.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-interconnect-connection.html
resource "aws_cloudformation_stack" "connection" {
  name          = var.name
  template_body = file("${path.module}/connection.json")
  parameters = {
    ActivationKey        = var.activation_key
    DirectConnectGateway = aws_dx_gateway.this.id
  }

  # A key is good for one connection and CloudFormation does not show it again: another one would replace what it has made.
  lifecycle {
    ignore_changes = [parameters["ActivationKey"]]
  }
}

# Google's half: the network of the transport (infra/terraform/interconnect.sh makes it), which ours is peered with.
resource "google_compute_network_peering" "this" {
  name                 = var.name
  network              = var.network_id
  peer_network         = var.transport_network
  import_custom_routes = true
  export_custom_routes = true
}
