package cachepolicy

import "slices"

// ManagedOriginRequestPolicies lists CloudFront's managed origin request
// policies. [MORP-01] to [MORP-08]
//
// The API's names carry the prefix "Managed-"; these do not. [CFG-21]
func ManagedOriginRequestPolicies() []OriginRequestPolicy {
	return slices.Clone(managedOriginRequest)
}

// ManagedOriginRequestPolicy finds a managed origin request policy by id or by
// name, with or without the API's prefix.
func ManagedOriginRequestPolicy(idOrName string) (OriginRequestPolicy, bool) {
	for _, p := range managedOriginRequest {
		if p.ID == idOrName || p.Name == idOrName || "Managed-"+p.Name == idOrName {
			return p, true
		}
	}
	return OriginRequestPolicy{}, false
}

var managedOriginRequest = []OriginRequestPolicy{
	// [MORP-01]
	{ID: "216adef6-5c7f-47e4-b989-5492eafa07d3", Name: "AllViewer",
		Headers: every, Cookies: every, QueryStrings: every},
	// [MORP-02]; without CloudFront headers, as its settings list has it: D-7.
	{ID: "b689b0a8-53d0-40ab-baf2-68738e2966ac", Name: "AllViewerExceptHostHeader",
		Headers: Selection{Mode: AllBut, Names: []string{"Host"}}, Cookies: every, QueryStrings: every},
	// [MORP-03]
	{ID: "33f36d7e-f396-46d9-90e0-52428a34d9dc", Name: "AllViewerAndCloudFrontHeaders-2022-06",
		Headers: every, Cookies: every, QueryStrings: every,
		CloudFrontHeaders: []string{
			"Cloudfront-Forwarded-Proto",
			"Cloudfront-Is-Android-Viewer", "Cloudfront-Is-Desktop-Viewer", "Cloudfront-Is-Ios-Viewer",
			"Cloudfront-Is-Mobile-Viewer", "Cloudfront-Is-Smarttv-Viewer", "Cloudfront-Is-Tablet-Viewer",
			"Cloudfront-Viewer-Address", "Cloudfront-Viewer-Asn", "Cloudfront-Viewer-City",
			"Cloudfront-Viewer-Country", "Cloudfront-Viewer-Country-Name", "Cloudfront-Viewer-Country-Region",
			"Cloudfront-Viewer-Country-Region-Name", "Cloudfront-Viewer-Http-Version", "Cloudfront-Viewer-Latitude",
			"Cloudfront-Viewer-Longitude", "Cloudfront-Viewer-Metro-Code", "Cloudfront-Viewer-Postal-Code",
			"Cloudfront-Viewer-Time-Zone", "Cloudfront-Viewer-Tls",
		}},
	// [MORP-04]
	{ID: "59781a5b-3903-41f3-afcb-af62929ccde1", Name: "CORS-CustomOrigin", Headers: only("Origin")},
	// [MORP-05]
	{ID: "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", Name: "CORS-S3Origin",
		Headers: only("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method")},
	// [MORP-06]
	{ID: "775133bc-15f2-49f9-abea-afb2e0bf67d2", Name: "Elemental-MediaTailor-PersonalizedManifests",
		Headers: only("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method",
			"User-Agent", "X-Forwarded-For"),
		QueryStrings: every},
	// [MORP-07]
	{ID: "bf0718e1-ba1e-49d1-88b1-f726733018ae", Name: "HostHeaderOnly", Headers: only("Host")},
	// [MORP-08]
	{ID: "acba4595-bd28-49b8-b9fe-13317c0390fa", Name: "UserAgentRefererHeaders", Headers: only("User-Agent", "Referer")},
}
