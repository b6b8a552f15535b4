terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # One place for all states: the GCS bucket that bootstrap.sh makes.
  backend "gcs" {
    prefix = "aws"
  }
}

provider "aws" {
  region              = var.aws_region
  allowed_account_ids = [var.aws_account_id]

  default_tags {
    tags = { application = "isthmus" }
  }
}
