package distribution

import "sync"

// block is what a Terraform block may hold: each attribute and nested block by its
// name there.
type block map[string]attribute

// attribute is the place of one attribute or nested block in the words of the AWS
// command line.
type attribute struct {
	// to is the name there; "" for what concerns Terraform alone.
	to string
	// in is of a nested block: in a block of its own where there is one at most, a
	// list of them where many says so.
	in   block
	many bool
	// items is a nested block that holds nothing but the list "items".
	items bool
	// kept is whether the value must be known: what is not emulated need not be.
	kept bool
	// computed is whether the provider chooses a value when none is given.
	computed bool
	// from is the type of the resources whose id this is.
	from string
}

func kept(to string) attribute           { return attribute{to: to, kept: true} }
func idOf(to, from string) attribute     { return attribute{to: to, kept: true, from: from} }
func computed(to string) attribute       { return attribute{to: to, kept: true, computed: true} }
func chosen(to string) attribute         { return attribute{to: to, computed: true} }
func noted(to string) attribute          { return attribute{to: to} }
func one(to string, in block) attribute  { return attribute{to: to, in: in} }
func many(to string, in block) attribute { return attribute{to: to, in: in, many: true} }
func items(to string) attribute          { return attribute{to: to, items: true, kept: true} }
func itemsOf(to string, in block) attribute {
	return attribute{to: to, items: true, in: in, many: true}
}

// resourceWords are the resources that are read, and where what they say stands in
// the words of the AWS command line. [CFG-60] to [CFG-110]
var resourceWords = sync.OnceValue(func() map[string]resourceWord {
	return map[string]resourceWord{
		"aws_cloudfront_distribution":            {"Distribution", "DistributionConfig", distributionWords()},
		"aws_cloudfront_cache_policy":            {"CachePolicy", "CachePolicyConfig", cachePolicyWords()},
		"aws_cloudfront_origin_request_policy":   {"OriginRequestPolicy", "OriginRequestPolicyConfig", originRequestWords()},
		"aws_cloudfront_response_headers_policy": {"ResponseHeadersPolicy", "ResponseHeadersPolicyConfig", responseHeadersWords()},
	}
})

type resourceWord struct {
	kind, section string
	words         block
}

// referredToWords are resources that have a part in the edge only where a
// distribution refers to them.
var referredToWords = map[string]bool{
	"aws_cloudfront_origin_access_control":  true,
	"aws_cloudfront_origin_access_identity": true,
	"aws_s3_bucket":                         true,
	"aws_s3_bucket_website_configuration":   true,
}

// terraforms are attributes of every resource that concern Terraform alone, or are
// read apart.
func terraforms() block {
	return block{
		"id": {}, "arn": {}, "etag": {}, "tags": {}, "tags_all": {}, "timeouts": {},
		"last_modified_time": {}, "status": {}, "hosted_zone_id": {}, "domain_name": {},
		"in_progress_validation_batches": {}, "retain_on_delete": {}, "wait_for_deployment": {},
		"caller_reference": {}, "trusted_key_groups": {}, "trusted_signers": {},
	}
}

func distributionWords() block {
	return block{
		"aliases":                         kept("Aliases"),
		"comment":                         kept("Comment"),
		"default_root_object":             kept("DefaultRootObject"),
		"enabled":                         kept("Enabled"),
		"http_version":                    noted("HttpVersion"),
		"is_ipv6_enabled":                 noted("IsIPV6Enabled"),
		"price_class":                     noted("PriceClass"),
		"staging":                         noted("Staging"),
		"web_acl_id":                      noted("WebACLId"),
		"anycast_ip_list_id":              noted("AnycastIpListId"),
		"continuous_deployment_policy_id": chosen("ContinuousDeploymentPolicyId"),
		"cache_tag_config":                one("CacheTagConfig", block{"header_name": kept("HeaderName")}),
		"logging_config": one("Logging", block{
			"bucket": noted("Bucket"), "include_cookies": noted("IncludeCookies"), "prefix": noted("Prefix"),
		}),
		"restrictions": one("Restrictions", block{
			"geo_restriction": one("GeoRestriction", block{"restriction_type": noted("RestrictionType"), "locations": chosen("Items")}),
		}),
		"viewer_certificate": one("ViewerCertificate", block{
			"acm_certificate_arn": noted("ACMCertificateArn"), "cloudfront_default_certificate": noted("CloudFrontDefaultCertificate"),
			"iam_certificate_id": noted("IAMCertificateId"), "minimum_protocol_version": noted("MinimumProtocolVersion"),
			"ssl_support_method": noted("SSLSupportMethod"),
		}),
		"origin":                 many("Origins", originWords()),
		"origin_group":           many("OriginGroups", originGroupWords()),
		"default_cache_behavior": one("DefaultCacheBehavior", behaviorWords()),
		"ordered_cache_behavior": many("CacheBehaviors", behaviorWords()),
		"custom_error_response": many("CustomErrorResponses", block{
			"error_code": kept("ErrorCode"), "response_code": kept("ResponseCode"),
			"response_page_path": kept("ResponsePagePath"), "error_caching_min_ttl": kept("ErrorCachingMinTTL"),
		}),
	}
}

func originWords() block {
	return block{
		"origin_id":                   kept("Id"),
		"domain_name":                 kept("DomainName"),
		"origin_path":                 kept("OriginPath"),
		"connection_attempts":         kept("ConnectionAttempts"),
		"connection_timeout":          kept("ConnectionTimeout"),
		"response_completion_timeout": noted("ResponseCompletionTimeout"),
		"origin_access_control_id":    noted("OriginAccessControlId"),
		"custom_header":               many("CustomHeaders", block{"name": kept("HeaderName"), "value": kept("HeaderValue")}),
		"custom_origin_config": one("CustomOriginConfig", block{
			"http_port": kept("HTTPPort"), "https_port": kept("HTTPSPort"), "origin_protocol_policy": kept("OriginProtocolPolicy"),
			"origin_read_timeout": kept("OriginReadTimeout"), "origin_keepalive_timeout": kept("OriginKeepaliveTimeout"),
			"origin_ssl_protocols": noted("OriginSslProtocols"), "ip_address_type": noted("IpAddressType"),
		}),
		"s3_origin_config": one("S3OriginConfig", block{
			"origin_access_identity": noted("OriginAccessIdentity"), "origin_read_timeout": kept("OriginReadTimeout"),
		}),
		"vpc_origin_config": one("VpcOriginConfig", block{
			"vpc_origin_id": noted("VpcOriginId"), "owner_account_id": noted("OwnerAccountId"),
			"origin_read_timeout": kept("OriginReadTimeout"), "origin_keepalive_timeout": kept("OriginKeepaliveTimeout"),
		}),
		"origin_shield": one("OriginShield", block{"enabled": noted("Enabled"), "origin_shield_region": noted("OriginShieldRegion")}),
	}
}

func originGroupWords() block {
	return block{
		"origin_id":         kept("Id"),
		"failover_criteria": one("FailoverCriteria", block{"status_codes": kept("StatusCodes")}),
		"member":            many("Members", block{"origin_id": kept("OriginId")}),
	}
}

func behaviorWords() block {
	return block{
		"path_pattern":               kept("PathPattern"),
		"target_origin_id":           kept("TargetOriginId"),
		"viewer_protocol_policy":     kept("ViewerProtocolPolicy"),
		"allowed_methods":            kept("AllowedMethods"),
		"cached_methods":             kept("CachedMethods"),
		"compress":                   kept("Compress"),
		"cache_policy_id":            idOf("CachePolicyId", "aws_cloudfront_cache_policy"),
		"origin_request_policy_id":   idOf("OriginRequestPolicyId", "aws_cloudfront_origin_request_policy"),
		"response_headers_policy_id": idOf("ResponseHeadersPolicyId", "aws_cloudfront_response_headers_policy"),
		"min_ttl":                    kept("MinTTL"),
		"default_ttl":                computed("DefaultTTL"),
		"max_ttl":                    computed("MaxTTL"),
		"smooth_streaming":           noted("SmoothStreaming"),
		"field_level_encryption_id":  noted("FieldLevelEncryptionId"),
		"realtime_log_config_arn":    noted("RealtimeLogConfigArn"),
		"trusted_key_groups":         chosen("TrustedKeyGroups"),
		"trusted_signers":            chosen("TrustedSigners"),
		"grpc_config":                one("GrpcConfig", block{"enabled": noted("Enabled")}),
		"function_association":       many("FunctionAssociations", block{"event_type": noted("EventType"), "function_arn": noted("FunctionARN")}),
		"lambda_function_association": many("LambdaFunctionAssociations", block{
			"event_type": noted("EventType"), "lambda_arn": noted("LambdaFunctionARN"), "include_body": noted("IncludeBody"),
		}),
		"forwarded_values": one("ForwardedValues", block{
			"query_string": kept("QueryString"), "query_string_cache_keys": computed("QueryStringCacheKeys"), "headers": computed("Headers"),
			"cookies": one("Cookies", block{"forward": kept("Forward"), "whitelisted_names": computed("WhitelistedNames")}),
		}),
	}
}

func headersWords() attribute {
	return one("HeadersConfig", block{"header_behavior": kept("HeaderBehavior"), "headers": items("Headers")})
}

func cookiesWords() attribute {
	return one("CookiesConfig", block{"cookie_behavior": kept("CookieBehavior"), "cookies": items("Cookies")})
}

func queriesWords() attribute {
	return one("QueryStringsConfig", block{"query_string_behavior": kept("QueryStringBehavior"), "query_strings": items("QueryStrings")})
}

func cachePolicyWords() block {
	return block{
		"name": kept("Name"), "comment": kept("Comment"),
		"min_ttl": kept("MinTTL"), "default_ttl": kept("DefaultTTL"), "max_ttl": kept("MaxTTL"),
		"parameters_in_cache_key_and_forwarded_to_origin": one("ParametersInCacheKeyAndForwardedToOrigin", block{
			"enable_accept_encoding_gzip": kept("EnableAcceptEncodingGzip"), "enable_accept_encoding_brotli": kept("EnableAcceptEncodingBrotli"),
			"headers_config": headersWords(), "cookies_config": cookiesWords(), "query_strings_config": queriesWords(),
		}),
	}
}

func originRequestWords() block {
	return block{
		"name": kept("Name"), "comment": kept("Comment"),
		"headers_config": headersWords(), "cookies_config": cookiesWords(), "query_strings_config": queriesWords(),
	}
}

func responseHeadersWords() block {
	return block{
		"name": kept("Name"), "comment": kept("Comment"),
		"cors_config": one("CorsConfig", block{
			"access_control_allow_credentials": kept("AccessControlAllowCredentials"), "access_control_max_age_sec": kept("AccessControlMaxAgeSec"),
			"access_control_allow_headers": items("AccessControlAllowHeaders"), "access_control_allow_methods": items("AccessControlAllowMethods"),
			"access_control_allow_origins": items("AccessControlAllowOrigins"), "access_control_expose_headers": items("AccessControlExposeHeaders"),
			"origin_override": kept("OriginOverride"),
		}),
		"custom_headers_config": itemsOf("CustomHeadersConfig", block{"header": kept("Header"), "value": kept("Value"), "override": kept("Override")}),
		"remove_headers_config": itemsOf("RemoveHeadersConfig", block{"header": kept("Header")}),
		"security_headers_config": one("SecurityHeadersConfig", block{
			"content_security_policy": one("ContentSecurityPolicy", block{"content_security_policy": kept("ContentSecurityPolicy"), "override": kept("Override")}),
			"content_type_options":    one("ContentTypeOptions", block{"override": kept("Override")}),
			"frame_options":           one("FrameOptions", block{"frame_option": kept("FrameOption"), "override": kept("Override")}),
			"referrer_policy":         one("ReferrerPolicy", block{"referrer_policy": kept("ReferrerPolicy"), "override": kept("Override")}),
			"strict_transport_security": one("StrictTransportSecurity", block{
				"access_control_max_age_sec": kept("AccessControlMaxAgeSec"), "include_subdomains": kept("IncludeSubdomains"),
				"preload": kept("Preload"), "override": kept("Override"),
			}),
			"xss_protection": one("XSSProtection", block{
				"protection": kept("Protection"), "mode_block": kept("ModeBlock"), "report_uri": kept("ReportUri"), "override": kept("Override"),
			}),
		}),
		"server_timing_headers_config": one("ServerTimingHeadersConfig", block{"enabled": noted("Enabled"), "sampling_rate": noted("SamplingRate")}),
	}
}
