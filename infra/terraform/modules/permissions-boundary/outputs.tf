output "arn" {
  description = "ARN of the policy, for permissions_boundary."
  value       = aws_iam_policy.this.arn
}
