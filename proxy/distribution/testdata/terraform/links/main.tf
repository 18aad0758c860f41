terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}


provider "aws" {
  region                      = var.region
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}

variable "region" {
  default = "eu-central-1"
}

module "policies" {
  source = "./policies"
  names  = ["short", "long"]
}

module "site" {
  source = "./site"
  policy = module.policies.second
  ordered_cache_behavior = [
    { path = "/a/*", policy = module.policies.second },
    { path = "/b/*", policy = "658327ea-f89d-4fab-a63d-7e88639e58f6" },
    { path = "/c/*", policy = module.policies.first },
    { path = "/d/*", policy = module.policies.second },
  ]
}
