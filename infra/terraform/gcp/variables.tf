variable "gcp_project_id" {
  description = "Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.gcp_project_id))
    error_message = "gcp_project_id is a project's id, 6 to 30 lower-case letters, digits and dashes."
  }
}

variable "gcp_region" {
  description = "Region of everything in Google Cloud. us-east4 and us-east-1 are a pair that the clouds' own interconnect also joins."
  type        = string
  default     = "us-east4"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.gcp_region))
    error_message = "gcp_region is a region such as us-east4, not a zone (us-east4-a)."
  }
}

variable "connectivity" {
  description = <<-EOT
    How the other cloud reaches Weaviate. "private": over the link, nothing of Weaviate is on the internet. "public": an external
    load balancer behind keys, TLS and allow-listed ranges, for a first step without a link; whoever holds a key and comes from
    one of the ranges reaches the index, and a flaw in Weaviate's server is exposed to them.
  EOT
  type        = string
  default     = "private"

  validation {
    condition     = contains(["private", "public"], var.connectivity)
    error_message = "connectivity is \"private\" or \"public\"."
  }
}

variable "node_zones" {
  description = "Zones of the nodes; null takes three. The starter shape names one: [\"us-east4-a\"]."
  type        = list(string)
  default     = null
}

variable "machine_type" {
  description = "Machine of the primary pool. n2 and c3 always have AVX-512 VNNI, which doubles the speed of embedding; e2 may not."
  type        = string
  default     = "e2-standard-4"
}

variable "nodes_per_zone" {
  description = "Least and most nodes of the primary pool in each zone."
  type        = object({ min = number, max = number })
  default     = { min = 1, max = 3 }
}

variable "ingest_pool" {
  description = "A pool for ingestion, on Spot machines unless spot is false; null for none."
  type = object({
    machine_type = optional(string, "n2-standard-4")
    max          = optional(number, 4)
    spot         = optional(bool, true)
  })
  default = null
}

variable "authorised_networks" {
  description = "Ranges inside the VPC, by name, that may reach the control plane's private address. The DNS endpoint needs none."
  type        = map(string)
  default     = {}
}

variable "weaviate_address" {
  description = "Weaviate's internal address. infra/terraform/aws names the same."
  type        = string
  default     = "10.10.16.10"
}

variable "client_cidrs" {
  description = "Private subnets of the query function (infra/terraform/aws, private_subnet_cidrs; infra/k8s, loadBalancerSourceRanges)."
  type        = list(string)
  default     = ["10.20.0.0/20", "10.20.16.0/20"]
}

variable "mirrored_registry" {
  description = "Registry that Weaviate's image is pulled through. Should Artifact Registry refuse it: https://registry-1.docker.io holds the same image."
  type        = string
  default     = "https://cr.weaviate.io"
}

variable "circleci" {
  description = "CircleCI's organisation, project and the context of its applies, all UUIDs, and the repository (github.com/owner/repository); null until CI is connected."
  type = object({
    organization_id  = string
    project_id       = string
    apply_context_id = string
    branch           = optional(string, "main")
    origin           = optional(string)
  })
  default = null
}

variable "deletion_protection" {
  description = "Keep the cluster from being deleted. Turn it off and apply before you tear down."
  type        = bool
  default     = true
}

variable "alarm_emails" {
  description = "Who is told of the alarms. Empty: they are seen in the console alone."
  type        = list(string)
  default     = []
}

variable "operators" {
  description = "Who else may replay dead letters and start a backfill, by a name of your own: { anna = \"user:anna@example.com\" }."
  type        = map(string)
  default     = {}
}

variable "collector_address" {
  description = "Internal address of the OpenTelemetry collector in the cluster (infra/k8s/telemetry), 10.10.16.11 for example: the query function may send its traces there. infra/terraform/aws names the same. null: no way to it."
  type        = string
  default     = null

  validation {
    condition     = var.collector_address == null || var.connectivity == "private"
    error_message = "collector_address needs connectivity = \"private\": traces go through the link alone."
  }
}
