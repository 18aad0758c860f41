package distribution

import (
	"cmp"
	"reflect"
	"strings"

	"staleproof/cachepolicy"
)

// policy writes a policy unless it is written, and is the id that it has there.
// Config is its configuration without name.
func (w *amazonWriter) policy(kind, id, name, at string, config section) string {
	content := kind + string(renderJSON(nil, config, "")) + name
	if id == "" || w.ids[id] != "" && w.ids[id] != content {
		id = derivedID(content + id)
	}
	if w.ids[id] == content {
		return id
	}
	w.ids[id] = content
	given := cmp.Or(name, "policy-"+id[:min(8, len(id))])
	if w.names[kind+given] != "" { // [CFG-03]: the same name twice is another policy
		w.note(at, "there is another policy of the name %s: this one is called otherwise", given)
		given += "-" + id
	}
	w.names[kind+given] = id
	doc := section{{kind, section{{"Id", id}, {kind + "Config", append(section{{"Name", given}}, config...)}}}}
	w.policies = append(renderJSON(w.policies, doc, ""), '\n')
	return id
}

// cachePolicy is the id of a cache policy. [CFG-100] to [CFG-104]
func (w *amazonWriter) cachePolicy(p *cachepolicy.Policy, at string) string {
	m, managed := cachepolicy.ManagedPolicy(p.ID)
	if managed && reflect.DeepEqual(m, *p) {
		return p.ID
	}
	return w.policy("CachePolicy", own(p.ID, managed), p.Name, at, cacheConfig(p))
}

func cacheConfig(p *cachepolicy.Policy) section {
	return append(lifetimes(p), entry{"ParametersInCacheKeyAndForwardedToOrigin", section{
		{"EnableAcceptEncodingGzip", p.Gzip}, {"EnableAcceptEncodingBrotli", p.Brotli},
		{"HeadersConfig", amazonNames("HeaderBehavior", "Headers", p.Headers.Mode, spelled(p.Headers.Names))},
		{"CookiesConfig", amazonNames("CookieBehavior", "Cookies", p.Cookies.Mode, p.Cookies.Names)},
		{"QueryStringsConfig", amazonNames("QueryStringBehavior", "QueryStrings", p.QueryStrings.Mode, p.QueryStrings.Names)},
	}})
}

// own is the id of a policy that is not CloudFront's.
func own(id string, managed bool) string {
	if managed {
		return ""
	}
	return id
}

// originRequest is the id of an origin request policy; "": there is none. [CFG-105]
func (w *amazonWriter) originRequest(p *cachepolicy.OriginRequestPolicy, at string) string {
	m, managed := cachepolicy.ManagedOriginRequestPolicy(p.ID)
	switch {
	case managed && reflect.DeepEqual(m, *p):
		return p.ID
	case reflect.DeepEqual(*p, cachepolicy.OriginRequestPolicy{}):
		return ""
	}
	return w.policy("OriginRequestPolicy", own(p.ID, managed), p.Name, at, requestConfig(p))
}

func requestConfig(p *cachepolicy.OriginRequestPolicy) section {
	headers := amazonNames("HeaderBehavior", "Headers", p.Headers.Mode, spelled(p.Headers.Names))
	if p.Headers.Mode == cachepolicy.All { // [CFG-106]
		headers = section{{"HeaderBehavior", "allViewer"}}
		if len(p.CloudFrontHeaders) > 0 {
			headers = section{{"HeaderBehavior", "allViewerAndWhitelistCloudFront"}, {"Headers", wrapped(spelled(p.CloudFrontHeaders))}}
		}
	}
	return section{
		{"HeadersConfig", headers},
		{"CookiesConfig", amazonNames("CookieBehavior", "Cookies", p.Cookies.Mode, p.Cookies.Names)},
		{"QueryStringsConfig", amazonNames("QueryStringBehavior", "QueryStrings", p.QueryStrings.Mode, p.QueryStrings.Names)},
	}
}

// selectionModes are the words of [CFG-106].
var selectionModes = []word[cachepolicy.SelectionMode]{
	{"none", cachepolicy.None}, {"all", cachepolicy.All}, {"whitelist", cachepolicy.Only}, {"allExcept", cachepolicy.AllBut},
}

func amazonNames(behavior, key string, mode cachepolicy.SelectionMode, names []string) section {
	s := section{{behavior, wordFor(mode, selectionModes)}}
	if len(names) > 0 {
		s = append(s, entry{key, wrapped(names)})
	}
	return s
}

// spelled gives CloudFront's own headers the letters that they have there.
func spelled(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = capitals.Replace(n)
	}
	return out
}

var capitals = strings.NewReplacer(
	"Cloudfront-Is-Ios-", "CloudFront-Is-IOS-", "Cloudfront-Is-Smarttv-", "CloudFront-Is-SmartTV-",
	"Cloudfront-Viewer-Asn", "CloudFront-Viewer-ASN", "Cloudfront-Viewer-Tls", "CloudFront-Viewer-TLS",
	"Cloudfront-Viewer-Ja3-", "CloudFront-Viewer-JA3-", "Cloudfront-Viewer-Ja4-", "CloudFront-Viewer-JA4-",
	"Cloudfront-", "CloudFront-", "X-Http-Method", "X-HTTP-Method",
)
