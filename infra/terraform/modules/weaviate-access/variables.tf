variable "stage" {
  description = "Stage of the function, as in its own deployment: dev, production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.stage))
    error_message = "stage is a lower-case word."
  }
}

variable "http_endpoint" {
  description = "Weaviate's HTTP address as the function calls it."
  type        = string

  validation {
    condition     = can(regex("^https?://[^/]+$", var.http_endpoint))
    error_message = "http_endpoint is an address without a path: http://weaviate.isthmus.internal."
  }
}

variable "grpc_endpoint" {
  description = "Weaviate's gRPC address; always TLS."
  type        = string

  validation {
    condition     = can(regex("^https://[^/]+:[0-9]+$", var.grpc_endpoint))
    error_message = "grpc_endpoint is https://NAME:PORT: gRPC is served with TLS only."
  }
}

variable "subnet_ids" {
  description = "Subnets of the function."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the function."
  type        = string
}

variable "alarm_topic_arn" {
  description = "The topic that its alarms are sent to."
  type        = string
}
