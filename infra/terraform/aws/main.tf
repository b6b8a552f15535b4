locals {
  public = var.connectivity == "public"
  ci     = one(module.ci[*])
}

module "boundary" {
  source         = "../modules/permissions-boundary"
  bedrock_models = var.bedrock_models
}

module "network" {
  source               = "../modules/aws-network"
  region               = var.aws_region
  vpc_cidr             = var.vpc_cidr
  zones                = coalesce(var.zones, ["${var.aws_region}a", "${var.aws_region}b"])
  private_subnet_cidrs = var.private_subnet_cidrs
  weaviate_cidr        = var.load_balancer_cidr
  public               = local.public
  permissions_boundary = module.boundary.arn
  bedrock_models       = var.bedrock_models
  collector_address    = var.collector_address
}

module "names" {
  source = "../modules/private-zone"
  count  = local.public ? 0 : 1
  vpc_id = module.network.vpc_id
  addresses = merge(
    { weaviate = var.weaviate_address },
    var.collector_address == null ? {} : { collector = var.collector_address },
  )
}

module "access" {
  source            = "../modules/weaviate-access"
  for_each          = var.stages
  stage             = each.key
  http_endpoint     = local.public ? "https://${var.public_weaviate_host}" : "http://${module.names[0].names.weaviate}"
  grpc_endpoint     = "https://${local.public ? var.public_weaviate_host : module.names[0].names.weaviate}:50051"
  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.network.function_security_group_id
  alarm_topic_arn   = module.alarm_topic.arn
}

module "gateway_logs" {
  source = "../modules/api-gateway-logs"
  count  = var.api_gateway_logs ? 1 : 0

  permissions_boundary = module.boundary.arn
}

module "firewall" {
  source                 = "../modules/api-firewall"
  count                  = var.api_firewall == null ? 0 : 1
  requests_per_5_minutes = var.api_firewall.requests_per_5_minutes
  stage_arn              = var.api_firewall.stage_arn
}

module "budget" {
  source  = "../modules/budget-alarm"
  dollars = var.budget.dollars
  emails  = var.budget.emails
}

module "alarm_topic" {
  source = "../modules/alarm-topic"
  emails = coalesce(var.alarm_emails, var.budget.emails)
}

module "ci" {
  source          = "../modules/aws-ci"
  count           = var.circleci == null ? 0 : 1
  account_id      = var.aws_account_id
  region          = var.aws_region
  organization_id = var.circleci.organization_id
  project_id      = var.circleci.project_id
  branch          = var.circleci.branch
  origin          = var.circleci.origin
}
