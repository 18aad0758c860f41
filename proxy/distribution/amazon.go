package distribution

import (
	"strings"

	"staleproof/cachepolicy"
)

// amazon reads what the AWS command line prints for get-distribution-config and
// get-distribution, or a bare DistributionConfig, in JSON or YAML. [CFG-01], [CFG-04]
//
// What is read but not emulated becomes a note, and so does what is not known: the
// API grows, and a setting of tomorrow is no mistake of the file's.
func (r *reader) amazon(root *node, shelf *shelf) *Distribution {
	r.where = map[string]*node{}
	d := &Distribution{Enabled: true}
	config := root
	if v := root.at("Distribution"); v != nil {
		o := r.object(v)
		o.text("Id", &d.ID)
		o.text("DomainName", &d.Domain)
		config = o.take("DistributionConfig")
	} else if v := root.at("DistributionConfig"); v != nil {
		o := r.object(root) // an id and a domain name as AWS writes them [CFG-01]
		o.text("Id", &d.ID)
		o.text("DomainName", &d.Domain)
		config = v
	}
	if config == nil {
		r.refuse(root, "", "", "there is no DistributionConfig in it")
		return d
	}
	r.where[""] = config
	o := r.object(config)
	o.take("CallerReference") // [API-265]: names the creation, not a setting
	for _, item := range r.itemsOf(o, "Aliases") {
		d.Aliases = append(d.Aliases, r.text(item))
	}
	o.flag("Enabled", &d.Enabled)
	o.text("Comment", &d.Comment)
	o.text("DefaultRootObject", &d.DefaultRootObject)
	if v := o.take("CacheTagConfig"); v != nil { // [CFG-94]
		in := r.object(v)
		in.text("HeaderName", &d.TagHeader)
		in.leave(nil)
		r.where["tagHeader"] = v
	}
	r.amazonOrigins(o, d)
	for i, item := range r.itemsOf(o, "CacheBehaviors") {
		d.Behaviors = append(d.Behaviors, r.amazonBehavior(item, d, shelf, index("cacheBehaviors", i)))
	}
	def := o.take("DefaultCacheBehavior")
	if def == nil {
		r.refuse(config, "InvalidArgument", "", "DefaultCacheBehavior is missing")
		return d
	}
	b := r.amazonBehavior(def, d, shelf, "defaultCacheBehavior")
	b.PathPattern = "*" // [PATH-02]
	d.Behaviors = append(d.Behaviors, b)
	for i, item := range r.itemsOf(o, "CustomErrorResponses") {
		d.ErrorResponses = append(d.ErrorResponses, r.amazonErrorResponse(item, index("customErrorResponses", i)))
	}
	o.leave(unemulatedDistribution)
	return d
}

// amazonErrorResponse is [CFG-90].
func (r *reader) amazonErrorResponse(n *node, ours string) ErrorResponse {
	e := ErrorResponse{MinTTL: defaultErrorTTL} // [API-311]
	o := r.object(n)
	o.count("ErrorCode", &e.Code)
	o.text("ResponsePagePath", &e.Page)
	if v := o.take("ResponseCode"); v != nil && v.text != "" { // a string that may be empty
		e.Status = r.count(v)
	}
	o.duration("ErrorCachingMinTTL", &e.MinTTL)
	o.leave(nil)
	r.renamed(n, ours, "code ErrorCode", "page ResponsePagePath", "status ResponseCode", "minTTL ErrorCachingMinTTL")
	return e
}

// renamed records where settings stand that have another name there.
func (r *reader) renamed(n *node, ours string, pairs ...string) {
	r.where[ours] = n
	for _, p := range pairs {
		name, theirs, _ := strings.Cut(p, " ")
		r.where[ours+"."+name] = n.find(theirs)
	}
}

// items are those of a list in the API's wrapping, {Quantity, Items}, or bare.
// [CFG-02], [API-280]
func (r *reader) items(n *node) []*node {
	if n == nil || n.kind == nullKind {
		return nil
	}
	if n.kind == listKind {
		return n.items
	}
	o := r.object(n)
	quantity := -1
	o.count("Quantity", &quantity)
	var items []*node
	if v := o.take("Items"); v != nil {
		items = r.list(v)
	}
	if quantity >= 0 && quantity != len(items) {
		r.refuse(n, "InconsistentQuantities", "", "Quantity is %d, but there are %d items", quantity, len(items))
	}
	return items
}

func (r *reader) itemsOf(o *object, key string) []*node { return r.items(o.take(key)) }

func (r *reader) itemNames(o *object, key string) (names []string) {
	for _, item := range r.itemsOf(o, key) {
		names = append(names, r.text(item))
	}
	return names
}

// leave notes what nobody asked for: known settings that are not emulated, with the
// reason, where they ask for something; and settings that are not known.
func (o *object) leave(unemulated map[string]string) {
	asked := map[string]bool{}
	for _, k := range o.asked {
		asked[k] = true
	}
	for _, f := range o.n.fields {
		reason, known := unemulated[f.key]
		switch {
		case asked[f.key]:
		case !known:
			o.r.note(f.value, "not known here, ignored")
		case reason != "" && !f.value.asksNothing():
			o.r.note(f.value, "not emulated: %s", reason)
		}
	}
}

// amazonSelection reads a behavior and the names that go with it. [CFG-106]
func (r *reader) amazonSelection(o *object, behavior, names string) (s cachepolicy.Selection) {
	word := "none"
	o.text(behavior, &word)
	s.Names = r.itemNames(o, names)
	switch word {
	case "none":
	case "all":
		s.Mode = cachepolicy.All
	case "whitelist":
		s.Mode = cachepolicy.Only
	case "allExcept":
		s.Mode = cachepolicy.AllBut
	default:
		r.refuse(o.n, "InvalidArgument", "none, whitelist, allExcept or all", "%s %q is not known", behavior, word)
		return cachepolicy.Selection{}
	}
	if named := s.Mode == cachepolicy.Only || s.Mode == cachepolicy.AllBut; named != (len(s.Names) > 0) { // [API-307]
		r.refuse(o.n, "InvalidArgument", "", "%s %q with %d names", behavior, word, len(s.Names))
		s.Names = nil
	}
	return s
}

// unemulatedDistribution says why a setting has no effect; "": there is nothing to
// say.
var unemulatedDistribution = map[string]string{
	"Logging":                       "no log files are put into a bucket",
	"PriceClass":                    "every edge location serves every viewer",
	"ViewerCertificate":             "the certificate is the edge's own",
	"Restrictions":                  "viewers are not located",
	"WebACLId":                      "there is no web application firewall",
	"HttpVersion":                   "the edge speaks the versions it is started with",
	"IsIPV6Enabled":                 "the edge listens where it is told to",
	"ContinuousDeploymentPolicyId":  "there are no staging distributions",
	"Staging":                       "there are no staging distributions",
	"AnycastIpListId":               "the edge listens where it is told to",
	"TenantConfig":                  "there are no distribution tenants",
	"ConnectionMode":                "there are no distribution tenants",
	"ViewerMtlsConfig":              "viewers are not asked for certificates",
	"ConnectionFunctionAssociation": "there are no connection functions",
}
