variable "name" {
  description = "Name of the link; everything in it has it."
  type        = string
  default     = "isthmus-link"
}

variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "google_region" {
  description = "Region of the cluster."
  type        = string
  default     = "us-east4"
}

variable "network" {
  description = "Name of the Google network."
  type        = string
}

variable "network_id" {
  description = "The same network's id."
  type        = string
}

variable "advertised_cidr" {
  description = "All that AWS's side learns of Google: the range of the internal load balancers."
  type        = string

  validation {
    condition     = can(cidrhost(var.advertised_cidr, 0)) && tonumber(split("/", var.advertised_cidr)[1]) >= 20
    error_message = "advertised_cidr is a range as 10.10.16.0/24, /20 or narrower: AWS is told of the load balancers and of nothing else."
  }
}

variable "aws_account_id" {
  description = "AWS account that accepts the transport."
  type        = string
}

variable "aws_region" {
  description = "Region of AWS at the other end; Google's name for it there is aws-REGION."
  type        = string
  default     = "us-east-1"
}

variable "bandwidth" {
  description = "Of the transport. What a pair of regions has: gcloud network-connectivity transports remote-profiles list."
  type        = string
  default     = "BPS_1G"

  # https://docs.cloud.google.com/ruby/docs/reference/google-cloud-network_connectivity-v1beta/latest/Google-Cloud-NetworkConnectivity-V1beta-RemoteTransportProfile-Bandwidth
  validation {
    condition     = can(regex("^BPS_(50M|100M|200M|300M|400M|500M|1G|2G|5G|10G|20G|50G|100G)$", var.bandwidth))
    error_message = "bandwidth is one of BPS_50M, 100M, 200M, 300M, 400M, 500M, 1G, 2G, 5G, 10G, 20G, 50G and 100G, each behind BPS_."
  }
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
