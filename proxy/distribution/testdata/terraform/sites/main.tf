terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

variable "endpoint" {
  default = "http://127.0.0.1:9180"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  endpoints {
    cloudfront = var.endpoint
  }
}

resource "aws_cloudfront_cache_policy" "each" {
  for_each    = { docs = 60, shop = 3600 }
  name        = each.key
  min_ttl     = 0
  default_ttl = each.value
  max_ttl     = 86400
  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config { cookie_behavior = "none" }
    headers_config { header_behavior = "none" }
    query_strings_config { query_string_behavior = "none" }
  }
}

resource "aws_cloudfront_origin_access_control" "s3" {
  name                              = "s3"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

module "site" {
  for_each        = { docs = "docs.example.com", shop = "shop.example.com" }
  source          = "./site"
  name            = each.key
  alias           = each.value
  cache_policy_id = aws_cloudfront_cache_policy.each[each.key].id
  access          = aws_cloudfront_origin_access_control.s3.id
}

resource "aws_cloudfront_distribution" "counted" {
  count   = 2
  enabled = true
  comment = "counted ${count.index}"
  origin {
    origin_id   = "web"
    domain_name = "web.example.com"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "web"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = count.index == 0 ? aws_cloudfront_cache_policy.each["docs"].id : aws_cloudfront_cache_policy.each["docs"].id
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_sns_topic" "alarms" { name = "alarms" }
resource "aws_sns_topic" "more" { name = "more" }
