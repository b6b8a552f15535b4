variable "name" {
  description = "Name of the policy. modules/aws-ci and infra/serverless/role.yml name the same."
  type        = string
  default     = "isthmus-boundary"
}
