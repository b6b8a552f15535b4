output "connection" {
  description = "Id of the stack that holds AWS's end of the connection."
  value       = aws_cloudformation_stack.connection.id
}

output "gateway_id" {
  description = "The Direct Connect gateway."
  value       = aws_dx_gateway.this.id
}

output "transport" {
  description = "Google's end: gcloud network-connectivity transports describe NAME --region REGION."
  value       = google_network_connectivity_transport.this.name
}
