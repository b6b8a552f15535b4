output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Subnets of the function, once their routes are there."
  value       = [for subnet in aws_subnet.private : subnet.id]
  depends_on  = [aws_route_table_association.private, aws_vpn_gateway_route_propagation.private]
}

output "function_security_group_id" {
  description = "Security group of the function, once it lets it reach what it must."
  value       = aws_security_group.function.id
  depends_on  = [aws_vpc_security_group_egress_rule.weaviate, aws_vpc_security_group_egress_rule.endpoints]
}

output "vpn_gateway_id" {
  description = "Where the link ends."
  value       = aws_vpn_gateway.this.id
}

output "public_address" {
  description = "The address that the function leaves by, for Weaviate's allow-list; null in private mode."
  value       = one([for address in aws_eip.nat : address.public_ip])
}

output "bedrock_endpoint_policy" {
  description = "What the endpoint to Bedrock lets through, a list of one policy; empty without one."
  value       = aws_vpc_endpoint.bedrock[*].policy
}
