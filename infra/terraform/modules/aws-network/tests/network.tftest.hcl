variables {
  region               = "us-east-1"
  zones                = ["us-east-1a", "us-east-1b"]
  private_subnet_cidrs = ["10.20.0.0/20", "10.20.16.0/20"]
  weaviate_cidr        = "10.10.16.0/24"
}

run "private" {
  assert {
    condition     = length(aws_subnet.private) == 2 && alltrue([for subnet in aws_subnet.private : !subnet.map_public_ip_on_launch])
    error_message = "Two private subnets in two zones."
  }
  assert {
    condition     = length(aws_internet_gateway.this) + length(aws_nat_gateway.this) + length(aws_eip.nat) == 0
    error_message = "In private mode there is no way to the internet."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.weaviate : rule.cidr_ipv4 == "10.10.16.0/24"]) && length(aws_vpc_security_group_egress_rule.public) == 0
    error_message = "The function reaches the load balancers' range and nothing else of the other cloud."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.collector) == 0
    error_message = "No way leads to a collector unless it was chosen."
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.this)) == toset(["secretsmanager"]) && alltrue([for endpoint in aws_vpc_endpoint.this : endpoint.private_dns_enabled])
    error_message = "What the function needs of AWS is inside the VPC, under its public name."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.referenced_security_group_id == aws_security_group.function.id && length(aws_default_security_group.this.ingress) + length(aws_default_security_group.this.egress) == 0
    error_message = "The endpoints let the function in and nobody else; the default group lets nothing through."
  }
  assert {
    condition     = aws_vpn_gateway_route_propagation.private.route_table_id == aws_route_table.private.id
    error_message = "Learned routes come into the private table."
  }
}

run "public" {
  variables {
    public = true
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_vpc_security_group_egress_rule.weaviate) == 0
    error_message = "In public mode the function leaves by one address."
  }
}

run "a_way_to_the_collector_by_choice" {
  variables {
    collector_address = "10.10.16.11"
  }
  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.collector : [rule.security_group_id, rule.cidr_ipv4, rule.ip_protocol, rule.from_port, rule.to_port]] == [[aws_security_group.function.id, "10.10.16.11/32", "tcp", 4318, 4318]]
    error_message = "The function reaches the collector's one address, on its one port."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.weaviate) == 2
    error_message = "The way to Weaviate stays as it is."
  }
}

run "a_collector_elsewhere_is_refused" {
  command = plan
  variables {
    collector_address = "192.0.2.1"
  }
  expect_failures = [var.collector_address]
}

run "one_zone_is_refused" {
  command = plan
  variables {
    zones                = ["us-east-1a"]
    private_subnet_cidrs = ["10.20.0.0/20"]
  }
  expect_failures = [var.zones]
}

run "a_wide_way_out_is_refused" {
  command = plan
  variables {
    weaviate_cidr = "0.0.0.0/0"
  }
  expect_failures = [var.weaviate_cidr]
}

run "the_same_number_on_both_sides_is_refused" {
  command = plan
  variables {
    asn = 64514
  }
  expect_failures = [var.asn]
}
