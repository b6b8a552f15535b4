variable "project" {
  description = "Project that CI works on."
  type        = string
}

variable "organization_id" {
  description = "CircleCI's organisation id, a UUID: Organization Settings, Overview."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.organization_id))
    error_message = "organization_id is a UUID such as 01234567-89ab-cdef-0123-456789abcdef."
  }
}

variable "project_id" {
  description = "CircleCI's project id, a UUID: Project Settings, Overview."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.project_id))
    error_message = "project_id is a UUID such as 01234567-89ab-cdef-0123-456789abcdef."
  }
}

variable "branch" {
  description = "The one branch that may apply and deploy."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch is a branch's name; patterns are not taken."
  }
}

variable "origin" {
  description = "The repository as CircleCI's tokens name it, such as github.com/owner/repository. Null takes any, so a fork too, if the project passes secrets to forks."
  type        = string
  default     = null

  validation {
    condition     = var.origin == null ? true : can(regex("^[A-Za-z0-9.-]+(/[A-Za-z0-9._-]+)+$", var.origin))
    error_message = "origin is a repository such as github.com/owner/repository; patterns are not taken."
  }
}

variable "apply_context_id" {
  description = "Id of the CircleCI context whose jobs may apply, a UUID."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.apply_context_id))
    error_message = "apply_context_id is the context's id, a UUID, and not its name."
  }
}

variable "grantable_roles" {
  description = "Roles in the project that the account which applies may grant: those that modules here give."
  type        = set(string)
  default     = ["roles/container.defaultNodeServiceAccount"]
}
