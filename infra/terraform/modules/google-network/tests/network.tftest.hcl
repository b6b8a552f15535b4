variables {
  project = "example-project"
  region  = "us-east4"
}

run "private" {
  assert {
    condition     = !google_compute_network.this.auto_create_subnetworks && google_compute_network.this.name != "default"
    error_message = "The network is our own, with our own subnets."
  }
  assert {
    condition     = length(google_compute_address.public) == 0 && google_compute_address.weaviate.address_type == "INTERNAL"
    error_message = "In private mode nothing has a public address."
  }
  assert {
    condition     = sort(google_compute_firewall.clients.source_ranges) == sort(["10.20.0.0/20", "10.20.16.0/20"])
    error_message = "Only the Lambda's subnets reach Weaviate."
  }
  assert {
    condition     = tolist(google_compute_firewall.clients.destination_ranges) == tolist(["10.10.16.10/32"]) && [for rule in google_compute_firewall.clients.allow : "${rule.protocol} ${join(" ", rule.ports)}"] == ["tcp 80 50051"]
    error_message = "They reach its one address, on its two ports."
  }
  assert {
    condition     = length(google_compute_firewall.collector) == 0 && length(google_compute_address.collector) == 0
    error_message = "No way leads to a collector unless it was chosen."
  }
  assert {
    condition     = sort(google_compute_firewall.health_checks.source_ranges) == sort(["130.211.0.0/22", "35.191.0.0/16"])
    error_message = "Health checks come from Google's own ranges alone."
  }
  assert {
    condition     = google_compute_router_nat.this.source_subnetwork_ip_ranges_to_nat == "LIST_OF_SUBNETWORKS" && length(google_compute_router_nat.this.subnetwork) == 1
    error_message = "Nodes and pods, and nothing else, leave through NAT."
  }
  assert {
    condition     = !contains(flatten([for rule in [google_compute_firewall.clients, google_compute_firewall.health_checks] : rule.source_ranges]), "0.0.0.0/0")
    error_message = "No rule lets everything in."
  }
  assert {
    condition     = google_compute_network.this.mtu == 1460
    error_message = "The link's tunnels carry packets of 1460 bytes."
  }
}

run "public" {
  variables {
    public_address = true
  }
  assert {
    condition     = output.public_address != null
    error_message = "The external address is reserved when it was asked for."
  }
}

run "a_way_to_the_collector_by_choice" {
  variables {
    collector_address = "10.10.16.11"
  }
  assert {
    condition     = google_compute_address.collector[0].address_type == "INTERNAL" && google_compute_address.collector[0].address == "10.10.16.11" && google_compute_address.collector[0].subnetwork == google_compute_subnetwork.load_balancer.id
    error_message = "The collector's load balancer has an internal address in the range that the link advertises."
  }
  assert {
    condition     = sort(google_compute_firewall.collector[0].source_ranges) == sort(["10.20.0.0/20", "10.20.16.0/20"])
    error_message = "Only the Lambda's subnets reach the collector."
  }
  assert {
    condition     = tolist(google_compute_firewall.collector[0].destination_ranges) == tolist(["10.10.16.11/32"]) && [for rule in google_compute_firewall.collector[0].allow : "${rule.protocol} ${join(" ", rule.ports)}"] == ["tcp 4318"]
    error_message = "They reach its one address, on its one port."
  }
  assert {
    condition     = tolist(google_compute_firewall.clients.destination_ranges) == tolist(["10.10.16.10/32"])
    error_message = "The way to Weaviate stays as it is."
  }
}

run "the_collector_at_weaviates_address_is_refused" {
  command = plan
  variables {
    collector_address = "10.10.16.10"
  }
  expect_failures = [var.collector_address]
}

run "a_collector_outside_the_range_is_refused" {
  command = plan
  variables {
    collector_address = "10.10.17.11"
  }
  expect_failures = [var.collector_address]
}

run "an_open_range_is_refused" {
  command = plan
  variables {
    client_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.client_cidrs]
}

run "the_default_network_is_refused" {
  command = plan
  variables {
    name = "default"
  }
  expect_failures = [var.name]
}

run "an_address_outside_its_range_is_refused" {
  command = plan
  variables {
    weaviate_address = "10.10.17.10"
  }
  expect_failures = [var.weaviate_address]
}
