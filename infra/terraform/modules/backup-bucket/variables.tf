variable "project" {
  description = "Project that the bucket belongs to."
  type        = string
}

variable "location" {
  description = "Where backups are kept: US, a dual region such as NAM4, or a region."
  type        = string
  default     = "US"
}

variable "name" {
  description = "Name of the bucket, unique in all of Google Cloud."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is 3 to 63 lower-case letters, digits, dashes, dots and underscores."
  }
}

variable "writer" {
  description = "Account that writes backups and reads them back: serviceAccount:..."
  type        = string

  validation {
    condition     = startswith(var.writer, "serviceAccount:")
    error_message = "writer is one service account (serviceAccount:...)."
  }
}

variable "days" {
  description = "How long a backup is kept."
  type        = number
  default     = 30

  validation {
    condition     = var.days >= 1
    error_message = "days is at least 1."
  }
}
