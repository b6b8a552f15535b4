variable "name" {
  description = "Name of the link; everything in it starts with it."
  type        = string
  default     = "isthmus-link"
}

variable "project" {
  description = "Google project."
  type        = string
}

variable "google_region" {
  description = "Region of the cluster, where the tunnels end."
  type        = string
}

variable "network_id" {
  description = "Google network."
  type        = string
}

variable "vpn_gateway_id" {
  description = "VPN gateway on AWS's side, with route propagation into the tables that need it."
  type        = string
}

variable "advertised_cidr" {
  description = "All that AWS learns of Google's side: the internal load balancers' range."
  type        = string

  validation {
    condition     = can(cidrhost(var.advertised_cidr, 0)) && tonumber(split("/", var.advertised_cidr)[1]) >= 20
    error_message = "advertised_cidr is the load balancers' range alone, /20 or narrower."
  }
}

variable "accepted_cidr" {
  description = "All that Google's side takes from AWS: the VPC's range."
  type        = string

  validation {
    condition     = can(cidrhost(var.accepted_cidr, 0)) && tonumber(split("/", var.accepted_cidr)[1]) >= 16
    error_message = "accepted_cidr is the VPC's range, /16 or narrower: a wider one could take over other traffic."
  }
}

variable "google_asn" {
  description = "BGP number of Google's side."
  type        = number
  default     = 64514

  validation {
    condition     = var.google_asn >= 64512 && var.google_asn <= 65534
    error_message = "google_asn is a private number, 64512 to 65534."
  }
}

variable "aws_asn" {
  description = "BGP number of AWS's VPN gateway."
  type        = number
  default     = 64512

  validation {
    condition     = var.aws_asn != var.google_asn
    error_message = "aws_asn and google_asn differ, or no session comes up."
  }
}

variable "inside_cidrs" {
  description = "A /30 of 169.254.0.0/16 for each of the four tunnels."
  type        = list(string)
  default     = ["169.254.21.0/30", "169.254.21.4/30", "169.254.21.8/30", "169.254.21.12/30"]

  validation {
    condition = length(distinct(var.inside_cidrs)) == 4 && alltrue([
      for range in var.inside_cidrs : can(regex("^169\\.254\\.\\d+\\.\\d+/30$", range)) && !can(regex("^169\\.254\\.[0-5]\\.0/30$", range)) && range != "169.254.169.252/30"
    ])
    error_message = "inside_cidrs are four different /30 ranges of 169.254.0.0/16, without the ones that AWS keeps for itself (169.254.0.0/30 to 169.254.5.0/30, 169.254.169.252/30)."
  }
}
