/**
 * What Terraform calls to make, look at, change and remove each of AWS's resources, as the sources of hashicorp/terraform-provider-aws
 * have it (internal/service/*). A resource whose type is missing here fails the tests. Left out is what only a person applies: CI's own
 * roles, its trust, and the boundary.
 */
const tagged = ["ec2:CreateTags", "ec2:DeleteTags"];
const securityGroupRule = ["ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules", ...tagged];

export const actionsOf: Readonly<Record<string, readonly string[]>> = {
  aws_api_gateway_account: ["apigateway:GET", "apigateway:PATCH", "iam:PassRole"],
  aws_budgets_budget: ["budgets:ViewBudget", "budgets:ModifyBudget", "budgets:ListTagsForResource"],
  // The stack's resources are made by CloudFormation in the name of who applies: what AWS::Interconnect::Connection's handlers call.
  aws_cloudformation_stack: [
    "cloudformation:CreateStack",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStacks",
    "cloudformation:GetStackPolicy",
    "cloudformation:GetTemplate",
    "cloudformation:UpdateStack",
    "interconnect:AcceptConnectionProposal",
    "interconnect:DeleteConnection",
    "interconnect:GetConnection",
    "interconnect:ListTagsForResource",
    "interconnect:TagResource",
    "interconnect:UpdateConnection",
  ],
  aws_cloudwatch_log_group: [
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
  ],
  aws_cloudwatch_metric_alarm: [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
  ],
  aws_customer_gateway: [
    "ec2:CreateCustomerGateway",
    "ec2:DeleteCustomerGateway",
    "ec2:DescribeCustomerGateways",
    ...tagged,
  ],
  aws_default_security_group: [
    "ec2:DescribeSecurityGroups",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    ...tagged,
  ],
  aws_dx_gateway: [
    "directconnect:CreateDirectConnectGateway",
    "directconnect:DeleteDirectConnectGateway",
    "directconnect:DescribeDirectConnectGateways",
    "directconnect:UpdateDirectConnectGateway",
  ],
  aws_dx_gateway_association: [
    "directconnect:CreateDirectConnectGatewayAssociation",
    "directconnect:DeleteDirectConnectGatewayAssociation",
    "directconnect:DescribeDirectConnectGatewayAssociations",
    "directconnect:UpdateDirectConnectGatewayAssociation",
    "ec2:DescribeVpnGateways",
  ],
  aws_eip: [
    "ec2:AllocateAddress",
    "ec2:DescribeAddresses",
    "ec2:DescribeAddressesAttribute",
    "ec2:DisassociateAddress",
    "ec2:ReleaseAddress",
    ...tagged,
  ],
  aws_flow_log: ["ec2:CreateFlowLogs", "ec2:DeleteFlowLogs", "ec2:DescribeFlowLogs", "iam:PassRole", ...tagged],
  aws_iam_openid_connect_provider: ["iam:GetOpenIDConnectProvider"],
  aws_iam_policy: ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"],
  aws_iam_role: [
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:PutRolePermissionsBoundary",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
  ],
  aws_iam_role_policy: ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"],
  aws_iam_role_policy_attachment: ["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"],
  aws_internet_gateway: [
    "ec2:AttachInternetGateway",
    "ec2:CreateInternetGateway",
    "ec2:DeleteInternetGateway",
    "ec2:DescribeInternetGateways",
    "ec2:DetachInternetGateway",
    ...tagged,
  ],
  aws_nat_gateway: ["ec2:CreateNatGateway", "ec2:DeleteNatGateway", "ec2:DescribeNatGateways", ...tagged],
  aws_route: ["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:DescribeRouteTables"],
  aws_route53_record: ["route53:ChangeResourceRecordSets", "route53:GetChange", "route53:ListResourceRecordSets"],
  aws_route53_zone: [
    "route53:AssociateVPCWithHostedZone",
    "route53:ChangeTagsForResource",
    "route53:CreateHostedZone",
    "route53:DeleteHostedZone",
    "route53:GetChange",
    "route53:GetHostedZone",
    "route53:ListTagsForResource",
    "ec2:DescribeVpcs",
  ],
  aws_route_table: [
    "ec2:CreateRouteTable",
    "ec2:DeleteRouteTable",
    "ec2:DescribeRouteTables",
    "ec2:DisableVgwRoutePropagation",
    "ec2:EnableVgwRoutePropagation",
    ...tagged,
  ],
  aws_route_table_association: ["ec2:AssociateRouteTable", "ec2:DescribeRouteTables", "ec2:DisassociateRouteTable"],
  aws_secretsmanager_secret: [
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:TagResource",
    "secretsmanager:UpdateSecret",
  ],
  aws_security_group: [
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:CreateSecurityGroup",
    "ec2:DeleteSecurityGroup",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:RevokeSecurityGroupEgress",
    ...tagged,
  ],
  aws_sns_topic: [
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:TagResource",
  ],
  aws_sns_topic_policy: ["sns:GetTopicAttributes", "sns:SetTopicAttributes"],
  aws_sns_topic_subscription: ["sns:GetSubscriptionAttributes", "sns:Subscribe", "sns:Unsubscribe"],
  aws_ssm_parameter: [
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:DescribeParameters",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:ListTagsForResource",
    "ssm:PutParameter",
  ],
  aws_subnet: [
    "ec2:CreateSubnet",
    "ec2:DeleteSubnet",
    "ec2:DescribeSubnets",
    "ec2:ModifySubnetAttribute",
    "ec2:DescribeNetworkInterfaces",
    ...tagged,
  ],
  aws_vpc: [
    "ec2:CreateVpc",
    "ec2:DeleteVpc",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcs",
    "ec2:ModifyVpcAttribute",
    ...tagged,
  ],
  aws_vpc_endpoint: [
    "ec2:CreateVpcEndpoint",
    "ec2:DeleteVpcEndpoints",
    "ec2:DescribePrefixLists",
    "ec2:DescribeVpcEndpoints",
    "ec2:ModifyVpcEndpoint",
    // With private_dns_enabled, EC2 makes the zone in the caller's name.
    "route53:AssociateVPCWithHostedZone",
    ...tagged,
  ],
  aws_vpc_security_group_egress_rule: [
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupEgress",
    ...securityGroupRule,
  ],
  aws_vpc_security_group_ingress_rule: [
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupIngress",
    ...securityGroupRule,
  ],
  aws_vpn_connection: [
    "ec2:CreateVpnConnection",
    "ec2:DeleteVpnConnection",
    "ec2:DescribeVpnConnections",
    "ec2:ModifyVpnConnection",
    "ec2:ModifyVpnTunnelOptions",
    ...tagged,
  ],
  aws_vpn_gateway: [
    "ec2:AttachVpnGateway",
    "ec2:CreateVpnGateway",
    "ec2:DeleteVpnGateway",
    "ec2:DescribeVpnGateways",
    "ec2:DetachVpnGateway",
    ...tagged,
  ],
  aws_vpn_gateway_route_propagation: [
    "ec2:DescribeRouteTables",
    "ec2:DisableVgwRoutePropagation",
    "ec2:EnableVgwRoutePropagation",
  ],
  aws_wafv2_web_acl: [
    "wafv2:CreateWebACL",
    "wafv2:DeleteWebACL",
    "wafv2:GetWebACL",
    "wafv2:ListTagsForResource",
    "wafv2:TagResource",
    "wafv2:UpdateWebACL",
  ],
  aws_wafv2_web_acl_association: [
    "apigateway:SetWebACL",
    "wafv2:AssociateWebACL",
    "wafv2:DisassociateWebACL",
    "wafv2:GetWebACLForResource",
  ],
};

/**
 * What a handler of CloudFormation may call for properties that our template does not set, by the reason. All else that the schema of a
 * type names (`handlers.*.permissions`), the role that deploys must have.
 */
export const unusedByHandlers: readonly { readonly actions: RegExp; readonly why: string }[] = [
  {
    actions: /^(elasticfilesystem|s3files|s3tables|kms|firehose|codedeploy):/,
    why: "no file system, table, key of ours, stream or gradual shift",
  },
  {
    actions:
      /^s3:(Put|Get|Delete)(Analytics|Inventory|Metrics|Lifecycle|Replication|Accelerate|Intelligent\w+|ObjectLock)Configuration$/,
    why: "the bucket is plain",
  },
  {
    actions:
      /^s3:(Put|Get|Delete)Bucket(Abac|Acl|CORS|Cors|Notification|Replication|Website|ObjectLockConfiguration|OwnershipControls|Logging|Lifecycle|AnalyticsConfiguration|MetricsConfiguration|Encryption)$/,
    why: "the bucket is plain",
  },
  { actions: /^s3:(Create|Get|Update|Delete)BucketMetadata\w+$/, why: "no metadata tables" },
  { actions: /^s3:(PutObjectAcl|REST\.PUT\.OBJECT)$/, why: "objects have no lists of their own" },
  {
    actions:
      /^logs:(Put|Delete|Associate|Disassociate|Create)(DataProtectionPolicy|KmsKey|LogDelivery|IndexPolicy|ResourcePolicy|LogGroupDeletionProtection|BearerTokenAuthentication)$/,
    why: "groups have a retention and nothing else",
  },
  {
    actions:
      /^lambda:(Put|Delete|Get|Pass|Associate)(RuntimeManagementConfig|FunctionCodeSigningConfig|CodeSigningConfig|FunctionRecursionConfig|FunctionScalingConfig|ProvisionedConcurrencyConfig|CapacityProvider|RuntimeAlias)$/,
    why: "none of these is set",
  },
  { actions: /^iam:DeleteRolePermissionsBoundary$/, why: "the boundary is never taken off" },
  { actions: /^apigateway:UpdateRestApiPolicy$/, why: "the API has no policy" },
];

/** What AWS lets nobody have for one object alone. */
export const onlyEverywhere: readonly string[] = [
  "logs:DescribeLogGroups",
  "cloudformation:ValidateTemplate",
  "ec2:DescribeSubnets",
];
