variables {
  vpc_id    = "vpc-0123456789abcdef0"
  addresses = { weaviate = "10.10.16.10" }
}

run "zone" {
  assert {
    condition     = output.names == { weaviate = "weaviate.isthmus.internal" } && aws_route53_zone.this.vpc != null
    error_message = "The zone is private and has Weaviate's name."
  }
}

run "a_name_for_an_address_is_refused" {
  command = plan
  variables {
    addresses = { weaviate = "example.com" }
  }
  expect_failures = [var.addresses]
}

run "a_public_zone_is_refused" {
  command = plan
  variables {
    name = "example.com"
  }
  expect_failures = [var.name]
}
