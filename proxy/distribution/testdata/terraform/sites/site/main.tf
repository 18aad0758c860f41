variable "name" {}
variable "alias" {}
variable "cache_policy_id" {}
variable "access" {}

locals {
  origin_id = "files"
}

resource "aws_s3_bucket" "files" {
  bucket = "files-of-${var.name}"
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name = "headers-of-${var.name}"
  custom_headers_config {
    items {
      header   = "X-Site"
      value    = var.name
      override = true
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  enabled = true
  aliases = [var.alias]
  origin {
    origin_id                = local.origin_id
    domain_name              = aws_s3_bucket.files.bucket_regional_domain_name
    origin_access_control_id = var.access
  }
  origin {
    origin_id   = aws_s3_bucket.files.id
    domain_name = "${aws_s3_bucket.files.id}.s3.amazonaws.com"
    s3_origin_config {
      origin_access_identity = ""
    }
  }
  default_cache_behavior {
    target_origin_id           = local.origin_id
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = var.cache_policy_id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }
  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = aws_s3_bucket.files.id
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string = false
      cookies { forward = "none" }
    }
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
