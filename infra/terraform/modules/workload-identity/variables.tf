variable "project" {
  description = "Project of the cluster and of the account."
  type        = string
}

variable "name" {
  description = "Name of the Google service account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.name))
    error_message = "name is 6 to 30 lower-case letters, digits and dashes."
  }
}

variable "namespace" {
  description = "Kubernetes namespace of the workload."
  type        = string
  default     = "isthmus"
}

variable "kubernetes_account" {
  description = "Kubernetes ServiceAccount that acts as the Google account."
  type        = string
}
