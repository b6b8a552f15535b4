resource "aws_iam_openid_connect_provider" "this" {
  url            = "https://oidc.circleci.com/org/${var.organization_id}"
  client_id_list = [var.organization_id]
}

locals {
  issuer   = "oidc.circleci.com/org/${var.organization_id}"
  boundary = "arn:aws:iam::${var.account_id}:policy/${var.boundary}"
  rights   = { plan = local.plan_statements, apply = local.apply_statements, deploy = local.deploy_statements }
}

# One project, one branch, one repository. The subject is org/ORG/project/PROJECT/user/USER/vcs-origin/ORIGIN/vcs-ref/REF.
resource "aws_iam_role" "this" {
  for_each             = toset(["plan", "apply", "deploy"])
  name                 = "isthmus-${each.key}"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.this.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "${local.issuer}:aud" = var.organization_id }
        # A branch may be called a/vcs-ref/refs/heads/main, and would end like the one that is meant.
        StringNotLike = { "${local.issuer}:sub" = "*/vcs-ref/*/vcs-ref/*" }
        # A job that a person reran with SSH is a shell in CI's place. By the rule ISSUER:CLAIM; where AWS does not know the claim, the
        # condition does nothing, and the restriction of the context (docs/operations/pipeline.md) stands alone.
        BoolIfExists = { "${local.issuer}:oidc.circleci.com/ssh-rerun" = "false" }
        StringLike = {
          "${local.issuer}:sub" = "org/${var.organization_id}/project/${var.project_id}/user/*/vcs-origin/${coalesce(var.origin, "*")}/vcs-ref/refs/heads/${var.branch}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = aws_iam_role.this
  name     = each.key
  role     = each.value.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.rights[each.key]
  })
}
