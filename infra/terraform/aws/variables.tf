variable "aws_account_id" {
  description = "AWS account; a plan against another one is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id is twelve digits."
  }
}

variable "aws_region" {
  description = "Region of everything in AWS; us-east-1 pairs with us-east4."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region is a region such as us-east-1, not a zone (us-east-1a)."
  }
}

variable "stages" {
  description = "Stages of the query function that are looked after here."
  type        = set(string)
  default     = ["dev"]
}

variable "connectivity" {
  description = <<-EOT
    How the function reaches Weaviate. "private": over the link. "public": over the internet, from one fixed address, to Weaviate's
    external load balancer (public_weaviate_host); choose it in infra/terraform/gcp too, and read there what it risks.
  EOT
  type        = string
  default     = "private"

  validation {
    condition     = contains(["private", "public"], var.connectivity)
    error_message = "connectivity is \"private\" or \"public\"."
  }
  validation {
    condition     = (var.connectivity == "public") == (var.public_weaviate_host != null)
    error_message = "public_weaviate_host is set when connectivity is \"public\", and only then."
  }
}

variable "public_weaviate_host" {
  description = "Name of Weaviate's external load balancer, one that its certificate carries (connectivity = \"public\")."
  type        = string
  default     = null
}

variable "vpc_cidr" {
  description = "Range of the VPC; it must not overlap Google's side."
  type        = string
  default     = "10.20.0.0/16"
}

variable "zones" {
  description = "Availability zones of the private subnets; null takes a and b of the region."
  type        = list(string)
  default     = null
}

variable "private_subnet_cidrs" {
  description = "Ranges of the private subnets. infra/terraform/gcp (client_cidrs) and infra/k8s (the network policy and loadBalancerSourceRanges) name the same."
  type        = list(string)
  default     = ["10.20.0.0/20", "10.20.16.0/20"]
}

variable "weaviate_address" {
  description = "Weaviate's internal address (infra/terraform/gcp names the same)."
  type        = string
  default     = "10.10.16.10"
}

variable "load_balancer_cidr" {
  description = "Google's range of internal load balancers."
  type        = string
  default     = "10.10.16.0/24"
}

variable "api_gateway_logs" {
  description = "Set the role with which API Gateway writes logs. It is one for the account and region: false where there is one."
  type        = bool
  default     = true
}

variable "api_firewall" {
  description = "WAF in front of the API, about 8 $ a month and 0.60 $ per million requests; null for none. stage_arn is known once the function is deployed."
  type = object({
    requests_per_5_minutes = optional(number, 1000)
    stage_arn              = optional(string)
  })
  default = null
}

variable "budget" {
  description = "What a month may cost, and who is told."
  type        = object({ dollars = number, emails = list(string) })
}

variable "alarm_emails" {
  description = "Who is told of the alarms of the query function; null tells those of the budget."
  type        = list(string)
  default     = null
}

variable "bedrock_models" {
  description = "ARNs of the models (and inference profiles) on Amazon Bedrock that write answers; none for answers in the documents' own words. An interface endpoint comes with the first, about 15 $ a month in two zones."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.bedrock_models : can(regex("^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:([0-9]{12})?:(foundation-model|inference-profile|application-inference-profile)/[^*?]+$", arn))])
    error_message = "bedrock_models are whole ARNs, such as arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0, without * or ?."
  }
}

variable "circleci" {
  description = "CircleCI's organisation and project, both UUIDs, and the repository (github.com/owner/repository); null until CI is connected."
  type = object({
    organization_id = string
    project_id      = string
    branch          = optional(string, "main")
    origin          = optional(string)
  })
  default = null
}

variable "collector_address" {
  description = "Internal address of the OpenTelemetry collector in the cluster (infra/k8s/telemetry), 10.10.16.11 for example: the query function may send its traces there. infra/terraform/gcp names the same. null: no way to it."
  type        = string
  default     = null

  validation {
    condition     = var.collector_address == null || var.connectivity == "private"
    error_message = "collector_address needs connectivity = \"private\": traces go through the link alone."
  }
}
