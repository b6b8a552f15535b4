# To plan is to read what applying could change.
locals {
  reads = {
    for statement in local.apply_statements : statement.Sid => [
      for action in statement.Action : action if can(regex(":(Describe|Get|GET|List|View)", action))
    ] if statement.Effect == "Allow"
  }
  plan_statements = [
    for statement in local.apply_statements : merge(statement, { Action = local.reads[statement.Sid] })
    if length(lookup(local.reads, statement.Sid, [])) > 0
  ]
}
