# The reader's key. Its value is put in by an operator or the pipeline and never passes through Terraform.
resource "aws_secretsmanager_secret" "reader_key" {
  name                    = "isthmus/${var.stage}/weaviate-api-key"
  description             = "Weaviate's key of the user reader"
  recovery_window_in_days = 7
}

# What the function's deployment reads; none of it is secret.
resource "aws_ssm_parameter" "this" {
  for_each = {
    "weaviate/http-endpoint"    = { type = "String", value = var.http_endpoint }
    "weaviate/grpc-endpoint"    = { type = "String", value = var.grpc_endpoint }
    "network/subnet-ids"        = { type = "StringList", value = join(",", var.subnet_ids) }
    "network/security-group-id" = { type = "String", value = var.security_group_id }
    "alarms/topic-arn"          = { type = "String", value = var.alarm_topic_arn }
  }
  name  = "/isthmus/${var.stage}/${each.key}"
  type  = each.value.type
  value = each.value.value
}

# The certificate of the authority behind Secret weaviate-tls, in PEM. An operator puts it in, and replaces it before it expires.
resource "aws_ssm_parameter" "ca_certificate" {
  name  = "/isthmus/${var.stage}/weaviate/ca-certificate"
  type  = "String"
  tier  = "Standard"
  value = "not set: aws ssm put-parameter --overwrite --name /isthmus/${var.stage}/weaviate/ca-certificate --value file://ca.crt"

  lifecycle {
    ignore_changes = [value]
  }
}
