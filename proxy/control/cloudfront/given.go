package cloudfront

import (
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// shelveGiven puts the distributions of configuration files on the shelf, in the
// API's words, and the policies they have.
func (a *API) shelveGiven() {
	for _, d := range a.given {
		a.read[d.ID] = d
		a.shelf[distributions][d.ID] = &record{
			ID: d.ID, Domain: d.Domain, ETag: "E" + derived(d.ID, d.Domain)[:13], Modified: a.options.Now(), Config: a.configOf(d), Given: true,
		}
	}
}

// configOf is a distribution in the API's words. [CFG-60] to [CFG-95]
func (a *API) configOf(d *distribution.Distribution) tree {
	var origins, groups, between, errors []tree
	for i := range d.Origins {
		origins = append(origins, originConfig(&d.Origins[i]))
	}
	for _, g := range d.OriginGroups {
		groups = append(groups, tree{
			"Id": g.ID, "Members": list(tree{"OriginId": g.Primary}, tree{"OriginId": g.Secondary}),
			"FailoverCriteria": tree{"StatusCodes": numbers(g.Statuses)},
		})
	}
	last := len(d.Behaviors) - 1
	for i := range d.Behaviors[:last] {
		between = append(between, a.behaviorConfig(d, &d.Behaviors[i]))
	}
	for _, e := range d.ErrorResponses {
		t := tree{"ErrorCode": number(e.Code), "ResponsePagePath": e.Page, "ErrorCachingMinTTL": seconds(e.MinTTL)}
		if e.Status != 0 {
			t["ResponseCode"] = number(e.Status).String()
		}
		errors = append(errors, t)
	}
	def := a.behaviorConfig(d, &d.Behaviors[last])
	delete(def, "PathPattern")
	t := tree{
		"CallerReference": d.ID, "Aliases": list(d.Aliases...), "Comment": d.Comment, "Enabled": d.Enabled, "DefaultRootObject": d.DefaultRootObject,
		"Origins": list(origins...), "OriginGroups": list(groups...), "CacheBehaviors": list(between...), "DefaultCacheBehavior": def,
		"CustomErrorResponses": list(errors...),
	}
	if d.TagHeader != "" {
		t["CacheTagConfig"] = tree{"HeaderName": d.TagHeader}
	}
	fill(t, shapeOf("DistributionConfig"))
	complete(t)
	return t
}

func originConfig(o *distribution.Origin) tree {
	var headers []tree
	for _, h := range o.Headers {
		headers = append(headers, tree{"HeaderName": h.Name, "HeaderValue": h.Value})
	}
	t := tree{
		"Id": o.ID, "DomainName": o.Domain, "OriginPath": o.Path, "CustomHeaders": list(headers...),
		"ConnectionAttempts": number(o.ConnectionAttempts), "ConnectionTimeout": seconds(o.ConnectionTimeout),
	}
	if o.S3 {
		t["S3OriginConfig"] = tree{"OriginAccessIdentity": "", "OriginReadTimeout": seconds(o.ReadTimeout)}
		return t
	}
	t["CustomOriginConfig"] = tree{
		"HTTPPort": number(o.HTTPPort), "HTTPSPort": number(o.HTTPSPort), "OriginProtocolPolicy": protocolWords[o.Protocol],
		"OriginReadTimeout": seconds(o.ReadTimeout), "OriginKeepaliveTimeout": seconds(o.KeepAlive),
	}
	return t
}

var (
	protocolWords = map[distribution.Protocol]string{
		distribution.MatchViewer: "match-viewer", distribution.HTTPOnly: "http-only", distribution.HTTPSOnly: "https-only",
	}
	viewerWords = map[distribution.ViewerProtocol]string{
		distribution.AllowAll: "allow-all", distribution.RedirectToHTTPS: "redirect-to-https", distribution.ViewerHTTPSOnly: "https-only",
	}
	methodWords = map[distribution.Methods][]string{
		distribution.GetHead: {"HEAD", "GET"}, distribution.GetHeadOptions: {"HEAD", "GET", "OPTIONS"},
		distribution.AllMethods: {"HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"},
	}
)

func (a *API) behaviorConfig(d *distribution.Distribution, b *distribution.Behavior) tree {
	methods, cached := list(methodWords[b.Methods]...), distribution.GetHead
	if b.Terms.CachedOptions {
		cached = distribution.GetHeadOptions
	}
	methods["CachedMethods"] = list(methodWords[cached]...)
	t := tree{
		"PathPattern": b.PathPattern, "TargetOriginId": b.TargetOriginID, "ViewerProtocolPolicy": viewerWords[b.ViewerProtocol],
		"AllowedMethods": methods, "Compress": b.Compress,
	}
	if p := b.ResponseHeaders; p != nil {
		t["ResponseHeadersPolicyId"] = a.policyOf(responseHeadersPolicies, p.ID, responseHeadersConfig(p))
	}
	if b.Terms.Legacy {
		t["ForwardedValues"] = forwardedValues(&b.Terms)
		setLifetimes(t, &b.Terms.Policy)
		return t
	}
	t["CachePolicyId"] = a.policyOf(cachePolicies, b.Terms.Policy.ID, cacheConfig(&b.Terms.Policy))
	if p := b.Terms.OriginRequest; p.ID != "" || p.Headers.Mode != 0 || p.Cookies.Mode != 0 || p.QueryStrings.Mode != 0 {
		t["OriginRequestPolicyId"] = a.policyOf(originRequestPolicies, p.ID, originRequestConfig(&p))
	}
	return t
}

// policyOf is the id of a policy that a distribution of a configuration file has. One
// that was written without an id gets one that stays the same as long as the policy
// does.
func (a *API) policyOf(collection, id string, config tree) string {
	if id == "" {
		id = derivedUUID(collection, string(encode(rootOf[collection], config)))
	}
	if text(config, "Name") == "" {
		config["Name"] = "given-" + id[:8]
	}
	if a.shelf[collection][id] == nil {
		a.shelf[collection][id] = &record{ID: id, ETag: "E" + derived(id)[:13], Modified: a.options.Now(), Config: config, Given: true}
	}
	return id
}

var rootOf = map[string]string{
	cachePolicies: "CachePolicyConfig", originRequestPolicies: "OriginRequestPolicyConfig", responseHeadersPolicies: "ResponseHeadersPolicyConfig",
}

// forwardedValues is [CFG-84].
func forwardedValues(t *cachepolicy.Terms) tree {
	p := &t.Policy
	cookies := tree{"Forward": selectionWords[p.Cookies.Mode]}
	if len(p.Cookies.Names) > 0 {
		cookies["WhitelistedNames"] = list(p.Cookies.Names...)
	}
	headers := list(p.Headers.Names...)
	if p.Headers.Mode == cachepolicy.All { // [LEG-06]
		headers = list("*")
	}
	return tree{
		"QueryString": p.QueryStrings.Mode != cachepolicy.None, "Cookies": cookies, "Headers": headers,
		"QueryStringCacheKeys": list(p.QueryStrings.Names...),
	}
}

func seconds(d time.Duration) any { return number(int64(d / time.Second)) }

func numbers(values []int) tree {
	var all []any
	for _, v := range values {
		all = append(all, number(v))
	}
	return list(all...)
}
