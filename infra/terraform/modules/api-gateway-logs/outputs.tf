output "role_arn" {
  description = "The role, once API Gateway uses it."
  value       = aws_api_gateway_account.this.cloudwatch_role_arn
}
