variable "name" {
  description = "Name of the firewall."
  type        = string
  default     = "isthmus-api"
}

variable "requests_per_5_minutes" {
  description = "How many requests one address may make in five minutes."
  type        = number
  default     = 1000

  validation {
    condition     = var.requests_per_5_minutes >= 10
    error_message = "requests_per_5_minutes is at least 10, as WAF has it."
  }
}

variable "stage_arn" {
  description = "API Gateway stage to protect: arn:aws:apigateway:REGION::/restapis/ID/stages/NAME; null until the function is deployed."
  type        = string
  default     = null

  validation {
    condition     = var.stage_arn == null || can(regex("^arn:aws:apigateway:[a-z0-9-]+::/restapis/[^/]+/stages/[^/]+$", var.stage_arn))
    error_message = "stage_arn is arn:aws:apigateway:REGION::/restapis/ID/stages/NAME."
  }
}
