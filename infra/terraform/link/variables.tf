variable "gcp_project_id" {
  description = "Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.gcp_project_id))
    error_message = "gcp_project_id is a project's id, 6 to 30 lower-case letters, digits and dashes."
  }
}

variable "gcp_region" {
  description = "Region of the cluster."
  type        = string
  default     = "us-east4"
}

variable "aws_account_id" {
  description = "AWS account; a plan against another one is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id is twelve digits."
  }
}

variable "aws_region" {
  description = "Region of the query function."
  type        = string
  default     = "us-east-1"
}

variable "name" {
  description = "Name of both networks, as the other two roots made them."
  type        = string
  default     = "isthmus"
}

variable "link_kind" {
  description = <<-EOT
    What joins the clouds. "vpn": four IPsec tunnels, everywhere, some hundred Mbit/s and more each. "interconnect": the clouds' own managed
    connection, in the pairs of regions that have it (us-east4 and us-east-1 among them); docs/operations/interconnect.md first.
  EOT
  type        = string
  default     = "vpn"

  validation {
    condition     = contains(["vpn", "interconnect"], var.link_kind)
    error_message = "link_kind is \"vpn\" or \"interconnect\"."
  }
}

variable "keep_vpn" {
  description = "Keep the tunnels beside the interconnect: while one moves from one to the other, and to go back."
  type        = bool
  default     = false
}

variable "interconnect_bandwidth" {
  description = "Of the interconnect, as Google's API names it; it is billed by it."
  type        = string
  default     = "BPS_1G"
}
