variables {
  aws_account_id = "012345678901"
  budget         = { dollars = 500, emails = ["operator@example.com"] }
}

run "private_is_the_default" {
  assert {
    condition     = output.function_public_address == null
    error_message = "The function has no way to the internet unless it was chosen."
  }
  assert {
    condition     = contains(output.parameter_names["dev"], "/isthmus/dev/weaviate/grpc-endpoint") && keys(output.reader_key_secrets) == ["dev"]
    error_message = "The stage's names are there."
  }
}

run "public_must_be_chosen_with_a_name" {
  variables {
    connectivity         = "public"
    public_weaviate_host = "weaviate.example.com"
  }
  assert {
    condition     = output.function_public_address != null
    error_message = "The function leaves by one address."
  }
}

run "public_without_a_name_is_refused" {
  command = plan
  variables {
    connectivity = "public"
  }
  expect_failures = [var.connectivity]
}

run "everything_by_choice" {
  command = plan
  variables {
    stages       = ["dev", "production"]
    api_firewall = { stage_arn = "arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/dev" }
    circleci = {
      organization_id = "01234567-89ab-cdef-0123-456789abcdef"
      project_id      = "fedcba98-7654-3210-fedc-ba9876543210"
    }
  }
  assert {
    condition     = length(module.firewall) == 1 && length(module.ci) == 1 && length(module.access) == 2
    error_message = "Firewall, CI and a second stage are there when asked for."
  }
}

run "no_model_can_be_reached_unless_it_is_named" {
  command = plan
  assert {
    condition     = length(module.network.bedrock_endpoint_policy) == 0 && !strcontains(module.boundary.policy, "bedrock")
    error_message = "Without models there is no endpoint, and no role may call one."
  }
}

run "named_models_and_no_others" {
  command = plan
  variables {
    bedrock_models = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
  assert {
    condition = alltrue([for policy in concat(module.network.bedrock_endpoint_policy, [module.boundary.policy]) :
    [for statement in jsondecode(policy).Statement : statement.Resource if contains(statement.Action, "bedrock:InvokeModel")] == [["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]]])
    error_message = "Endpoint and boundary let the named model through, and nothing else of Bedrock."
  }
}

run "every_model_is_refused" {
  command = plan
  variables {
    bedrock_models = ["arn:aws:bedrock:us-east-1::foundation-model/*"]
  }
  expect_failures = [var.bedrock_models]
}

run "no_way_to_a_collector_unless_it_is_chosen" {
  command = plan
  assert {
    condition     = output.collector_endpoint == null
    error_message = "Traces go nowhere unless it was chosen."
  }
}

run "traces_by_choice" {
  variables {
    collector_address = "10.10.16.11"
  }
  assert {
    condition     = output.collector_endpoint == "http://collector.isthmus.internal:4318"
    error_message = "The collector has a name of its own in the private zone."
  }
}

run "traces_over_the_internet_are_refused" {
  command = plan
  variables {
    connectivity         = "public"
    public_weaviate_host = "weaviate.example.com"
    collector_address    = "10.10.16.11"
  }
  expect_failures = [var.collector_address]
}
