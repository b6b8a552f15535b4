variable "dollars" {
  description = "What a month may cost."
  type        = number

  validation {
    condition     = var.dollars > 0
    error_message = "dollars is more than 0."
  }
}

variable "emails" {
  description = "Who is told."
  type        = list(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "emails is one address or more: an alarm that nobody gets is none."
  }
}
