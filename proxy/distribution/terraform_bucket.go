package distribution

import (
	"slices"
	"strings"
)

// bucketAttribute is an attribute of an S3 bucket that follows from its name; "" if
// it does not.
func (p *plan) bucketAttribute(s source, at *node) string {
	var bucket string
	switch s.resource.kind {
	case "aws_s3_bucket", "aws_s3_bucket_website_configuration":
		bucket = s.resource.values.word("bucket")
	}
	if bucket == "" {
		return ""
	}
	attribute := s.attribute
	if strings.HasSuffix(at.path, ".domain_name") && (attribute == "id" || attribute == "bucket" || attribute == "") {
		// "${aws_s3_bucket.b.id}.s3.amazonaws.com": the text around it is not told
		attribute = "bucket_regional_domain_name"
		p.r.note(at, "known after apply only; taken to be the domain of the bucket %s", s.resource.address)
	}
	switch attribute {
	case "id", "bucket", "":
		return bucket
	case "arn":
		return "arn:aws:s3:::" + bucket
	case "bucket_domain_name":
		return bucket + ".s3.amazonaws.com"
	case "bucket_regional_domain_name":
		return bucket + ".s3." + p.region(s.resource) + ".amazonaws.com"
	case "website_endpoint":
		return bucket + "." + websiteDomain(p.region(s.resource))
	case "website_domain":
		return websiteDomain(p.region(s.resource))
	}
	return ""
}

func websiteDomain(region string) string {
	if slices.Contains(dashedWebsites, region) {
		return "s3-website-" + region + ".amazonaws.com"
	}
	return "s3-website." + region + ".amazonaws.com"
}

// region is that of the provider that a resource is made by; us-east-1, the API's
// own default, where that cannot be told.
func (p *plan) region(res *resource) string {
	if r := res.values.word("region"); r != "" {
		return r
	}
	expression := p.root.at("configuration").at("provider_config").at(res.config.word("provider_config_key")).at("expressions").at("region")
	if constant := expression.word("constant_value"); constant != "" {
		return constant
	}
	for _, ref := range references(expression) {
		if name, ok := strings.CutPrefix(ref, "var."); ok {
			if v := p.root.at("variables").at(name).word("value"); v != "" {
				return v
			}
		}
	}
	return "us-east-1"
}
