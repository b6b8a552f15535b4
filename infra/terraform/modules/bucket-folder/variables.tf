variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "folder" {
  description = "The folder, ending in a slash."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+/)+$", var.folder))
    error_message = "folder is a prefix such as pipeline/; a whole bucket is not given away."
  }
}

variable "member" {
  description = "Account that reads and writes there: serviceAccount:..."
  type        = string

  validation {
    condition     = startswith(var.member, "serviceAccount:")
    error_message = "member is one service account (serviceAccount:...)."
  }
}
