variable "project" {
  description = "Project that ingestion runs in."
  type        = string
}

variable "subscription" {
  description = "Name of the subscription to what happens in the bucket."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$", var.subscription))
    error_message = "subscription is a name, without projects/... before it."
  }
}

variable "dead_letters" {
  description = "Name of the subscription to events that could not be handled."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$", var.dead_letters))
    error_message = "dead_letters is a name, without projects/... before it."
  }
}

variable "emails" {
  description = "Who is told. Empty: the alarms are there, and seen in the console alone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "emails are addresses: operator@example.com."
  }
}

variable "oldest_minutes" {
  description = "An event that nobody took for so long raises an alarm."
  type        = number
  default     = 15

  validation {
    condition     = var.oldest_minutes >= 5 && var.oldest_minutes <= 1440
    error_message = "oldest_minutes is 5 to 1440: below, every backfill is an alarm; above, a day's documents are missing."
  }
}
