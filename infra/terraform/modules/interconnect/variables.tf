variable "name" {
  description = "Name of the link; everything in it has it."
  type        = string
  default     = "isthmus-link"
}

variable "network_id" {
  description = "Google network."
  type        = string
}

variable "transport_network" {
  description = "Network of the transport: infra/terraform/interconnect.sh prints it (peeringNetwork)."
  type        = string

  validation {
    condition     = can(regex("^projects/[^/]+/global/networks/[^/]+$", var.transport_network))
    error_message = "transport_network is projects/PROJECT/global/networks/NAME, as infra/terraform/interconnect.sh prints it."
  }
}

variable "activation_key" {
  description = "Google's key for this one connection (generatedActivationKey of the transport). It is of no use once it was accepted."
  type        = string
  sensitive   = true
}

variable "vpn_gateway_id" {
  description = "VPN gateway on AWS's side, with route propagation into the tables that need it."
  type        = string
}

variable "accepted_cidr" {
  description = "All that Google's side takes from AWS: the VPC's range."
  type        = string

  validation {
    condition     = can(cidrhost(var.accepted_cidr, 0)) && tonumber(split("/", var.accepted_cidr)[1]) >= 16
    error_message = "accepted_cidr is the VPC's range, /16 or narrower: a wider one could take over other traffic."
  }
}

variable "aws_asn" {
  description = "BGP number of the Direct Connect gateway, neither the VPN gateway's (64512) nor Google's router's (64514)."
  type        = number
  default     = 64513

  validation {
    condition     = var.aws_asn >= 64512 && var.aws_asn <= 65534 && !contains([64512, 64514], var.aws_asn)
    error_message = "aws_asn is a private number, 64512 to 65534, and not 64512 or 64514, which the VPN has."
  }
}
