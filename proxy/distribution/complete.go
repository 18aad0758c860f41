package distribution

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// defaultErrorTTL is the error caching minimum TTL where none is given. [ERR-04]
const defaultErrorTTL = 10 * time.Second

// identity is what a generated id is made from: the same file gives the same id.
func (o Options) identity(s Source, i int) string {
	sum := sha256.Sum256(s.Data)
	if first, again := o.First[s.Name]; again {
		sum = first
	} else if o.First != nil {
		o.First[s.Name] = sum
	}
	return fmt.Sprintf("%s\n%d\n%x", s.Name, i, sum)
}

// generated are the id and the domain of a distribution that has none. [API-11]
func generated(identity string) (id, domain string) {
	letters := symbols(identity)
	return "E" + letters[:13], "d" + strings.ToLower(letters[13:]) + ".cloudfront.net"
}

// symbols are 26 capitals and digits made from a text.
func symbols(of string) string {
	const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	sum := sha256.Sum256([]byte(of))
	letters := make([]byte, 26)
	for i := range letters {
		letters[i] = symbols[int(sum[i])%len(symbols)]
	}
	return string(letters)
}

// complete fills in what is left out, and works out the terms of each behavior
// from the settings around it.
func (d *Distribution) complete(identity string) {
	id, domain := generated(identity)
	d.ID, d.Domain = cmp.Or(d.ID, id), cmp.Or(d.Domain, domain)
	errorTTL := map[int]time.Duration{}
	for _, e := range d.ErrorResponses {
		errorTTL[e.Code] = e.MinTTL
	}
	for i := range d.Behaviors {
		t := &d.Behaviors[i].Terms
		t.ErrorTTL = errorTTL
		t.TagHeader = d.TagHeader
		t.Emulation = d.Emulation
		if o := d.target(d.Behaviors[i].TargetOriginID); o != nil {
			t.S3 = o.S3
			t.IgnoresEncoding = slices.ContainsFunc(o.Headers, func(h Header) bool {
				return strings.EqualFold(h.Name, "Accept-Encoding") && h.Value == "" // [AE-10]
			})
		}
	}
}

// target is the origin that a behavior asks first, nil if there is none.
func (d *Distribution) target(id string) *Origin {
	for _, g := range d.OriginGroups {
		if g.ID == id {
			return d.Origin(g.Primary)
		}
	}
	return d.Origin(id)
}

// Simple is a distribution with one origin, reached at originURL
// (scheme://host:port, and a path that becomes the origin path), that caches as
// CachingOptimized does, compresses, and allows all methods. Query says which
// query parameters are in the cache key. The same arguments give the same id and
// domain.
func Simple(originURL string, query cachepolicy.Selection) (*Distribution, error) {
	o := newOrigin("origin")
	if err := o.setURL(originURL); err != nil {
		return nil, fmt.Errorf("origin %s: %w", originURL, err)
	}
	policy, _ := cachepolicy.ManagedPolicy("CachingOptimized")
	if query.Mode != cachepolicy.None {
		policy.ID, policy.Name = "", "CachingOptimized with query strings in the key"
		policy.QueryStrings = query
	}
	d := &Distribution{
		Enabled: true,
		Origins: []Origin{o},
		Behaviors: []Behavior{{
			PathPattern: "*", TargetOriginID: o.ID, Methods: AllMethods, Compress: true,
			Terms: cachepolicy.Terms{Policy: policy},
		}},
	}
	d.complete(fmt.Sprintf("%s\n%v", originURL, query))
	return d, d.Check()
}
