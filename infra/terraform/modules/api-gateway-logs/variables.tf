variable "name" {
  description = "Name of the role."
  type        = string
  default     = "isthmus-api-gateway-logs"
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the role (modules/permissions-boundary)."
  type        = string
  default     = null
}
