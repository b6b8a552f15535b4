output "arn" {
  description = "ARN of the policy, for permissions_boundary."
  value       = aws_iam_policy.this.arn
}

output "policy" {
  description = "The policy itself, as JSON."
  value       = aws_iam_policy.this.policy
}
