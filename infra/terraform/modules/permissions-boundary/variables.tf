variable "name" {
  description = "Name of the policy. modules/aws-ci and infra/serverless/role.yml name the same."
  type        = string
  default     = "isthmus-boundary"
}

variable "bedrock_models" {
  description = "ARNs of the models on Amazon Bedrock that roles may call at all; none for no model."
  type        = set(string)
  default     = []
}
