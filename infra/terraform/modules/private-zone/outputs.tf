output "names" {
  description = "Full names by short name, once they resolve."
  value       = { for name, record in aws_route53_record.this : name => record.name }
}
