variable "project" {
  description = "Project of the cluster and of the link's Google side."
  type        = string
}

variable "channels" {
  description = "Ids of the notification channels of those who are told. Empty: the alarms are seen in the console alone."
  type        = list(string)
  default     = []
}

variable "link" {
  description = "Name of the link (modules/ha-vpn, `name`): its sessions begin with it."
  type        = string
  default     = "isthmus-link"
}

variable "full_percent" {
  description = "A volume that is fuller raises an alarm."
  type        = number
  default     = 75

  validation {
    condition     = var.full_percent >= 50 && var.full_percent <= 85
    error_message = "full_percent is 50 to 85: at 90 Weaviate takes no more objects, and a larger volume takes a while."
  }
}

variable "session_minutes" {
  description = "A BGP session that is down for so long raises an alarm."
  type        = number
  default     = 15

  validation {
    condition     = var.session_minutes >= 5 && var.session_minutes <= 1440
    error_message = "session_minutes is 5 to 1440: below, each maintenance of a tunnel end is an alarm."
  }
}
