package cloudfront

import (
	"strings"
	"testing"
)

const (
	cachePolicy = `<CachePolicyConfig><Name>%n</Name><MinTTL>%m</MinTTL><ParametersInCacheKeyAndForwardedToOrigin><EnableAcceptEncodingGzip>false</EnableAcceptEncodingGzip>` +
		`<HeadersConfig><HeaderBehavior>none</HeaderBehavior></HeadersConfig><CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig>` +
		`<QueryStringsConfig><QueryStringBehavior>whitelist</QueryStringBehavior><QueryStrings><Quantity>1</Quantity><Items><Name>%q</Name></Items></QueryStrings></QueryStringsConfig>` +
		`</ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>`
	requestPolicy = `<OriginRequestPolicyConfig><Name>%n</Name><HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>%q</Name></Items></Headers></HeadersConfig>` +
		`<CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig><QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig></OriginRequestPolicyConfig>`
	responsePolicy = `<ResponseHeadersPolicyConfig><Name>%n</Name><CustomHeadersConfig><Quantity>1</Quantity><Items><ResponseHeadersPolicyCustomHeader><Header>X-P</Header><Value>%q</Value>` +
		`<Override>true</Override></ResponseHeadersPolicyCustomHeader></Items></CustomHeadersConfig></ResponseHeadersPolicyConfig>`
	accessControl = `<OriginAccessControlConfig><Name>%n</Name><Description>%q</Description><SigningProtocol>sigv4</SigningProtocol><SigningBehavior>always</SigningBehavior>` +
		`<OriginAccessControlOriginType>s3</OriginAccessControlOriginType></OriginAccessControlConfig>`
	accessIdentity = `<CloudFrontOriginAccessIdentityConfig><CallerReference>%n</CallerReference><Comment>%q</Comment></CloudFrontOriginAccessIdentityConfig>`
)

// filled puts a name and another word into one of the documents above.
func filled(document, name, word string) string {
	return strings.NewReplacer("%n", name, "%q", word, "%m", "0").Replace(document)
}

// TestResourceLives takes one of each kind through its life.
func TestResourceLives(t *testing.T) {
	for _, tt := range []struct{ row, kind, document, location, id string }{
		{"API-120, API-121, API-122, API-123, API-124, API-125, POL-15", "CachePolicy", cachePolicy, "cache-policy", "-"},
		{"API-126, API-127, API-128, API-129, API-130, API-131", "OriginRequestPolicy", requestPolicy, "origin-request-policy", "-"},
		{"API-132, API-133, API-134, API-135, API-136, API-137", "ResponseHeadersPolicy", responsePolicy, "response-headers-policy", "-"},
		{"API-163, API-164, API-165, API-166, API-167, API-168, API-200", "OriginAccessControl", accessControl, "origin-access-control", "E"},
		{"API-169, API-170, API-171, API-172, API-173, API-174, API-200", "CloudFrontOriginAccessIdentity", accessIdentity, "origin-access-identity/cloudfront", "E"},
	} {
		t.Run(tt.row, func(t *testing.T) {
			w := open(t, nil)
			all := "/" + tt.location
			created := w.must(201, "POST", all, filled(tt.document, "n", "a"))
			id := created.value("Id")
			if !strings.Contains(id, tt.id) || created.header.Get("Location") != "https://cloudfront.amazonaws.com/2020-05-31/"+tt.location+"/"+id {
				t.Errorf("API-11, API-13: got %s at %s", id, created.header.Get("Location"))
			}
			got := w.must(200, "GET", all+"/"+id, "")
			if got.body != created.body || got.etag() != created.etag() {
				t.Errorf("got %s, want %s", got.body, created.body)
			}
			if c := w.must(200, "GET", all+"/"+id+"/config", ""); c.etag() != created.etag() || !strings.Contains(c.body, "<"+tt.kind+"Config xmlns=") {
				t.Errorf("got %s", c.body)
			}
			if double := w.call("POST", all, filled(tt.document, "n", "b")); double.status != 409 || double.value("Code") != tt.kind+"AlreadyExists" {
				t.Errorf("API-24: got %d %s", double.status, double.body)
			}
			update := all + "/" + id
			if tt.id == "E" {
				update += "/config"
			}
			if a := w.call("PUT", update, filled(tt.document, "n", "b")); a.value("Code") != "InvalidIfMatchVersion" {
				t.Errorf("API-41: got %s", a.body)
			}
			changed := w.must(200, "PUT", update, filled(tt.document, "n", "b"), "If-Match", created.etag())
			if changed.etag() == created.etag() || !strings.Contains(changed.body, ">b<") {
				t.Errorf("API-40: got %s", changed.body)
			}
			if list := w.must(200, "GET", all+"?Type=custom", ""); strings.Count(list.body, "<Id>"+id+"</Id>") != 1 || list.value("Quantity") != "1" {
				t.Errorf("got %s", list.body)
			}
			if a := w.must(412, "DELETE", all+"/"+id, "", "If-Match", created.etag()); a.value("Code") != "PreconditionFailed" {
				t.Errorf("API-25: got %s", a.body)
			}
			w.must(204, "DELETE", all+"/"+id, "", "If-Match", changed.etag())
			if a := w.must(404, "GET", all+"/"+id, ""); a.value("Code") != "NoSuch"+tt.kind {
				t.Errorf("API-23: got %s", a.body)
			}
		})
	}
}

func TestManagedPolicies(t *testing.T) {
	w := open(t, nil)
	for _, row := range []struct{ row, path, kind, id, name string }{
		{"CFG-30, MCP-11", "/cache-policy", "CachePolicy", "658327ea-f89d-4fab-a63d-7e88639e58f6", "Managed-CachingOptimized"},
		{"CFG-33, MCP-10, MCP-11", "/cache-policy", "CachePolicy", "83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders"},
		{"CFG-37", "/origin-request-policy", "OriginRequestPolicy", "216adef6-5c7f-47e4-b989-5492eafa07d3", "Managed-AllViewer"},
		{"CFG-47", "/response-headers-policy", "ResponseHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03", "Managed-SecurityHeadersPolicy"},
	} {
		t.Run(row.row, func(t *testing.T) {
			got := w.must(200, "GET", row.path+"/"+row.id, "")
			if got.value("Name") != row.name {
				t.Errorf("CFG-21: got %s, want %s", got.value("Name"), row.name)
			}
			config := w.must(200, "GET", row.path+"/"+row.id+"/config", "")
			if a := w.must(400, "PUT", row.path+"/"+row.id, config.body, "If-Match", got.etag()); a.value("Code") != "IllegalUpdate" {
				t.Errorf("API-205: got %s", a.body)
			}
			if a := w.must(400, "DELETE", row.path+"/"+row.id, "", "If-Match", got.etag()); a.value("Code") != "IllegalDelete" {
				t.Errorf("API-205: got %s", a.body)
			}
			list := w.must(200, "GET", row.path+"?Type=managed", "")
			if !strings.Contains(list.body, "<"+row.kind+"Summary><Type>managed</Type><"+row.kind+"><Id>") || strings.Contains(list.body, "IsTruncated") || strings.Contains(list.body, "Marker") {
				t.Errorf("API-47, API-49: got %s", list.body)
			}
			if custom := w.must(200, "GET", row.path+"?Type=custom", ""); custom.value("Quantity") != "0" {
				t.Errorf("API-49: got %s", custom.body)
			}
		})
	}
}

func TestPolicyIsRefused(t *testing.T) {
	for _, tt := range []struct{ name, path, body, code string }{
		{"POL-12: gzip where nothing is cached", "/cache-policy", strings.Replace(strings.Replace(filled(cachePolicy, "n", "v"), "Gzip>false", "Gzip>true", 1),
			"<MinTTL>", "<DefaultTTL>0</DefaultTTL><MaxTTL>0</MaxTTL><MinTTL>", 1), "InvalidArgument"},
		{"API-290: MinTTL above MaxTTL", "/cache-policy", strings.Replace(filled(cachePolicy, "n", "v"), "<MinTTL>0", "<MaxTTL>1</MaxTTL><MinTTL>9", 1), "InvalidTTLOrder"},
		{"API-306: Authorization in an origin request policy", "/origin-request-policy", filled(requestPolicy, "n", "Authorization"), "InvalidArgument"},
		{"API-27: a header value that is none", "/response-headers-policy", filled(responsePolicy, "n", "a&#10;b"), "InvalidArgument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, nil)
			if a := w.must(400, "POST", tt.path, tt.body); a.value("Code") != tt.code || a.value("Message") == "" {
				t.Errorf("got %s, want %s", a.body, tt.code)
			}
			if list := w.must(200, "GET", tt.path+"?Type=custom", ""); list.value("Quantity") != "0" {
				t.Errorf("API-266: got %s", list.body)
			}
		})
	}
	w := open(t, nil)
	a := w.must(400, "POST", "/origin-request-policy", filled(requestPolicy, "n", "Authorization"))
	if want := "The parameter Headers contains Authorization that is not allowed."; a.value("Message") != want {
		t.Errorf("API-35: got %q, want %q", a.value("Message"), want)
	}
}

func TestCachePolicyBoundsAreFilledIn(t *testing.T) {
	w := open(t, nil)
	for i, row := range []struct{ min, want string }{
		{"0", "<DefaultTTL>86400</DefaultTTL><MaxTTL>31536000</MaxTTL><MinTTL>0</MinTTL>"},
		{"100000", "<DefaultTTL>100000</DefaultTTL><MaxTTL>31536000</MaxTTL><MinTTL>100000</MinTTL>"},
	} {
		body := strings.NewReplacer("%n", "n"+string(rune('a'+i)), "%q", "v", "%m", row.min).Replace(cachePolicy)
		if a := w.must(201, "POST", "/cache-policy", body); !strings.Contains(a.body, row.want) {
			t.Errorf("API-310: got %s, want %s", a.body, row.want)
		}
	}
}

// TestPolicyInUse changes a policy under a distribution, and may not delete it.
func TestPolicyInUse(t *testing.T) {
	w := open(t, nil)
	policy := w.must(201, "POST", "/cache-policy", filled(cachePolicy, "n", "v"))
	id := policy.value("Id")
	d := w.must(201, "POST", "/distribution", strings.Replace(config("use", ""), "658327ea-f89d-4fab-a63d-7e88639e58f6", id, 1))
	url := "http://" + d.value("DomainName") + "/x?v=1&w=2"
	if _, body, _ := w.view(url); body != "the origin's /x?v=1" {
		t.Errorf("got %q, want v alone to reach the origin", body)
	}
	t.Run("POL-15: it may not be deleted", func(t *testing.T) {
		if a := w.call("DELETE", "/cache-policy/"+id, "", "If-Match", policy.etag()); a.status != 409 || a.value("Code") != "CachePolicyInUse" {
			t.Errorf("got %d %s, want 409 CachePolicyInUse", a.status, a.body)
		}
	})
	changed := w.must(200, "PUT", "/cache-policy/"+id, filled(cachePolicy, "n", "w"), "If-Match", policy.etag())
	if _, body, _ := w.view(url); body != "the origin's /x?w=2" {
		t.Errorf("got %q, want w alone to reach the origin: the change is served at once", body)
	}
	refused := strings.Replace(strings.Replace(filled(cachePolicy, "n", "w"), "none</HeaderBehavior>", "whitelist</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>Cookie</Name></Items></Headers>", 1), "%m", "0", 1)
	if a := w.must(400, "PUT", "/cache-policy/"+id, refused, "If-Match", changed.etag()); a.value("Code") != "InvalidArgument" {
		t.Errorf("HDR-07: got %s", a.body)
	}
	if _, body, result := w.view(url); body != "the origin's /x?w=2" || result != "Hit" {
		t.Errorf("API-266: got %q %s", body, result)
	}
}

func TestOriginAccessInUse(t *testing.T) {
	w := open(t, nil)
	control := w.must(201, "POST", "/origin-access-control", filled(accessControl, "n", "d"))
	identity := w.must(201, "POST", "/origin-access-identity/cloudfront", filled(accessIdentity, "r", "c"))
	if again := w.must(201, "POST", "/origin-access-identity/cloudfront", filled(accessIdentity, "r", "c")); again.value("Id") != identity.value("Id") {
		t.Errorf("the same reference with the same content: got %s", again.body)
	}
	if len(identity.value("S3CanonicalUserId")) != 96 {
		t.Errorf("got %s", identity.body)
	}
	custom := "<CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>http-only</OriginProtocolPolicy></CustomOriginConfig>"
	bucket := func(reference, identity, control string) string {
		return strings.Replace(config(reference, ""), custom, "<S3OriginConfig><OriginAccessIdentity>"+identity+"</OriginAccessIdentity></S3OriginConfig><OriginAccessControlId>"+control+"</OriginAccessControlId>", 1)
	}
	path := identityPrefix + identity.value("Id")
	w.must(201, "POST", "/distribution", bucket("a", "", control.value("Id")))
	w.must(201, "POST", "/distribution", bucket("b", path, ""))
	if a := w.must(400, "POST", "/distribution", bucket("c", path, control.value("Id"))); a.value("Code") != "IllegalOriginAccessConfiguration" {
		t.Errorf("API-300: got %s", a.body)
	}
	if a := w.must(409, "DELETE", "/origin-access-control/"+control.value("Id"), "", "If-Match", control.etag()); a.value("Code") != "OriginAccessControlInUse" {
		t.Errorf("API-24: got %s", a.body)
	}
	if a := w.must(409, "DELETE", "/origin-access-identity/cloudfront/"+identity.value("Id"), "", "If-Match", identity.etag()); a.value("Code") != "CloudFrontOriginAccessIdentityInUse" {
		t.Errorf("API-24: got %s", a.body)
	}
}
