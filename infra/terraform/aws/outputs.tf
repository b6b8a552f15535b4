output "collector_endpoint" {
  description = "What the function takes as --param=tracesEndpoint; null where no way to a collector was chosen."
  value       = try("http://${module.names[0].names["collector"]}:4318", null)
}

output "parameter_names" {
  description = "What the function's deployment looks up, by stage."
  value       = { for stage, access in module.access : stage => access.parameter_names }
}

output "reader_key_secrets" {
  description = "Where the reader's key goes, by stage."
  value       = { for stage, access in module.access : stage => access.secret_arn }
}

output "function_public_address" {
  description = "Address that the function leaves by, for the allow-lists; null in private mode."
  value       = module.network.public_address
}

output "ci" {
  description = "What CircleCI's context needs; null until CI is connected."
  value = var.circleci == null ? null : {
    plan_role   = local.ci.plan_role_arn
    apply_role  = local.ci.apply_role_arn
    deploy_role = local.ci.deploy_role_arn
  }
}
