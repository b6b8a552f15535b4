run "logs" {
  assert {
    condition     = aws_api_gateway_account.this.cloudwatch_role_arn == aws_iam_role.this.arn && endswith(aws_iam_role_policy_attachment.this.policy_arn, "/AmazonAPIGatewayPushToCloudWatchLogs")
    error_message = "API Gateway writes logs, and may do nothing else."
  }
}
