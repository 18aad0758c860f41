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
resource "aws_cloudfront_cache_policy" "p" {
  name = "p"
  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config { cookie_behavior = "none" }
    headers_config { header_behavior = "none" }
    query_strings_config { query_string_behavior = "none" }
  }
}
resource "aws_cloudfront_response_headers_policy" "r" {
  name = "r"
  cors_config {
    access_control_allow_credentials = false
    access_control_allow_headers { items = ["x-*"] }
    access_control_allow_methods { items = ["GET"] }
    access_control_allow_origins { items = ["https://*.example.com"] }
    origin_override = true
  }
}
resource "aws_cloudfront_distribution" "this" {
  enabled             = true
  wait_for_deployment = false
  origin {
    origin_id   = "files"
    domain_name = "files.s3.us-east-1.amazonaws.com"
  }
  default_cache_behavior {
    target_origin_id       = "files"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string = false
      cookies { forward = "none" }
    }
  }
  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "files"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string = false
      cookies { forward = "none" }
    }
  }
  ordered_cache_behavior {
    path_pattern               = "/new/*"
    target_origin_id           = "files"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    min_ttl                    = 7
    cache_policy_id            = aws_cloudfront_cache_policy.p.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.r.id
  }
  custom_error_response {
    error_code         = 404
    response_code      = 200
    response_page_path = "/404.html"
  }
  custom_error_response {
    error_code = 503
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
