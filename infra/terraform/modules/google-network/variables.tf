variable "project" {
  description = "Project that the network belongs to."
  type        = string
}

variable "region" {
  description = "Region of the subnets, the NAT and the addresses."
  type        = string
}

variable "name" {
  description = "Name of the network; everything in it starts with it."
  type        = string
  default     = "isthmus"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name)) && var.name != "default"
    error_message = "name is a lower-case name of at most 31 characters, and not \"default\": the network is our own."
  }
}

variable "nodes_cidr" {
  description = "Range of the cluster's nodes."
  type        = string
  default     = "10.10.0.0/20"

  validation {
    condition     = can(cidrhost(var.nodes_cidr, 0))
    error_message = "nodes_cidr is a range such as 10.10.0.0/20."
  }
}

variable "load_balancer_cidr" {
  description = "Range that internal load balancers take their addresses from; the only one that the other cloud learns of."
  type        = string
  default     = "10.10.16.0/24"

  validation {
    condition     = can(cidrhost(var.load_balancer_cidr, 0)) && tonumber(split("/", var.load_balancer_cidr)[1]) >= 20
    error_message = "load_balancer_cidr is a range of at most 4,096 addresses (/20 or narrower), such as 10.10.16.0/24."
  }
}

variable "pods_cidr" {
  description = "Secondary range of the pods."
  type        = string
  default     = "10.12.0.0/16"

  validation {
    condition     = can(cidrhost(var.pods_cidr, 0))
    error_message = "pods_cidr is a range such as 10.10.0.0/20."
  }
}

variable "services_cidr" {
  description = "Secondary range of the Services."
  type        = string
  default     = "10.14.0.0/20"

  validation {
    condition     = can(cidrhost(var.services_cidr, 0))
    error_message = "services_cidr is a range such as 10.10.0.0/20."
  }
}

variable "weaviate_address" {
  description = "Address of Weaviate's internal load balancer, inside load_balancer_cidr."
  type        = string
  default     = "10.10.16.10"

  validation {
    condition     = cidrhost("${var.weaviate_address}/${split("/", var.load_balancer_cidr)[1]}", 0) == cidrhost(var.load_balancer_cidr, 0)
    error_message = "weaviate_address lies outside load_balancer_cidr."
  }
}

variable "client_cidrs" {
  description = "Ranges beyond the link that may call Weaviate: the Lambda's private subnets."
  type        = list(string)
  default     = ["10.20.0.0/20", "10.20.16.0/20"]

  validation {
    condition     = alltrue([for range in var.client_cidrs : can(cidrhost(range, 0)) && tonumber(split("/", range)[1]) >= 16])
    error_message = "client_cidrs are ranges no wider than /16; 0.0.0.0/0 would open Weaviate to all."
  }
}

variable "public_address" {
  description = "Also reserve an external address for Weaviate (connectivity = \"public\")."
  type        = bool
  default     = false
}

variable "collector_address" {
  description = "Address of the collector's internal load balancer, inside load_balancer_cidr and not Weaviate's; null for no way to it."
  type        = string
  default     = null

  validation {
    condition     = var.collector_address == null || try(cidrhost("${var.collector_address}/${split("/", var.load_balancer_cidr)[1]}", 0) == cidrhost(var.load_balancer_cidr, 0), false)
    error_message = "collector_address lies outside load_balancer_cidr."
  }
  validation {
    condition     = var.collector_address != var.weaviate_address
    error_message = "collector_address is another than weaviate_address: each load balancer has its own."
  }
}
