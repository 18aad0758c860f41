package cachepolicy

import (
	"slices"
	"time"
)

// Managed lists CloudFront's managed cache policies. [MCP-01] to [MCP-09]
//
// The API's names carry the prefix "Managed-"; these do not. [MCP-10]
func Managed() []Policy { return slices.Clone(managed) }

// ManagedPolicy finds a managed cache policy by id or by name, with or without
// the API's prefix.
func ManagedPolicy(idOrName string) (Policy, bool) {
	for _, p := range managed {
		if p.ID == idOrName || p.Name == idOrName || "Managed-"+p.Name == idOrName {
			return p, true
		}
	}
	return Policy{}, false
}

func only(names ...string) Selection { return Selection{Mode: Only, Names: names} }

var every = Selection{Mode: All}

var managed = []Policy{
	// [MCP-01]
	{ID: "658327ea-f89d-4fab-a63d-7e88639e58f6", Name: "CachingOptimized",
		MinTTL: time.Second, DefaultTTL: DefaultTTL, MaxTTL: MaxTTL, Gzip: true, Brotli: true},
	// [MCP-02]
	{ID: "b2884449-e4de-46a7-ac36-70bc7f1ddd6d", Name: "CachingOptimizedForUncompressedObjects",
		MinTTL: time.Second, DefaultTTL: DefaultTTL, MaxTTL: MaxTTL},
	// [MCP-03]
	{ID: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", Name: "CachingDisabled"},
	// [MCP-04]
	{ID: "2e54312d-136d-493c-8eb9-b001f22f67d2", Name: "Amplify",
		MinTTL: 2 * time.Second, DefaultTTL: 2 * time.Second, MaxTTL: 600 * time.Second,
		Headers: only("Authorization", "Cloudfront-Viewer-Country", "Host"), Cookies: every, QueryStrings: every,
		Gzip: true, Brotli: true},
	// [MCP-05]
	{ID: "08627262-05a9-4f76-9ded-b50ca2e3a84f", Name: "Elemental-MediaPackage",
		DefaultTTL: DefaultTTL, MaxTTL: MaxTTL,
		Headers: only("Origin"), QueryStrings: only("aws.manifestfilter", "start", "end", "m"), Gzip: true},
	// [MCP-06]
	{ID: "83da9c7e-98b4-4e11-a168-04f0df8e2c65", Name: "UseOriginCacheControlHeaders",
		MaxTTL: MaxTTL, Headers: only("Host", "Origin", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override"),
		Cookies: every, Gzip: true, Brotli: true},
	// [MCP-07]
	{ID: "4cc15a8a-d715-48a4-82b8-cc0b614638fe", Name: "UseOriginCacheControlHeaders-QueryStrings",
		MaxTTL: MaxTTL, Headers: only("Host", "Origin", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override"),
		Cookies: every, QueryStrings: every, Gzip: true, Brotli: true},
	// [MCP-08]
	{ID: "4d1d2f1d-3a71-49ad-9e08-7ea5d843a556", Name: "Amplify-Default",
		MaxTTL: MaxTTL, Headers: only("Accept", "Authorization", "Cloudfront-Viewer-Country", "Host"),
		Cookies: every, QueryStrings: every, Gzip: true, Brotli: true},
	{ID: "a6bad946-36c3-4c33-aa98-362c74a7fb13", Name: "Amplify-DefaultNoCookies",
		MaxTTL: MaxTTL, Headers: only("Accept", "Authorization", "Cloudfront-Viewer-Country", "Host"),
		QueryStrings: every, Gzip: true, Brotli: true},
	// [MCP-09]
	{ID: "1c6db51a-a33f-469a-8245-dae26771f530", Name: "Amplify-ImageOptimization",
		MaxTTL: MaxTTL, Headers: only("Accept", "Authorization", "Host"), QueryStrings: every, Gzip: true, Brotli: true},
	{ID: "7e5fad67-ee98-4ad0-b05a-394999eefc1a", Name: "Amplify-StaticContent",
		MaxTTL: MaxTTL, Headers: only("Authorization", "Host"), Gzip: true, Brotli: true},
}
