# The most that any role of Isthmus may do in AWS. CI makes and changes roles that carry it and no others, and cannot change it:
# so no role that CI writes can do more than this, whatever its own policy says, and none can write roles.
resource "aws_iam_policy" "this" {
  name        = var.name
  description = "The most that a role of Isthmus may do"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid    = "Most"
      Effect = "Allow"
      Action = [
        "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents",
        "secretsmanager:GetSecretValue", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
      ]
      Resource = "*"
      }], length(var.bedrock_models) == 0 ? [] : [{
      Sid      = "Models"
      Effect   = "Allow"
      Action   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
      Resource = sort(var.bedrock_models)
    }])
  })
}
