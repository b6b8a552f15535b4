terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # The bucket is named at `terraform init -backend-config=bucket=...`: bootstrap.sh makes it and prints the command.
  backend "gcs" {
    prefix = "gcp"
  }
}

provider "google" {
  project = var.gcp_project_id
  region  = var.gcp_region

  default_labels = {
    application = "isthmus"
  }
}
