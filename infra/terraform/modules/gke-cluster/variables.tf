variable "project" {
  description = "Project that the cluster belongs to."
  type        = string
}

variable "region" {
  description = "Region of the cluster: its control plane and its nodes are spread over its zones."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a region such as us-east4; a zone (us-east4-a) would make a cluster that one zone takes down."
  }
}

variable "name" {
  description = "Name of the cluster."
  type        = string
  default     = "weaviate-cluster"
}

variable "network_id" {
  description = "Network of the nodes."
  type        = string
}

variable "nodes_subnetwork_id" {
  description = "Subnet of the nodes, with the secondary ranges pods and services."
  type        = string
}

variable "machine_type" {
  description = <<-EOT
    Machine of the primary pool. e2-standard-4 may run on a CPU without AVX-512 VNNI, where embedding runs at about half the
    speed; n2, c3 and n4 always have it. Weaviate itself gains little from it.
  EOT
  type        = string
  default     = "e2-standard-4"
}

variable "nodes_per_zone" {
  description = "Least and most nodes of the primary pool in each zone."
  type        = object({ min = number, max = number })
  default     = { min = 1, max = 3 }

  validation {
    condition     = var.nodes_per_zone.min >= 0 && var.nodes_per_zone.min <= var.nodes_per_zone.max
    error_message = "nodes_per_zone: min is at least 0 and at most max."
  }
}

variable "node_zones" {
  description = "Zones of the nodes; null lets GKE take three of the region's. The starter shape names one."
  type        = list(string)
  default     = null
}

variable "ingest_pool" {
  description = "A pool for ingestion, on Spot machines where spot is true; null for none. It sleeps at no node."
  type = object({
    machine_type = optional(string, "n2-standard-4")
    max          = optional(number, 4)
    spot         = optional(bool, true)
  })
  default = null
}

variable "release_channel" {
  description = "How soon the cluster follows Kubernetes' releases."
  type        = string
  default     = "REGULAR"

  validation {
    condition     = contains(["RAPID", "REGULAR", "STABLE", "EXTENDED"], var.release_channel)
    error_message = "release_channel is RAPID, REGULAR, STABLE or EXTENDED."
  }
}

variable "authorised_networks" {
  description = "Ranges inside the VPC that may reach the control plane's private address, by name. CI uses the DNS endpoint instead."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for range in values(var.authorised_networks) : can(cidrhost(range, 0)) && !endswith(range, "/0")])
    error_message = "authorised_networks are ranges such as 10.10.0.0/20; none may be /0."
  }
}

variable "deletion_protection" {
  description = "Terraform refuses to delete the cluster. Turn it off, apply, then destroy."
  type        = bool
  default     = true
}

variable "administrators" {
  description = "Accounts that make node pools, by a name of yours: they may act as the nodes' account, and as no other."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for member in values(var.administrators) : startswith(member, "serviceAccount:")])
    error_message = "administrators are service accounts (serviceAccount:...)."
  }
}
