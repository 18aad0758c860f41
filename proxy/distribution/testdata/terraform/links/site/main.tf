variable "ordered_cache_behavior" {
  type = list(object({ path = string, policy = string }))
}

variable "policy" {}

resource "aws_s3_bucket" "site" {
  bucket = "pages.example.com"
}

resource "aws_s3_bucket_website_configuration" "site" {
  bucket = "pages.example.com"
  index_document {
    suffix = "index.html"
  }
}

resource "aws_cloudfront_distribution" "this" {
  enabled = true

  origin {
    origin_id   = "website"
    domain_name = aws_s3_bucket_website_configuration.site.website_endpoint
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  origin {
    origin_id   = "bucket"
    domain_name = aws_s3_bucket.site.bucket_domain_name
    s3_origin_config {
      origin_access_identity = aws_cloudfront_origin_access_identity.site.cloudfront_access_identity_path
    }
  }

  default_cache_behavior {
    target_origin_id       = "website"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = var.policy
  }

  dynamic "ordered_cache_behavior" {
    for_each = var.ordered_cache_behavior
    content {
      path_pattern           = ordered_cache_behavior.value.path
      target_origin_id       = "bucket"
      viewer_protocol_policy = "allow-all"
      allowed_methods        = ["GET", "HEAD"]
      cached_methods         = ["GET", "HEAD"]
      cache_policy_id        = ordered_cache_behavior.value.policy
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

resource "aws_cloudfront_origin_access_identity" "site" {
  comment = "site"
}
