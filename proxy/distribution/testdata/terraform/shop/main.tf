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

resource "aws_cloudfront_cache_policy" "pages" {
  name        = "pages"
  min_ttl     = 1
  default_ttl = 60
  max_ttl     = 3600
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = false
    cookies_config {
      cookie_behavior = "allExcept"
      cookies { items = ["_ga"] }
    }
    headers_config {
      header_behavior = "whitelist"
      headers { items = ["Accept-Language"] }
    }
    query_strings_config { query_string_behavior = "all" }
  }
}

resource "aws_cloudfront_origin_request_policy" "more" {
  name = "more"
  cookies_config {
    cookie_behavior = "whitelist"
    cookies { items = ["session"] }
  }
  headers_config {
    header_behavior = "allViewerAndWhitelistCloudFront"
    headers { items = ["CloudFront-Viewer-TLS"] }
  }
  query_strings_config { query_string_behavior = "none" }
}

resource "aws_cloudfront_response_headers_policy" "safe" {
  name = "safe"
  cors_config {
    access_control_allow_credentials = true
    access_control_allow_headers { items = ["x-*"] }
    access_control_allow_methods { items = ["ALL"] }
    access_control_allow_origins { items = ["https://*.example.com"] }
    access_control_expose_headers { items = ["ETag"] }
    access_control_max_age_sec = 600
    origin_override            = true
  }
  security_headers_config {
    content_type_options { override = true }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      override                   = false
    }
  }
  custom_headers_config {
    items {
      header   = "X-Build"
      value    = "17"
      override = false
    }
  }
  remove_headers_config {
    items { header = "Server" }
  }
}

resource "aws_cloudfront_distribution" "shop" {
  enabled             = true
  comment             = "a shop"
  aliases             = ["www.example.com", "*.example.org"]
  default_root_object = "index.html"
  wait_for_deployment = false

  origin {
    origin_id           = "web"
    domain_name         = "web.example.com"
    origin_path         = "/production"
    connection_attempts = 2
    connection_timeout  = 5
    custom_header {
      name  = "X-Secret"
      value = "12345"
    }
    custom_origin_config {
      http_port                = 8080
      https_port               = 443
      origin_protocol_policy   = "http-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = 60
      origin_keepalive_timeout = 10
    }
  }

  origin {
    origin_id   = "files"
    domain_name = "files.s3.us-east-1.amazonaws.com"
    s3_origin_config {
      origin_access_identity = ""
    }
  }

  origin_group {
    origin_id = "both"
    failover_criteria {
      status_codes = [500, 503]
    }
    member {
      origin_id = "web"
    }
    member {
      origin_id = "files"
    }
  }

  default_cache_behavior {
    target_origin_id           = "both"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD", "OPTIONS"]
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.pages.id
    origin_request_policy_id   = aws_cloudfront_origin_request_policy.more.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.safe.id
  }

  ordered_cache_behavior {
    path_pattern             = "/api/*"
    target_origin_id         = "web"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "216adef6-5c7f-47e4-b989-5492eafa07d3"
  }

  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "files"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    min_ttl                = 0
    default_ttl            = 3600
    max_ttl                = 86400
    forwarded_values {
      query_string            = true
      query_string_cache_keys = ["v"]
      headers                 = ["Origin"]
      cookies {
        forward           = "whitelist"
        whitelisted_names = ["s_*"]
      }
    }
  }

  custom_error_response {
    error_code            = 404
    response_code         = 200
    response_page_path    = "/404.html"
    error_caching_min_ttl = 10
  }

  custom_error_response {
    error_code            = 503
    error_caching_min_ttl = 0
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
