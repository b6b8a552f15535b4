resource "aws_security_group" "function" {
  vpc_id      = aws_vpc.this.id
  name        = "${var.name}-query"
  description = "The query function: to Weaviate and to the interface endpoints, and nothing in"

  tags = { Name = "${var.name}-query" }
}

resource "aws_vpc_security_group_egress_rule" "weaviate" {
  for_each          = var.public ? {} : { http = 80, grpc = 50051 }
  security_group_id = aws_security_group.function.id
  description       = "Weaviate over the link, ${each.key}"
  cidr_ipv4         = var.weaviate_cidr
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

# By choice: to the one address and port where traces go.
resource "aws_vpc_security_group_egress_rule" "collector" {
  count             = var.collector_address == null ? 0 : 1
  security_group_id = aws_security_group.function.id
  description       = "The collector of traces over the link"
  cidr_ipv4         = "${var.collector_address}/32"
  ip_protocol       = "tcp"
  from_port         = 4318
  to_port           = 4318
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.function.id
  description                  = "Interface endpoints"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_security_group" "endpoints" {
  vpc_id      = aws_vpc.this.id
  name        = "${var.name}-endpoints"
  description = "Interface endpoints: in from the query function"

  tags = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "The query function"
  referenced_security_group_id = aws_security_group.function.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# A function in a VPC reaches AWS's own services through these alone. What SSM holds, CloudFormation reads, from outside.
resource "aws_vpc_endpoint" "this" {
  for_each            = var.interface_endpoints
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.value}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true

  tags = { Name = "${var.name}-${each.value}" }
}

# By choice: the way to the models that write answers, and to no other model, whatever a role may do.
resource "aws_vpc_endpoint" "bedrock" {
  count               = length(var.bedrock_models) == 0 ? 0 : 1
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.bedrock-runtime"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NamedModels"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
      Resource  = sort(var.bedrock_models)
    }]
  })

  tags = { Name = "${var.name}-bedrock-runtime" }
}
