# Google offers: a transport, whose other end is the AWS account. Its key and its network are there once it is made. What each argument is:
# https://docs.cloud.google.com/network-connectivity/docs/interconnect/how-to/partner-cci-for-aws/create-connections-gcp-to-aws
resource "google_network_connectivity_transport" "this" {
  project           = var.project
  region            = var.google_region
  name              = var.name
  network           = var.network
  remote_profile    = "projects/${var.project}/locations/${var.google_region}/remoteTransportProfiles/aws-${var.aws_region}"
  remote_account_id = var.aws_account_id
  bandwidth         = var.bandwidth
  # All that AWS's side is told.
  advertised_routes = [var.advertised_cidr]
  stack_type        = "IPV4_ONLY"

  lifecycle {
    postcondition {
      condition     = self.state != "PENDING_KEY" || self.generated_activation_key != ""
      error_message = "Google has drawn no key for the transport yet: apply again in some minutes."
    }
  }
}

# AWS accepts: a gateway of Direct Connect, which the VPC's own gateway is tied to, and the connection that accepts Google's offer. Routes
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
    ActivationKey        = google_network_connectivity_transport.this.generated_activation_key
    DirectConnectGateway = aws_dx_gateway.this.id
  }

  # A key is good for one connection and CloudFormation does not show it again: another one would replace what it has made.
  lifecycle {
    ignore_changes = [parameters["ActivationKey"]]
  }
}

# The transport has a network of its own, which ours is peered with.
resource "google_compute_network_peering" "this" {
  name                 = var.name
  network              = var.network_id
  peer_network         = google_network_connectivity_transport.this.peering_network
  import_custom_routes = true
  export_custom_routes = true
}
