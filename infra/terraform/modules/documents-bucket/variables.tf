variable "project" {
  description = "Project that the bucket belongs to."
  type        = string
}

variable "region" {
  description = "Region of the bucket, that of the cluster: reading from it costs nothing then."
  type        = string
}

variable "name" {
  description = "Name of the bucket, unique in all of Google Cloud."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is 3 to 63 lower-case letters, digits, dashes, dots and underscores."
  }
}

variable "reader" {
  description = "Account that reads the documents and takes the events: serviceAccount:..."
  type        = string

  validation {
    condition     = startswith(var.reader, "serviceAccount:")
    error_message = "reader is one service account (serviceAccount:...); allUsers would publish the documents."
  }
}

variable "deliveries" {
  description = "How often an event is tried before it goes to the dead-letter topic."
  type        = number
  default     = 10

  validation {
    condition     = var.deliveries >= 5 && var.deliveries <= 100
    error_message = "deliveries is 5 to 100, as Pub/Sub has it."
  }
}

variable "attributes" {
  description = "Attributes that every event of the bucket bears besides Cloud Storage's own: who it belongs to, for filters and logs."
  type        = map(string)
  default     = { isthmus = "documents" }

  validation {
    condition     = !anytrue([for name in keys(var.attributes) : startswith(name, "goog") || name == "isthmusReindex"])
    error_message = "attributes neither begin with goog, which is Pub/Sub's own, nor are isthmusReindex, which has every object written again."
  }
}

variable "operators" {
  description = "Who may replay dead letters and start a backfill, by a name of your own: { anna = \"user:anna@example.com\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for member in values(var.operators) : can(regex("^(user|group|serviceAccount):", member))])
    error_message = "operators are users, groups and service accounts (user:..., group:..., serviceAccount:...), never everybody."
  }
}
