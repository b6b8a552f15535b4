locals {
  in_region = { StringEquals = { "aws:RequestedRegion" = var.region } }

  # What infra/terraform/aws and link make. EC2 names its objects only once they are there, so these are bound to the region.
  apply_statements = [
    {
      Sid       = "Network"
      Effect    = "Allow"
      Condition = local.in_region
      Resource  = "arn:aws:ec2:${var.region}:${var.account_id}:*"
      Action = [
        "ec2:AllocateAddress", "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AttachVpnGateway",
        "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateCustomerGateway",
        "ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:CreateRouteTable",
        "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc", "ec2:CreateVpcEndpoint",
        "ec2:CreateVpnConnection", "ec2:CreateVpnGateway", "ec2:DeleteCustomerGateway", "ec2:DeleteFlowLogs",
        "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable",
        "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints",
        "ec2:DeleteVpnConnection", "ec2:DeleteVpnGateway", "ec2:DetachInternetGateway", "ec2:DetachVpnGateway",
        "ec2:DisableVgwRoutePropagation", "ec2:DisassociateAddress", "ec2:DisassociateRouteTable",
        "ec2:EnableVgwRoutePropagation", "ec2:ModifySecurityGroupRules", "ec2:ModifySubnetAttribute",
        "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint", "ec2:ModifyVpnConnection", "ec2:ModifyVpnTunnelOptions",
        "ec2:ReleaseAddress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
      ]
    },
    {
      Sid       = "NetworkReads"
      Effect    = "Allow"
      Condition = local.in_region
      # Descriptions have no object that a policy could name.
      Resource = "*"
      Action = [
        "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:DescribeAvailabilityZones",
        "ec2:DescribeCustomerGateways", "ec2:DescribeFlowLogs", "ec2:DescribeInternetGateways", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeTags",
        "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs", "ec2:DescribeVpnConnections",
        "ec2:DescribeVpnGateways", "logs:DescribeLogGroups", "ssm:DescribeParameters",
      ]
    },
    {
      Sid    = "Names"
      Effect = "Allow"
      Action = [
        "route53:ChangeResourceRecordSets", "route53:ChangeTagsForResource", "route53:DeleteHostedZone",
        "route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource",
      ]
      Resource = ["arn:aws:route53:::hostedzone/*", "arn:aws:route53:::change/*"]
    },
    {
      Sid      = "NewNames"
      Effect   = "Allow"
      Action   = ["route53:AssociateVPCWithHostedZone", "route53:CreateHostedZone", "route53:ListHostedZones"]
      Resource = "*"
    },
    {
      Sid    = "Parameters"
      Effect = "Allow"
      Action = [
        "ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParameter", "ssm:GetParameters",
        "ssm:ListTagsForResource", "ssm:PutParameter",
      ]
      Resource = "arn:aws:ssm:${var.region}:${var.account_id}:parameter/isthmus/*"
    },
    {
      Sid    = "Secrets"
      Effect = "Allow"
      Action = [
        "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy", "secretsmanager:TagResource", "secretsmanager:UpdateSecret",
      ]
      Resource = "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:isthmus/*"
    },
    {
      Sid    = "Logs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:ListTagsForResource", "logs:PutRetentionPolicy",
        "logs:TagResource",
      ]
      Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/isthmus/*"
    },
    {
      Sid    = "Roles"
      Effect = "Allow"
      Action = [
        "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:PassRole",
        "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
      ]
      Resource = "arn:aws:iam::${var.account_id}:role/isthmus-*"
    },
    {
      Sid       = "BoundedRoles"
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = "arn:aws:iam::${var.account_id}:role/isthmus-*"
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary } }
    },
    # What CI itself may do is applied by a person.
    {
      Sid    = "NotItself"
      Effect = "Deny"
      Action = [
        "iam:AttachRolePolicy", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
      ]
      Resource = [for right in ["plan", "apply", "deploy"] : "arn:aws:iam::${var.account_id}:role/isthmus-${right}"]
    },
    {
      Sid    = "OwnRights"
      Effect = "Allow"
      Action = ["iam:GetOpenIDConnectProvider", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"]
      Resource = [
        "arn:aws:iam::${var.account_id}:oidc-provider/${local.issuer}", local.boundary,
      ]
    },
    {
      Sid    = "Interconnect"
      Effect = "Allow"
      Action = [
        "directconnect:CreateDirectConnectGateway", "directconnect:CreateDirectConnectGatewayAssociation",
        "directconnect:DeleteDirectConnectGateway", "directconnect:DeleteDirectConnectGatewayAssociation",
        "directconnect:DescribeDirectConnectGatewayAssociations", "directconnect:DescribeDirectConnectGateways",
        "directconnect:UpdateDirectConnectGateway", "directconnect:UpdateDirectConnectGatewayAssociation",
        "interconnect:AcceptConnectionProposal", "interconnect:CreateConnection", "interconnect:DeleteConnection",
        "interconnect:GetConnection", "interconnect:ListTagsForResource", "interconnect:TagResource",
        "interconnect:UntagResource", "interconnect:UpdateConnection",
      ]
      # Both name their objects by ids of their own.
      Resource = ["arn:aws:directconnect::${var.account_id}:*", "arn:aws:interconnect:${var.region}:${var.account_id}:*"]
    },
    {
      Sid    = "LinkStack"
      Effect = "Allow"
      Action = [
        "cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks", "cloudformation:GetStackPolicy", "cloudformation:GetTemplate", "cloudformation:UpdateStack",
      ]
      Resource = "arn:aws:cloudformation:${var.region}:${var.account_id}:stack/isthmus-link/*"
    },
    {
      Sid    = "AlarmTopic"
      Effect = "Allow"
      Action = [
        "sns:CreateTopic", "sns:DeleteTopic", "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes",
        "sns:ListTagsForResource", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe",
        "sns:UntagResource",
      ]
      Resource = [
        "arn:aws:sns:${var.region}:${var.account_id}:isthmus-alarms", "arn:aws:sns:${var.region}:${var.account_id}:isthmus-alarms:*",
      ]
    },
    {
      Sid    = "Budget"
      Effect = "Allow"
      Action = [
        "budgets:ListTagsForResource", "budgets:ModifyBudget", "budgets:TagResource", "budgets:ViewBudget",
      ]
      Resource = "arn:aws:budgets::${var.account_id}:budget/isthmus"
    },
    {
      Sid      = "GatewayLogs"
      Effect   = "Allow"
      Action   = ["apigateway:GET", "apigateway:PATCH"]
      Resource = "arn:aws:apigateway:${var.region}::/account"
    },
    {
      Sid    = "Firewall"
      Effect = "Allow"
      Action = [
        "apigateway:SetWebACL", "wafv2:AssociateWebACL", "wafv2:CreateWebACL", "wafv2:DeleteWebACL",
        "wafv2:DisassociateWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource", "wafv2:ListTagsForResource",
        "wafv2:TagResource", "wafv2:UpdateWebACL",
      ]
      Resource = [
        "arn:aws:wafv2:${var.region}:${var.account_id}:regional/webacl/isthmus-*",
        "arn:aws:wafv2:${var.region}:${var.account_id}:regional/managedruleset/*",
        "arn:aws:apigateway:${var.region}::/restapis/*",
      ]
    },
  ]

  # What `osls deploy` does: one stack, its bucket, its functions, their role and their API.
  deploy_statements = [
    {
      Sid    = "Stack"
      Effect = "Allow"
      Action = [
        "cloudformation:CreateChangeSet", "cloudformation:CreateStack", "cloudformation:DeleteChangeSet",
        "cloudformation:DeleteStack", "cloudformation:DescribeChangeSet", "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStackResource", "cloudformation:DescribeStackResources", "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate", "cloudformation:ListStackResources",
        "cloudformation:UpdateStack",
      ]
      Resource = "arn:aws:cloudformation:${var.region}:${var.account_id}:stack/${var.service}-*"
    },
    {
      Sid    = "Template"
      Effect = "Allow"
      # CloudFormation's handler of log groups looks each up in the list of all.
      Action   = ["cloudformation:ValidateTemplate", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"]
      Resource = "*"
    },
    {
      Sid    = "Bucket"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:GetBucketLocation",
        "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging", "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListTagsForResource",
        "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration", "s3:PutObject", "s3:TagResource", "s3:UntagResource",
      ]
      Resource = ["arn:aws:s3:::${var.service}-*", "arn:aws:s3:::${var.service}-*/*"]
    },
    {
      Sid    = "Function"
      Effect = "Allow"
      Action = [
        "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias",
        "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency", "lambda:GetAlias", "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetFunctionRecursionConfig",
        "lambda:GetPolicy", "lambda:GetProvisionedConcurrencyConfig", "lambda:GetRuntimeManagementConfig",
        "lambda:InvokeFunction", "lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:PublishVersion",
        "lambda:PutFunctionConcurrency", "lambda:RemovePermission", "lambda:TagResource", "lambda:UntagResource",
        "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
      ]
      Resource = "arn:aws:lambda:${var.region}:${var.account_id}:function:${var.service}-*"
    },
    {
      Sid      = "Layer"
      Effect   = "Allow"
      Action   = ["lambda:GetLayerVersion"]
      Resource = "arn:aws:lambda:${var.region}:*:layer:AWS-Parameters-and-Secrets-Lambda-Extension*"
    },
    {
      Sid    = "Api"
      Effect = "Allow"
      Action = ["apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]
      Resource = [
        "arn:aws:apigateway:${var.region}::/restapis", "arn:aws:apigateway:${var.region}::/restapis/*",
        "arn:aws:apigateway:${var.region}::/apikeys", "arn:aws:apigateway:${var.region}::/apikeys/*",
        "arn:aws:apigateway:${var.region}::/usageplans", "arn:aws:apigateway:${var.region}::/usageplans/*",
        "arn:aws:apigateway:${var.region}::/account", "arn:aws:apigateway:${var.region}::/tags/*",
      ]
    },
    {
      Sid    = "FunctionRole"
      Effect = "Allow"
      Action = [
        "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:PassRole", "iam:TagRole", "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
      ]
      Resource = "arn:aws:iam::${var.account_id}:role/${var.service}-*"
    },
    {
      Sid       = "BoundedFunctionRole"
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = "arn:aws:iam::${var.account_id}:role/${var.service}-*"
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary } }
    },
    {
      Sid    = "LogsAndAlarms"
      Effect = "Allow"
      Action = [
        "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource", "logs:CreateLogGroup",
        "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:DescribeIndexPolicies",
        "logs:GetDataProtectionPolicy", "logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:TagResource",
        "logs:UntagResource",
      ]
      Resource = [
        "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${var.service}-*",
        "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/api-gateway/${var.service}-*",
        "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:${var.service}-*",
      ]
    },
    {
      Sid    = "Network"
      Effect = "Allow"
      Action = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      # Descriptions have no object that a policy could name.
      Resource = "*"
    },
    {
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter"]
      Resource = "arn:aws:ssm:${var.region}:${var.account_id}:parameter/isthmus/*"
    },
    {
      Sid      = "ReaderKey"
      Effect   = "Allow"
      Action   = ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"]
      Resource = "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:isthmus/*"
    },
  ]
}
