variable "names" {
  type = list(string)
}

resource "aws_cloudfront_cache_policy" "this" {
  count       = length(var.names)
  name        = var.names[count.index]
  min_ttl     = count.index
  default_ttl = 60
  max_ttl     = 3600
  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

output "first" {
  value = aws_cloudfront_cache_policy.this[0].id
}

output "second" {
  value = aws_cloudfront_cache_policy.this[1].id
}
