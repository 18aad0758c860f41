package cloudfront

import (
	"reflect"
	"slices"
)

// kind is a sort of resource that is no more than a configuration with an id:
// policies and origin access.
type kind struct {
	name       string // as operations and errors call one: "CachePolicy"
	plural     string // of operations
	collection string // its path, and its kind for a [Keeper]
	// update is where it is changed below its own path. [API-200]
	update string
	uuid   bool // its id is one, and not E… [API-11]
	policy bool // it has a Type in lists, and a time
	// same reports whether another one must not be made beside a resource.
	same func(config, other tree) bool
}

// Collections of the kinds.
const (
	cachePolicies           = "cache-policy"
	originRequestPolicies   = "origin-request-policy"
	responseHeadersPolicies = "response-headers-policy"
	accessControls          = "origin-access-control"
	accessIdentities        = "origin-access-identity/cloudfront"
)

var kinds = []*kind{
	{name: "CachePolicy", plural: "CachePolicies", collection: cachePolicies, uuid: true, policy: true, same: sameName},
	{name: "OriginRequestPolicy", plural: "OriginRequestPolicies", collection: originRequestPolicies, uuid: true, policy: true, same: sameName},
	{name: "ResponseHeadersPolicy", plural: "ResponseHeadersPolicies", collection: responseHeadersPolicies, uuid: true, policy: true, same: sameName},
	{name: "OriginAccessControl", plural: "OriginAccessControls", collection: accessControls, update: "/config", same: sameName},
	{name: "CloudFrontOriginAccessIdentity", plural: "CloudFrontOriginAccessIdentities", collection: accessIdentities, update: "/config",
		same: func(config, other tree) bool {
			return text(config, "CallerReference") == text(other, "CallerReference")
		}},
}

func sameName(config, other tree) bool { return text(config, "Name") == text(other, "Name") }

// operations are the six that every kind has. [API-120] to [API-137], [API-163] to
// [API-174]
func (k *kind) operations() []operation {
	of := func(f func(*kind, *API, *call) (*reply, error)) func(*API, *call) (*reply, error) {
		return func(a *API, c *call) (*reply, error) { return f(k, a, c) }
	}
	all, one := "/"+k.collection, "/"+k.collection+"/{id}"
	return []operation{
		{"Create" + k.name, "POST", all, of((*kind).create)},
		{"Get" + k.name, "GET", one, of((*kind).get)},
		{"Get" + k.name + "Config", "GET", one + "/config", of((*kind).getConfig)},
		{"Update" + k.name, "PUT", one + k.update, of((*kind).change)},
		{"Delete" + k.name, "DELETE", one, of((*kind).remove)},
		{"List" + k.plural, "GET", all, of((*kind).list)},
	}
}

func (k *kind) config() string { return k.name + "Config" }

// document is a resource as the API shows it.
func (k *kind) document(r *record) tree {
	t := tree{"Id": r.ID, k.config(): r.Config}
	if k.policy {
		t["LastModifiedTime"] = timestamp(r.Modified)
	}
	if r.Canonical != "" {
		t["S3CanonicalUserId"] = r.Canonical
	}
	return t
}

func (k *kind) find(a *API, c *call) (*record, error) {
	r := a.shelf[k.collection][c.PathValue("id")]
	if r == nil {
		return nil, refusal("NoSuch"+k.name, "")
	}
	return r, nil
}

func (k *kind) create(a *API, c *call) (*reply, error) {
	config, err := decode(c.body, k.config())
	if err != nil {
		return nil, err
	}
	fill(config, shapeOf(k.config()))
	r := &record{ETag: a.id(), Modified: a.options.Now(), Config: config}
	if k.uuid {
		r.ID = a.uuid()
	} else {
		r.ID = a.id()
	}
	if k.collection == accessIdentities {
		r.Canonical = derived("canonical", r.ID) + derived("user", r.ID)[:32]
	}
	if old := k.double(a, r); old != nil {
		if k.collection == accessIdentities && reflect.DeepEqual(old.Config, config) {
			return k.created(old), nil // the same request again
		}
		return nil, refusal(k.name+"AlreadyExists", "it is "+old.ID)
	}
	if err := k.check(a, r); err != nil {
		return nil, err
	}
	if err := a.keep(k.collection, r); err != nil {
		return nil, err
	}
	return k.created(r), nil
}

func (k *kind) created(r *record) *reply {
	return &reply{status: 201, root: k.name, document: k.document(r), etag: r.ETag, location: k.collection + "/" + r.ID}
}

// double is another resource that r must not be beside; nil if there is none.
func (k *kind) double(a *API, r *record) *record {
	for _, old := range a.shelf.sorted(k.collection) {
		if old.ID != r.ID && k.same(old.Config, r.Config) {
			return old
		}
	}
	return nil
}

func (k *kind) get(a *API, c *call) (*reply, error) {
	r, err := k.find(a, c)
	if err != nil {
		return nil, err
	}
	return &reply{root: k.name, document: k.document(r), etag: r.ETag}, nil
}

func (k *kind) getConfig(a *API, c *call) (*reply, error) {
	r, err := k.find(a, c)
	if err != nil {
		return nil, err
	}
	return &reply{root: k.config(), document: r.Config, etag: r.ETag}, nil
}

// change replaces the whole configuration. [API-42]
func (k *kind) change(a *API, c *call) (*reply, error) {
	old, err := k.find(a, c)
	if err != nil {
		return nil, err
	}
	config, err := decode(c.body, k.config())
	if err != nil {
		return nil, err
	}
	if err := old.fixed("IllegalUpdate"); err != nil {
		return nil, err
	}
	if err := matched(c.Header, old.ETag); err != nil {
		return nil, err
	}
	fill(config, shapeOf(k.config()))
	r := &record{ID: old.ID, ETag: a.id(), Modified: a.options.Now(), Config: config, Canonical: old.Canonical}
	if k.collection == accessIdentities && text(config, "CallerReference") != text(old.Config, "CallerReference") {
		return nil, told("IllegalUpdate", "The caller reference of an origin access identity cannot be changed.")
	}
	if other := k.double(a, r); other != nil {
		return nil, refusal(k.name+"AlreadyExists", "it is "+other.ID)
	}
	if err := k.check(a, r); err != nil {
		return nil, err
	}
	if err := a.replace(k, r); err != nil {
		return nil, err
	}
	return &reply{root: k.name, document: k.document(r), etag: r.ETag}, nil
}

// fixed refuses to change a managed policy [API-205], and one that a configuration
// file has: there it is to be changed.
func (r *record) fixed(code string) error {
	switch {
	case r.managed:
		return refusal(code, r.ID+" is a managed policy")
	case r.Given:
		return refusal(code, r.ID+" stands in a configuration file")
	}
	return nil
}

func (k *kind) remove(a *API, c *call) (*reply, error) {
	r, err := k.find(a, c)
	if err != nil {
		return nil, err
	}
	if err := r.fixed("IllegalDelete"); err != nil {
		return nil, err
	}
	if err := matched(c.Header, r.ETag); err != nil {
		return nil, err
	}
	if users := a.users(k, r.ID); len(users) > 0 {
		return nil, refusal(k.name+"InUse", "it is used by "+users[0].ID)
	}
	if err := a.drop(k.collection, r.ID); err != nil {
		return nil, err
	}
	return &reply{status: 204}, nil
}

func (k *kind) list(a *API, c *call) (*reply, error) {
	all := a.shelf.sorted(k.collection)
	if !k.policy {
		return paged(c, k.name+"List", all, recordID, func(r *record) any { return k.summary(r) })
	}
	switch only := c.URL.Query().Get("Type"); only { // [API-49]
	case "":
	case "managed", "custom":
		all = slices.DeleteFunc(all, func(r *record) bool { return r.managed != (only == "managed") })
	default:
		return nil, refusal("InvalidArgument", "The parameter Type is not valid.")
	}
	return paged(c, k.name+"List", all, recordID, func(r *record) any {
		sort := "custom"
		if r.managed {
			sort = "managed"
		}
		return tree{"Type": sort, k.name: k.document(r)}
	})
}

// summary is a resource of origin access in a list: the members of its
// configuration beside its id.
func (k *kind) summary(r *record) tree {
	t := tree{"Id": r.ID}
	if r.Canonical != "" {
		t["S3CanonicalUserId"] = r.Canonical
	}
	for _, m := range shapeOf(k.name + "Summary").members {
		if v, ok := r.Config[m.name]; ok {
			t[m.name] = v
		}
	}
	return t
}

// uses reports whether a distribution's configuration refers to a resource.
func (k *kind) uses(config tree, id string) bool {
	switch k.collection {
	case accessControls, accessIdentities:
		for _, o := range items(config, "Origins") {
			if o, ok := o.(tree); ok && k.usedBy(o, id) {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(behaviors(config), func(b tree) bool { return text(b, k.name+"Id") == id })
}

func (k *kind) usedBy(origin tree, id string) bool {
	if k.collection == accessControls {
		return text(origin, "OriginAccessControlId") == id
	}
	return text(origin, "S3OriginConfig", "OriginAccessIdentity") == identityPrefix+id
}

// identityPrefix stands before the id of an identity in an origin.
const identityPrefix = "origin-access-identity/cloudfront/"
