output "secret_arn" {
  description = "The secret with the reader's key."
  value       = aws_secretsmanager_secret.reader_key.arn
}

output "parameter_names" {
  description = "All parameters of the stage."
  value       = concat([for parameter in aws_ssm_parameter.this : parameter.name], [aws_ssm_parameter.ca_certificate.name])
}
