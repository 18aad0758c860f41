package cachepolicy

import (
	"fmt"
	"strings"
	"testing"
)

// managedRow is what the guide says about a managed cache policy, in its words
// and order: bounds in seconds, headers, cookies, query strings, gzip, brotli.
type managedRow struct{ row, id, settings string }

func TestManagedPolicies(t *testing.T) {
	const methods = "Host Origin X-Http-Method-Override X-Http-Method X-Method-Override"
	rows := []managedRow{
		{"MCP-01: CachingOptimized", "658327ea-f89d-4fab-a63d-7e88639e58f6", "1 86400 31536000; none; none; none; true true"},
		{"MCP-02: CachingOptimizedForUncompressedObjects", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "1 86400 31536000; none; none; none; false false"},
		{"MCP-03: CachingDisabled", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "0 0 0; none; none; none; false false"},
		{"MCP-04: Amplify", "2e54312d-136d-493c-8eb9-b001f22f67d2",
			"2 2 600; only Authorization Cloudfront-Viewer-Country Host; all; all; true true"},
		{"MCP-05: Elemental-MediaPackage", "08627262-05a9-4f76-9ded-b50ca2e3a84f",
			"0 86400 31536000; only Origin; none; only aws.manifestfilter start end m; true false"},
		{"MCP-06: UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65", "0 0 31536000; only " + methods + "; all; none; true true"},
		{"MCP-07: UseOriginCacheControlHeaders-QueryStrings", "4cc15a8a-d715-48a4-82b8-cc0b614638fe", "0 0 31536000; only " + methods + "; all; all; true true"},
		{"MCP-08: Amplify-Default", "4d1d2f1d-3a71-49ad-9e08-7ea5d843a556",
			"0 0 31536000; only Accept Authorization Cloudfront-Viewer-Country Host; all; all; true true"},
		{"MCP-08: Amplify-DefaultNoCookies", "a6bad946-36c3-4c33-aa98-362c74a7fb13",
			"0 0 31536000; only Accept Authorization Cloudfront-Viewer-Country Host; none; all; true true"},
		{"MCP-09: Amplify-ImageOptimization", "1c6db51a-a33f-469a-8245-dae26771f530", "0 0 31536000; only Accept Authorization Host; none; all; true true"},
		{"MCP-09: Amplify-StaticContent", "7e5fad67-ee98-4ad0-b05a-394999eefc1a", "0 0 31536000; only Authorization Host; none; none; true true"},
	}
	for _, row := range rows {
		t.Run(row.row, func(t *testing.T) {
			_, name, _ := strings.Cut(row.row, ": ")
			for _, by := range []string{row.id, name, "Managed-" + name} { // the prefix: MCP-10
				p, ok := ManagedPolicy(by)
				if !ok || p.ID != row.id || p.Name != name || settings(p) != row.settings {
					t.Errorf("%s:\n got %s %s, %s\nwant %s %s, %s", by, p.ID, p.Name, settings(p), row.id, name, row.settings)
				}
			}
		})
	}
	t.Run("MCP-10: no other names", func(t *testing.T) {
		if p, ok := ManagedPolicy("Managed-Managed-CachingOptimized"); ok {
			t.Errorf("got %s", p.Name)
		}
	})
	t.Run("MCP-01: these are all", func(t *testing.T) {
		if got := Managed(); len(got) != len(rows) {
			t.Errorf("got %d, want %d", len(got), len(rows))
		}
		Managed()[0].Name = "mine"
		if got := Managed()[0].Name; got != "CachingOptimized" {
			t.Errorf("the list can be changed from outside: got %s", got)
		}
	})
}

func settings(p Policy) string {
	return fmt.Sprintf("%.0f %.0f %.0f; %s; %s; %s; %v %v", p.MinTTL.Seconds(), p.DefaultTTL.Seconds(), p.MaxTTL.Seconds(),
		selected(p.Headers), selected(p.Cookies), selected(p.QueryStrings), p.Gzip, p.Brotli)
}

func selected(s Selection) string {
	return strings.TrimSpace(s.Mode.String() + " " + strings.Join(s.Names, " "))
}

func TestManagedOriginRequestPolicies(t *testing.T) {
	const cors = "only Origin Access-Control-Request-Headers Access-Control-Request-Method"
	rows := []managedRow{
		{"MORP-01, FWD-16: AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3", "all; all; all; 0"},
		{"MORP-02, FWD-17, D-7: AllViewerExceptHostHeader", "b689b0a8-53d0-40ab-baf2-68738e2966ac", "allBut Host; all; all; 0"},
		{"MORP-03, FWD-18: AllViewerAndCloudFrontHeaders-2022-06", "33f36d7e-f396-46d9-90e0-52428a34d9dc", "all; all; all; 21"},
		{"MORP-04, FWD-19: CORS-CustomOrigin", "59781a5b-3903-41f3-afcb-af62929ccde1", "only Origin; none; none; 0"},
		{"MORP-05, FWD-19: CORS-S3Origin", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", cors + "; none; none; 0"},
		{"MORP-06, FWD-21: Elemental-MediaTailor-PersonalizedManifests", "775133bc-15f2-49f9-abea-afb2e0bf67d2",
			cors + " User-Agent X-Forwarded-For; none; all; 0"},
		{"MORP-07, FWD-20: HostHeaderOnly", "bf0718e1-ba1e-49d1-88b1-f726733018ae", "only Host; none; none; 0"},
		{"MORP-08, FWD-20: UserAgentRefererHeaders", "acba4595-bd28-49b8-b9fe-13317c0390fa", "only User-Agent Referer; none; none; 0"},
	}
	for _, row := range rows {
		t.Run(row.row, func(t *testing.T) {
			_, name, _ := strings.Cut(row.row, ": ")
			for _, by := range []string{row.id, name, "Managed-" + name} {
				p, ok := ManagedOriginRequestPolicy(by)
				got := fmt.Sprintf("%s; %s; %s; %d", selected(p.Headers), selected(p.Cookies), selected(p.QueryStrings), len(p.CloudFrontHeaders))
				if !ok || p.ID != row.id || p.Name != name || got != row.settings {
					t.Errorf("%s:\n got %s %s, %s\nwant %s %s, %s", by, p.ID, p.Name, got, row.id, name, row.settings)
				}
			}
		})
	}
	t.Run("MORP-01: these are all", func(t *testing.T) {
		if got := ManagedOriginRequestPolicies(); len(got) != len(rows) {
			t.Errorf("got %d, want %d", len(got), len(rows))
		}
	})
}

// managedTerms are the terms of managed policies, by name.
func managedTerms(policy, originRequest string) Terms {
	p, _ := ManagedPolicy(policy)
	o, _ := ManagedOriginRequestPolicy(originRequest)
	return Terms{Policy: p, OriginRequest: o}
}

func TestManagedPoliciesAtWork(t *testing.T) {
	disabled := managedTerms("CachingDisabled", "AllViewer")
	own := managedTerms("UseOriginCacheControlHeaders", "AllViewer")
	all := []string{"User-Agent", "curl", "Authorization", "Basic a", "Cookie", "b=2; a=1", "X-Foo", "1", "CloudFront-Viewer-ASN", "1"}
	checkSent(t, []sent{
		{"MORP-01, FWD-16: all of the viewer's", managedTerms("CachingOptimized", "AllViewer"), req("GET /?q=1", all...),
			"GET /?q=1\nAuthorization: Basic a\nCookie: a=1; b=2\nHost: www.example.com\nUser-Agent: curl\nX-Foo: 1"},
		{"MORP-02, FWD-15, FWD-17, D-7: all but Host, and no CloudFront headers", managedTerms("CachingOptimized", "AllViewerExceptHostHeader"), req("GET /?q=1", all...),
			"GET /?q=1\nAuthorization: Basic a\nCookie: a=1; b=2\nUser-Agent: curl\nX-Foo: 1"},
		{"MORP-03, FWD-18: all, and CloudFront headers", managedTerms("CachingOptimized", "AllViewerAndCloudFrontHeaders-2022-06"), req("GET /?q=1", all...),
			"GET /?q=1\nAuthorization: Basic a\nCloudfront-Viewer-Asn: 1\nCookie: a=1; b=2\nHost: www.example.com\nUser-Agent: curl\nX-Foo: 1"},
		{"MORP-07, FWD-20: Host only", managedTerms("CachingOptimized", "HostHeaderOnly"), req("GET /?q=1", all...),
			"GET /\nHost: www.example.com"},
		{"MORP-08, FWD-20: agent and referrer only", managedTerms("CachingOptimized", "UserAgentRefererHeaders"), req("GET /", "User-Agent", "curl", "Referer", "/x", "X-Foo", "1"),
			"GET /\nReferer: /x\nUser-Agent: curl"},
	})
	checkKeys(t, []keys{
		{"MORP-09: Origin reaches a bucket and is not in the key", managedTerms("CachingOptimized", "CORS-S3Origin"),
			req("GET /", "Origin", "https://a.example"), req("GET /", "Origin", "https://b.example"), true},
	})
	play(t, []story{
		{"MCP-03, ERR-11: CachingDisabled, every GET is a Miss", disabled, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{0, nil, says(404, "Cache-Control", "max-age=60"), "Error 404 asked"},
			{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
		}},
		{"MCP-12: a silent origin is asked every time", own, []step{
			{0, nil, says(200), "Miss 200 asked"},
			{0, nil, says(200), "Miss 200 asked"},
		}},
		{"MCP-12: max-age=60 is 60 s", own, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{59, nil, nil, "Hit 200 age 59"},
			{60, nil, says(200), "Miss 200 asked"},
		}},
		{"MCP-13: with cookies in the key there is no conditional revalidation", own, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60", "ETag", `"a"`), "Miss 200 asked"},
			{60, nil, says(200), "Miss 200 asked"},
		}},
		{"MORP-09: the first answer's CORS header is everybody's", managedTerms("CachingOptimized", "CORS-S3Origin"), []step{
			{0, req("GET /", "Origin", "https://a.example"), says(200, "Access-Control-Allow-Origin", "https://a.example"), "Miss 200 asked"},
			{1, req("GET /", "Origin", "https://b.example"), nil, "Hit 200 age 1"},
		}},
	})
}
