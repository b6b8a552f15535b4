# connectivity = "public" only: the function leaves by one fixed address, which Weaviate's allow-list names.
locals {
  ways_out = var.public ? toset(["one"]) : toset([])
}

resource "aws_internet_gateway" "this" {
  for_each = local.ways_out
  vpc_id   = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  for_each                = local.ways_out
  vpc_id                  = aws_vpc.this.id
  availability_zone       = var.zones[0]
  cidr_block              = cidrsubnet(var.vpc_cidr, 8, 255)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-public" }
}

resource "aws_route_table" "public" {
  for_each = local.ways_out
  vpc_id   = aws_vpc.this.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  for_each               = local.ways_out
  route_table_id         = aws_route_table.public[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[each.key].id
}

resource "aws_route_table_association" "public" {
  for_each       = local.ways_out
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[each.key].id
}

resource "aws_eip" "nat" {
  for_each = local.ways_out
  domain   = "vpc"
}

resource "aws_nat_gateway" "this" {
  for_each      = local.ways_out
  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = aws_eip.nat[each.key].id
  # AWS refuses one in a network that has no way out yet, and nothing else here says so.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "nat" {
  for_each               = local.ways_out
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_vpc_security_group_egress_rule" "public" {
  for_each          = var.public ? { https = 443, grpc = 50051 } : {}
  security_group_id = aws_security_group.function.id
  description       = "Weaviate over the internet, ${each.key}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}
