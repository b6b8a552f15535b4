run "before_the_function" {
  assert {
    condition     = length(aws_wafv2_web_acl_association.this) == 0
    error_message = "Nothing is protected before there is something."
  }
}

run "after_it" {
  variables {
    stage_arn = "arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/dev"
  }
  assert {
    condition     = aws_wafv2_web_acl_association.this[0].web_acl_arn == aws_wafv2_web_acl.this.arn
    error_message = "The stage is protected by the firewall."
  }
}

run "a_useless_limit_is_refused" {
  command = plan
  variables {
    requests_per_5_minutes = 0
  }
  expect_failures = [var.requests_per_5_minutes]
}
