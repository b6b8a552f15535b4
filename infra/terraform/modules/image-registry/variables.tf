variable "project" {
  description = "Project that the repositories belong to."
  type        = string
}

variable "region" {
  description = "Region of the repositories, that of the cluster."
  type        = string
}

variable "name" {
  description = "Name of our own images' repository; the mirror's is NAME-mirror."
  type        = string
  default     = "isthmus"
}

variable "readers" {
  description = "Accounts that pull, by a name of yours: the nodes."
  type        = map(string)

  validation {
    condition     = alltrue([for member in values(var.readers) : startswith(member, "serviceAccount:")])
    error_message = "readers are service accounts (serviceAccount:...); allUsers would let everybody pull."
  }
}

variable "writers" {
  description = "Accounts that push, by a name of yours: CI."
  type        = map(string)

  validation {
    condition     = alltrue([for member in values(var.writers) : startswith(member, "serviceAccount:")])
    error_message = "writers are service accounts (serviceAccount:...); allUsers would let everybody push."
  }
}

variable "mirrored_registry" {
  description = "Registry that Weaviate's image is pulled through, so that a restart does not depend on it."
  type        = string
  default     = "https://cr.weaviate.io"

  validation {
    condition     = startswith(var.mirrored_registry, "https://")
    error_message = "mirrored_registry is an https:// address."
  }
}
