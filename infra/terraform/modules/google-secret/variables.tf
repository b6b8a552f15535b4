variable "project" {
  description = "Project that the secret belongs to."
  type        = string
}

variable "region" {
  description = "Region that the secret is kept in."
  type        = string
}

variable "name" {
  description = "Name of the secret. Its value is added by hand or by the pipeline, and never passes through Terraform."
  type        = string
}

variable "readers" {
  description = "Accounts that read its value, by a name of yours."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for member in values(var.readers) : startswith(member, "serviceAccount:")])
    error_message = "readers are service accounts (serviceAccount:...)."
  }
}
