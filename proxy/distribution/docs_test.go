package distribution

import (
	"os"
	"strings"
	"testing"
)

// The sample in the documentation is read, and shows every setting.
func TestDocumentedSettings(t *testing.T) {
	b, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, _ := strings.Cut(string(b), "```yaml\n")
	sample, _, _ = strings.Cut(sample, "```")
	d, notes, err := Read("docs/configuration.md", []byte(sample))
	if err != nil || len(notes) > 0 || len(d.Behaviors) != 3 {
		t.Fatalf("the sample is read as %+v, %v, %v", d, notes, err)
	}
	docs, err := parseYAML("sample", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []struct {
		at   string
		keys string
	}{
		{"", "id domain aliases enabled comment defaultRootObject tagHeader emulation origins originGroups cachePolicies originRequestPolicies responseHeadersPolicies defaultCacheBehavior cacheBehaviors customErrorResponses"},
		{"origins.web", "url domain path protocol httpPort httpsPort headers connectionAttempts connectionTimeout readTimeout keepAlive s3"},
		{"cachePolicies.pages", "id minTTL defaultTTL maxTTL headers cookies queryStrings gzip brotli"},
		{"responseHeadersPolicies.safe.cors", "allowOrigins allowHeaders allowMethods exposeHeaders credentials maxAge override"},
		{"defaultCacheBehavior", "origin policy originRequestPolicy responseHeadersPolicy viewerProtocolPolicy allowedMethods cachedMethods compress"},
		{"cacheBehaviors[1].forwardedValues", "queryString queryStringCacheKeys headers cookies"},
	} {
		n := docs[0].find(o.at)
		for key := range strings.FieldsSeq(o.keys) {
			if n.at(key) == nil {
				t.Errorf("the sample has no %s in %q", key, o.at)
			}
		}
	}
}
