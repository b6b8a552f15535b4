variable "name" {
  description = "Name of the role."
  type        = string
  default     = "isthmus-api-gateway-logs"
}
