package cloudfront

import (
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// shelveManaged puts CloudFront's own policies on the shelf. [CFG-30] to [CFG-49]
func (a *API) shelveManaged() {
	for _, p := range cachepolicy.Managed() {
		a.shelveOwn(cachePolicies, p.ID, cacheConfig(&p))
	}
	for _, p := range cachepolicy.ManagedOriginRequestPolicies() {
		a.shelveOwn(originRequestPolicies, p.ID, originRequestConfig(&p))
	}
	for _, p := range distribution.ManagedResponseHeadersPolicies() {
		a.shelveOwn(responseHeadersPolicies, p.ID, responseHeadersConfig(&p))
	}
}

func (a *API) shelveOwn(collection, id string, config tree) {
	config["Name"] = "Managed-" + text(config, "Name")                                   // [CFG-21]
	if strings.HasPrefix(text(config, "Name"), "Managed-UseOriginCacheControlHeaders") { // [MCP-10]
		config["Name"] = strings.TrimPrefix(text(config, "Name"), "Managed-")
	}
	a.shelf[collection][id] = &record{ID: id, ETag: "E" + derived(id)[:13], Modified: time.Unix(0, 0), Config: config, managed: true}
}

// cacheConfig is a cache policy in the API's words. [CFG-100] to [CFG-104]
func cacheConfig(p *cachepolicy.Policy) tree {
	t := tree{
		"Name": p.Name, "Comment": "",
		"ParametersInCacheKeyAndForwardedToOrigin": tree{
			"EnableAcceptEncodingGzip": p.Gzip, "EnableAcceptEncodingBrotli": p.Brotli,
			"HeadersConfig":      selection("HeaderBehavior", "Headers", spelt(p.Headers)),
			"CookiesConfig":      selection("CookieBehavior", "Cookies", p.Cookies),
			"QueryStringsConfig": selection("QueryStringBehavior", "QueryStrings", p.QueryStrings),
		},
	}
	setLifetimes(t, p)
	return t
}

// originRequestConfig is [CFG-105].
func originRequestConfig(p *cachepolicy.OriginRequestPolicy) tree {
	headers := selection("HeaderBehavior", "Headers", spelt(p.Headers))
	if p.Headers.Mode == cachepolicy.All {
		headers = tree{"HeaderBehavior": "allViewer"}
		if len(p.CloudFrontHeaders) > 0 {
			headers = selection("HeaderBehavior", "Headers", spelt(cachepolicy.Selection{Mode: cachepolicy.Only, Names: p.CloudFrontHeaders}))
			headers["HeaderBehavior"] = "allViewerAndWhitelistCloudFront"
		}
	}
	return tree{
		"Name": p.Name, "Comment": "", "HeadersConfig": headers,
		"CookiesConfig":      selection("CookieBehavior", "Cookies", p.Cookies),
		"QueryStringsConfig": selection("QueryStringBehavior", "QueryStrings", p.QueryStrings),
	}
}

var selectionWords = map[cachepolicy.SelectionMode]string{
	cachepolicy.None: "none", cachepolicy.Only: "whitelist", cachepolicy.AllBut: "allExcept", cachepolicy.All: "all",
}

func selection(behavior, names string, s cachepolicy.Selection) tree {
	t := tree{behavior: selectionWords[s.Mode]}
	if len(s.Names) > 0 {
		t[names] = list(s.Names...)
	}
	return t
}

// spelt gives header names the letters that CloudFront's own ones have.
func spelt(s cachepolicy.Selection) cachepolicy.Selection {
	names := make([]string, len(s.Names))
	for i, n := range s.Names {
		names[i] = headerLetters.Replace(n)
	}
	s.Names = names
	return s
}

var headerLetters = strings.NewReplacer(
	"Cloudfront-Viewer-Asn", "CloudFront-Viewer-ASN", "Cloudfront-Viewer-Tls", "CloudFront-Viewer-TLS",
	"Cloudfront-Is-Ios-", "CloudFront-Is-IOS-", "Cloudfront-Is-Smarttv-", "CloudFront-Is-SmartTV-",
	"Cloudfront-", "CloudFront-", "X-Http-Method", "X-HTTP-Method", "Graphql", "GraphQL",
)

// responseHeadersConfig is [CFG-107] to [CFG-109].
func responseHeadersConfig(p *distribution.ResponseHeadersPolicy) tree {
	t := tree{"Name": p.Name, "Comment": ""}
	if c := p.CORS; c != nil {
		t["CorsConfig"] = corsConfig(c)
	}
	security := tree{}
	var custom, removed []tree
	for _, h := range p.Set {
		if name, section := securitySection(h); name != "" {
			section["Override"] = h.Override
			security[name] = section
			continue
		}
		custom = append(custom, tree{"Header": h.Name, "Value": h.Value, "Override": h.Override})
	}
	for _, name := range p.Remove {
		removed = append(removed, tree{"Header": name})
	}
	if len(security) > 0 {
		t["SecurityHeadersConfig"] = security
	}
	if len(custom) > 0 {
		t["CustomHeadersConfig"] = list(custom...)
	}
	if len(removed) > 0 {
		t["RemoveHeadersConfig"] = list(removed...)
	}
	return t
}

func corsConfig(c *distribution.CORS) tree {
	t := tree{
		"AccessControlAllowOrigins": list(c.AllowOrigins...), "AccessControlAllowHeaders": list(c.AllowHeaders...),
		"AccessControlAllowMethods": list(c.AllowMethods...), "AccessControlAllowCredentials": c.Credentials, "OriginOverride": c.Override,
	}
	if len(c.ExposeHeaders) > 0 {
		t["AccessControlExposeHeaders"] = list(c.ExposeHeaders...)
	}
	if c.MaxAge > 0 {
		t["AccessControlMaxAgeSec"] = number(int64(c.MaxAge / time.Second))
	}
	return t
}

// securitySection is the section of SecurityHeadersConfig that makes a header, if
// one does. [RHP-18] to [RHP-21]
func securitySection(h distribution.ResponseHeader) (string, tree) {
	switch h.Name {
	case "Content-Security-Policy":
		return "ContentSecurityPolicy", tree{"ContentSecurityPolicy": h.Value}
	case "Referrer-Policy":
		return "ReferrerPolicy", tree{"ReferrerPolicy": h.Value}
	case "X-Frame-Options":
		return "FrameOptions", tree{"FrameOption": h.Value}
	case "X-Content-Type-Options":
		return "ContentTypeOptions", tree{}
	case "Strict-Transport-Security":
		age, more, _ := strings.Cut(strings.TrimPrefix(h.Value, "max-age="), ";")
		return "StrictTransportSecurity", tree{
			"AccessControlMaxAgeSec": jsonNumber(age), "IncludeSubdomains": strings.Contains(more, "includeSubDomains"), "Preload": strings.Contains(more, "preload"),
		}
	case "X-Xss-Protection":
		report, reports := strings.CutPrefix(h.Value, "1; report=")
		t := tree{"Protection": strings.HasPrefix(h.Value, "1"), "ModeBlock": strings.Contains(h.Value, "mode=block")}
		if reports {
			t["ReportUri"] = report
		}
		return "XSSProtection", t
	}
	return "", nil
}
