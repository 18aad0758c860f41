package cloudfront

import (
	"encoding/json"
	"slices"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// reading is a configuration as the edge has it. It is read by package distribution
// and nobody else, and what is refused there is refused.
func (a *API) reading(id, domain string, config tree) (*distribution.Distribution, []distribution.Note, error) {
	sources, err := a.policySources(config)
	if err != nil {
		return nil, nil, err
	}
	b, err := json.Marshal(tree{"Distribution": tree{"Id": id, "DomainName": domain, "DistributionConfig": config}})
	if err != nil {
		return nil, nil, err
	}
	ds, notes, err := distribution.ReadSources(append(sources, distribution.Source{Name: "request", Data: b}))
	if err != nil {
		return nil, nil, err
	}
	d := ds[0]
	a.carryOver(d)
	if arrange := a.options.Arrange; arrange != nil {
		if err := arrange(d); err != nil {
			return nil, nil, err
		}
	}
	return d, notes, a.apart(d)
}

// policySources are the policies that a configuration refers to. Managed ones are
// known to the reader.
func (a *API) policySources(config tree) (sources []distribution.Source, err error) {
	for _, k := range kinds[:3] {
		var done []string
		for _, b := range behaviors(config) {
			id := text(b, k.name+"Id")
			r := a.shelf[k.collection][id]
			if r == nil || r.managed || slices.Contains(done, id) {
				continue
			}
			done = append(done, id)
			b, err := json.Marshal(tree{k.name: tree{"Id": id, k.config(): r.Config}})
			if err != nil {
				return nil, err
			}
			sources = append(sources, distribution.Source{Name: k.name + " " + id, Data: b})
		}
	}
	return sources, nil
}

// carryOver keeps what the API has no words for and the distribution had before:
// where an origin is really reached, and the switches of the emulation.
func (a *API) carryOver(d *distribution.Distribution) {
	old := a.read[d.ID]
	if old == nil {
		return
	}
	d.Emulation = old.Emulation
	for i := range d.Behaviors {
		d.Behaviors[i].Terms.Emulation = old.Emulation
	}
	for i := range d.Origins {
		if was := old.Origin(d.Origins[i].ID); was != nil && was.Domain == d.Origins[i].Domain {
			d.Origins[i].URL = was.URL
		}
	}
}

// apart refuses an alias that another distribution has. [API-294]
func (a *API) apart(d *distribution.Distribution) error {
	for id, other := range a.read {
		for _, alias := range other.Aliases {
			if id != d.ID && slices.Contains(d.Aliases, alias) {
				return refusal("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource: "+alias+" is an alias of "+id+".")
			}
		}
	}
	return nil
}

// check refuses a policy that package distribution refuses, whatever it will be
// used for: it is read for a distribution made up for that.
func (k *kind) check(a *API, r *record) error {
	if !k.policy {
		return nil
	}
	behavior := tree{"TargetOriginId": "origin", "ViewerProtocolPolicy": "allow-all", k.name + "Id": r.ID}
	if k.collection != cachePolicies {
		behavior["CachePolicyId"] = "658327ea-f89d-4fab-a63d-7e88639e58f6" // CachingOptimized
	}
	policy, err := json.Marshal(tree{k.name: tree{"Id": r.ID, k.config(): r.Config}})
	if err != nil {
		return err
	}
	made, err := json.Marshal(tree{"DistributionConfig": tree{"DefaultCacheBehavior": behavior, "Origins": list(tree{
		"Id": "origin", "DomainName": "origin.example", "CustomOriginConfig": tree{"OriginProtocolPolicy": "http-only"},
	})}})
	if err != nil {
		return err
	}
	ds, notes, err := distribution.ReadSources([]distribution.Source{{Name: "request", Data: policy}, {Name: "made", Data: made}})
	if err != nil {
		return err
	}
	for _, n := range notes {
		if a.options.Note != nil {
			a.options.Note(r.ID, n)
		}
	}
	if k.collection == cachePolicies {
		setLifetimes(r.Config, &ds[0].Behaviors[0].Terms.Policy) // [API-310]
	}
	return nil
}

// lifetimes fills in the bounds of behaviors without a cache policy, as they were
// read. [LEG-08]
func lifetimes(config tree, d *distribution.Distribution) {
	for i, b := range behaviors(config) {
		if text(b, "CachePolicyId") == "" {
			setLifetimes(b, &d.Behaviors[i].Terms.Policy)
		}
	}
}

func setLifetimes(t tree, p *cachepolicy.Policy) {
	for name, d := range map[string]time.Duration{"MinTTL": p.MinTTL, "DefaultTTL": p.DefaultTTL, "MaxTTL": p.MaxTTL} {
		if _, given := t[name]; !given {
			t[name] = number(int64(d / time.Second))
		}
	}
}
