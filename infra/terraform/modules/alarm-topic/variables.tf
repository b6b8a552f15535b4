variable "emails" {
  description = "Who is told. Empty: alarms are sent to a topic that nobody hears."
  type        = list(string)

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "emails are addresses: operator@example.com."
  }
}
