package distribution

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// physical is what Ref of a resource gives: its name or id in AWS. [CFG-09] What AWS
// would choose is made from the names of stack and resource, so that it stays the
// same whatever else changes.
func (t *template) physical(logical string, resource *node) string {
	identity := t.identity(logical)
	switch kind := t.kindOf(resource); kind {
	case "AWS::CloudFront::Distribution":
		id, _ := generated(identity)
		return id
	case "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::CloudFrontOriginAccessIdentity":
		return "E" + symbols(identity)[:13]
	case "AWS::CloudFront::PublicKey":
		return "K" + symbols(identity)[:13]
	case "AWS::CloudFront::CachePolicy", "AWS::CloudFront::OriginRequestPolicy", "AWS::CloudFront::ResponseHeadersPolicy",
		"AWS::CloudFront::KeyGroup", "AWS::CloudFront::ContinuousDeploymentPolicy":
		return uuid(identity)
	case "AWS::CloudFront::Function":
		return "arn:" + t.pseudo("AWS::Partition") + ":cloudfront::" + t.pseudo("AWS::AccountId") + ":function/" + t.property(logical, resource, "Name", t.madeName(logical))
	case "AWS::CloudFront::KeyValueStore":
		return t.property(logical, resource, "Name", t.madeName(logical))
	case "AWS::S3::Bucket":
		return t.property(logical, resource, "BucketName", bucketName(t.madeName(logical)))
	case "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Serverless::Api", "AWS::Serverless::HttpApi":
		return strings.ToLower(symbols(identity)[:10])
	}
	return t.madeName(logical)
}

// madeName is the form of the names that CloudFormation makes.
func (t *template) madeName(logical string) string {
	return t.stack.Name + "-" + logical + "-" + symbols(t.identity(logical))[:12]
}

// bucketName makes a name that S3 allows: lower case, at most 63 characters.
func bucketName(s string) string {
	s = strings.ToLower(s)
	if len(s) > 63 { // keep the end, which tells it from others
		s = strings.Trim(s[:50], "-") + s[len(s)-13:]
	}
	return s
}

// uuid is an id as policies have them.
func uuid(of string) string {
	sum := sha256.Sum256([]byte(of))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// property is a property of a resource that is a text, or what AWS would put there.
func (t *template) property(logical string, resource *node, name, usual string) string {
	n := resource.at("Properties").at(name)
	if n == nil {
		return usual
	}
	if t.open[logical] {
		t.refuse(n, "", "circular dependency between resources: %s leads back to itself", logical)
		return usual
	}
	t.open[logical] = true
	defer delete(t.open, logical)
	if v := t.eval(n, n.path); v != nil && v.text != "" {
		return v.text
	}
	return usual
}

// attribute is what Fn::GetAtt gives. [CFG-10], [CFG-25]
func (t *template) attribute(n *node, logical string, resource *node, name string) (string, bool) {
	id := t.physical(logical, resource)
	kind := t.kindOf(resource)
	var known map[string]string
	switch kind {
	case "AWS::S3::Bucket":
		known = t.bucket(id)
	case "AWS::CloudFront::Distribution":
		_, domain := generated(t.identity(logical))
		known = map[string]string{"Id": id, "DomainName": domain}
	case "AWS::CloudFront::Function":
		known = map[string]string{"FunctionARN": id, "FunctionMetadata.FunctionARN": id, "Stage": "LIVE"}
	case "AWS::CloudFront::CloudFrontOriginAccessIdentity":
		sum := sha256.Sum256([]byte(t.identity(logical)))
		known = map[string]string{"Id": id, "S3CanonicalUserId": fmt.Sprintf("%x", sum)}
	case "AWS::CloudFront::KeyValueStore":
		store := uuid(t.identity(logical))
		known = map[string]string{"Id": store, "Status": "READY",
			"Arn": "arn:" + t.pseudo("AWS::Partition") + ":cloudfront::" + t.pseudo("AWS::AccountId") + ":key-value-store/" + store}
	case "AWS::CloudFront::CachePolicy", "AWS::CloudFront::OriginRequestPolicy", "AWS::CloudFront::ResponseHeadersPolicy",
		"AWS::CloudFront::KeyGroup", "AWS::CloudFront::ContinuousDeploymentPolicy", "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::PublicKey":
		known = map[string]string{"Id": id, "LastModifiedTime": "2026-01-01T00:00:00Z", "CreatedTime": "2026-01-01T00:00:00Z"}
	default:
		return t.guess(logical, kind, name), true
	}
	v, ok := known[name]
	if !ok {
		var names []string
		for k := range known {
			names = append(names, k)
		}
		slices.Sort(names)
		t.refuse(n, "known: "+strings.Join(names, ", "), "%s has no attribute %s", kind, name)
	}
	return v, ok
}

// bucket are the attributes of a bucket. [CFG-25]
func (t *template) bucket(name string) map[string]string {
	region, suffix := t.pseudo("AWS::Region"), t.pseudo("AWS::URLSuffix")
	website := "s3-website." + region
	if slices.Contains(dashedWebsites, region) {
		website = "s3-website-" + region
	}
	return map[string]string{
		"Arn":                 "arn:" + t.pseudo("AWS::Partition") + ":s3:::" + name,
		"DomainName":          name + ".s3." + suffix,
		"DualStackDomainName": name + ".s3.dualstack." + region + "." + suffix,
		"RegionalDomainName":  name + ".s3." + region + "." + suffix,
		"WebsiteURL":          "http://" + name + "." + website + "." + suffix,
	}
}

// dashedWebsites are the regions whose website endpoints have a dash before the
// region; later ones have a dot. [CFG-25]
var dashedWebsites = []string{
	"us-east-1", "us-west-1", "us-west-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-west-1", "sa-east-1", "us-gov-west-1",
}

// guess makes up an attribute of a resource that is not read, and says so: AWS knows
// it only once the resource is there. [CFG-13]
func (t *template) guess(logical, kind, name string) string {
	label := strings.ToLower(strings.Map(func(r rune) rune {
		if r < 128 && isAlnum(byte(r)) {
			return r
		}
		return '-'
	}, logical))
	label = label[:min(len(label), 50)] + "-" + strings.ToLower(symbols(t.identity(logical))[:10])
	region, suffix := t.pseudo("AWS::Region"), t.pseudo("AWS::URLSuffix")
	var v string
	switch {
	case kind == "AWS::ElasticLoadBalancingV2::LoadBalancer" || kind == "AWS::ElasticLoadBalancing::LoadBalancer":
		v = label + "." + region + ".elb." + suffix
	case name == "FunctionUrl":
		v = "https://" + label + ".lambda-url." + region + ".on.aws/"
	case name == "ApiEndpoint":
		v = "https://" + label + ".execute-api." + region + "." + suffix
	case strings.HasSuffix(name, "Arn") || strings.HasSuffix(name, "ARN"):
		v = "arn:" + t.pseudo("AWS::Partition") + ":" + service(kind) + ":" + region + ":" + t.pseudo("AWS::AccountId") + ":" + t.madeName(logical)
	default:
		v = label + ".invalid"
	}
	if key := logical + "." + name; !t.guessed[key] {
		t.guessed[key] = true
		t.r.note(&node{path: join("Resources", logical)}, "%s is known only once it is deployed, and stands here as %s", name, v)
	}
	return v
}

// service is the part of a type that names the service, in lower case.
func service(kind string) string {
	if parts := strings.Split(kind, "::"); len(parts) == 3 {
		return strings.ToLower(parts[1])
	}
	return "service"
}
