variable "name" {
  description = "Name of the network; everything in it starts with it."
  type        = string
  default     = "isthmus"
}

variable "region" {
  description = "Region of the network."
  type        = string
}

variable "vpc_cidr" {
  description = "Range of the VPC. It must not overlap Google's side: 10.10.0.0/15 and 10.14.0.0/20 by default."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && tonumber(split("/", var.vpc_cidr)[1]) >= 16
    error_message = "vpc_cidr is a range no wider than /16."
  }
}

variable "zones" {
  description = "Two availability zones or more, one for each private subnet."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones are two different availability zones or more: with one, its outage is ours."
  }
}

variable "private_subnet_cidrs" {
  description = "Ranges of the private subnets, one for each zone."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_cidrs) == length(var.zones)
    error_message = "private_subnet_cidrs has as many ranges as there are zones."
  }
}

variable "weaviate_cidr" {
  description = "Google's range of internal load balancers: all that the function may reach there."
  type        = string

  validation {
    condition     = can(cidrhost(var.weaviate_cidr, 0)) && tonumber(split("/", var.weaviate_cidr)[1]) >= 20
    error_message = "weaviate_cidr is the load balancers' range alone, /20 or narrower, such as 10.10.16.0/24."
  }
}

variable "google_side_asn" {
  description = "Number of the BGP speaker on Google's side; the VPN gateway's own must differ."
  type        = number
  default     = 64514
}

variable "asn" {
  description = "Number of the VPN gateway as a BGP speaker."
  type        = number
  default     = 64512

  validation {
    condition     = var.asn >= 64512 && var.asn <= 65534 && var.asn != var.google_side_asn
    error_message = "asn is a private number, 64512 to 65534, and not Google's side's."
  }
}

variable "interface_endpoints" {
  description = "AWS's services that the function calls from within the network, each about 15 $ a month in two zones."
  type        = set(string)
  default     = ["secretsmanager"]

  validation {
    condition     = contains(var.interface_endpoints, "secretsmanager")
    error_message = "interface_endpoints has secretsmanager: without it the function cannot fetch its key."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the role of the flow logs (modules/permissions-boundary)."
  type        = string
  default     = null
}

variable "public" {
  description = "Let the function reach Weaviate over the internet (connectivity = \"public\"): a public subnet, NAT and a fixed address."
  type        = bool
  default     = false
}

variable "bedrock_models" {
  description = "ARNs of the models on Amazon Bedrock that the endpoint to it lets through; none for no endpoint."
  type        = set(string)
  default     = []
}

variable "collector_address" {
  description = "Address of the collector of traces, inside weaviate_cidr; null for no way to it."
  type        = string
  default     = null

  validation {
    condition     = var.collector_address == null || try(cidrhost("${var.collector_address}/${split("/", var.weaviate_cidr)[1]}", 0) == cidrhost(var.weaviate_cidr, 0), false)
    error_message = "collector_address lies outside weaviate_cidr, the range that the link leads to."
  }
}
