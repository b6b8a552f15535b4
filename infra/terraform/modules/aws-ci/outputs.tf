output "plan_role_arn" {
  description = "Role that plans Terraform, and changes nothing."
  value       = aws_iam_role.this["plan"].arn
  depends_on  = [aws_iam_role_policy.this]
}

output "apply_role_arn" {
  description = "Role that applies Terraform."
  value       = aws_iam_role.this["apply"].arn
  depends_on  = [aws_iam_role_policy.this]
}

output "deploy_role_arn" {
  description = "Role that deploys the function."
  value       = aws_iam_role.this["deploy"].arn
  depends_on  = [aws_iam_role_policy.this]
}
