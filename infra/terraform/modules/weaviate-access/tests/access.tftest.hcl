variables {
  stage             = "dev"
  http_endpoint     = "http://weaviate.isthmus.internal"
  grpc_endpoint     = "https://weaviate.isthmus.internal:50051"
  subnet_ids        = ["subnet-0a", "subnet-0b"]
  security_group_id = "sg-0123456789abcdef0"
  alarm_topic_arn   = "arn:aws:sns:us-east-1:012345678901:isthmus-alarms"
}

run "access" {
  assert {
    condition = toset(output.parameter_names) == toset([
      "/isthmus/dev/weaviate/http-endpoint",
      "/isthmus/dev/weaviate/grpc-endpoint",
      "/isthmus/dev/weaviate/ca-certificate",
      "/isthmus/dev/network/subnet-ids",
      "/isthmus/dev/network/security-group-id",
      "/isthmus/dev/alarms/topic-arn",
    ])
    error_message = "The function's deployment looks these names up."
  }
  assert {
    condition     = aws_secretsmanager_secret.reader_key.name == "isthmus/dev/weaviate-api-key"
    error_message = "The function looks its key up by this name."
  }
}

run "grpc_without_tls_is_refused" {
  command = plan
  variables {
    grpc_endpoint = "http://weaviate.isthmus.internal:50051"
  }
  expect_failures = [var.grpc_endpoint]
}
