# A distribution as people write one: policies of their own and managed ones, an
# origin access control, an origin group, legacy settings, tags.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {}
variable "origin_port" {}
variable "root" { default = "index.html" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints { cloudfront = var.endpoint }
}

data "aws_cloudfront_cache_policy" "optimized" { name = "Managed-CachingOptimized" }
data "aws_cloudfront_origin_request_policy" "viewer" { name = "Managed-AllViewer" }

resource "aws_cloudfront_cache_policy" "v" {
  name        = "keyed-by-v"
  min_ttl     = 1
  default_ttl = 86400
  max_ttl     = 31536000
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = true
    headers_config { header_behavior = "none" }
    cookies_config { cookie_behavior = "none" }
    query_strings_config {
      query_string_behavior = "whitelist"
      query_strings { items = ["v"] }
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "security" {
  name = "security"
  security_headers_config {
    content_type_options { override = true }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      override                   = true
    }
  }
  custom_headers_config {
    items {
      header   = "X-From"
      value    = "terraform"
      override = true
    }
  }
}

resource "aws_cloudfront_origin_access_control" "bucket" {
  name                              = "bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "site" {
  enabled             = true
  default_root_object = var.root
  wait_for_deployment = false
  tags                = { Team = "web" }

  origin {
    origin_id   = "web"
    domain_name = "127.0.0.1"
    custom_origin_config {
      http_port              = var.origin_port
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
    custom_header {
      name  = "X-Shared"
      value = "secret"
    }
  }
  origin {
    origin_id                = "bucket"
    domain_name              = "assets.s3.us-east-1.amazonaws.com"
    origin_access_control_id = aws_cloudfront_origin_access_control.bucket.id
  }
  origin_group {
    origin_id = "either"
    failover_criteria { status_codes = [500, 502] }
    member { origin_id = "web" }
    member { origin_id = "bucket" }
  }

  default_cache_behavior {
    target_origin_id           = "web"
    viewer_protocol_policy     = "allow-all"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.v.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.security.id
  }
  ordered_cache_behavior {
    path_pattern             = "/managed/*"
    target_origin_id         = "either"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["GET", "HEAD"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = data.aws_cloudfront_cache_policy.optimized.id
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.viewer.id
  }
  ordered_cache_behavior {
    path_pattern           = "/legacy/*"
    target_origin_id       = "bucket"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string            = true
      query_string_cache_keys = ["a"]
      headers                 = ["X-A"]
      cookies {
        forward           = "whitelist"
        whitelisted_names = ["c"]
      }
    }
    min_ttl     = 0
    default_ttl = 60
    max_ttl     = 120
  }

  custom_error_response {
    error_code            = 404
    response_code         = 200
    response_page_path    = "/404.html"
    error_caching_min_ttl = 5
  }
  restrictions {
    geo_restriction { restriction_type = "none" }
  }
  viewer_certificate { cloudfront_default_certificate = true }
}

output "domain" { value = aws_cloudfront_distribution.site.domain_name }
