package cloudfront

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"time"

	"staleproof/proxy/distribution"
)

// Distributions are those that are served.
func (a *API) Distributions() []*distribution.Distribution { return a.options.Network.Distributions() }

// Serve puts ds in the place of the distributions of configuration files, as when
// these are read again. Those among ds that were made or changed here stay as they
// are here.
func (a *API) Serve(ds []*distribution.Distribution) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(); err != nil {
		return err
	}
	shelf, read, given := a.shelf.clone(), maps.Clone(a.read), a.given
	err := a.configure(ds, a.options.Now())
	if err == nil {
		err = a.serveAll()
	}
	if err != nil {
		a.shelf, a.read, a.given = shelf, read, given
	}
	return err
}

// configure puts distributions of configuration files, with their policies, on the
// shelf in the API's words, in the place of those that stood there, as of now.
func (a *API) configure(ds []*distribution.Distribution, now time.Time) error {
	before := a.shelf.clone()
	a.shelf.dropGiven()
	for _, d := range a.given {
		if r := before[distributions][d.ID]; r != nil && r.Given {
			delete(a.read, d.ID)
		}
	}
	a.given = nil
	for _, d := range ds {
		if a.shelf[distributions][d.ID] == nil {
			a.read[d.ID] = d
		} else if a.read[d.ID] == d {
			continue // it was made here
		}
		a.given = append(a.given, d)
	}
	written, _ := distribution.AWS(a.given...) // its notes are of no use: the edge has what AWS has no words for
	err := documents(written, func(document tree) error {
		if config := sub(document, "DistributionConfig"); config != nil {
			return a.shelveGiven(text(document, "Id"), text(document, "DomainName"), config, before[distributions], now)
		}
		return a.shelvePolicy(document, now, record{Given: true})
	})
	a.putBack(before)
	return err
}

// dropGiven takes what configuration files gave from the shelf.
func (s shelf) dropGiven() {
	for _, records := range s {
		maps.DeleteFunc(records, func(_ string, r *record) bool { return r.Given })
	}
}

// putBack puts policies of the files that were read before back on the shelf, if a
// distribution that was made here refers to them.
func (a *API) putBack(before shelf) {
	for _, k := range kinds {
		for id, r := range before[k.collection] {
			if a.shelf[k.collection][id] == nil && len(a.users(k, id)) > 0 {
				a.shelf[k.collection][id] = r
			}
		}
	}
}

// shelveGiven puts one distribution on the shelf, with the ETag that stays the same
// as long as the configuration does, and the tags it had.
func (a *API) shelveGiven(id, domain string, config tree, before map[string]*record, now time.Time) error {
	if a.shelf[distributions][id] != nil {
		return nil
	}
	fill(config, shapeOf("DistributionConfig"))
	complete(config)
	r := &record{ID: id, Domain: domain, Modified: now, Config: config, Given: true}
	if old := before[id]; old != nil {
		r.Tags = old.Tags
		if reflect.DeepEqual(old.Config, config) {
			r.Modified = old.Modified
		}
	}
	b, err := json.Marshal(config)
	r.ETag = "E" + derived(id, string(b))[:13]
	a.shelf[distributions][id] = r
	return err
}

// shelveManaged puts CloudFront's own policies on the shelf. [CFG-30] to [CFG-49]
func (a *API) shelveManaged() error {
	return documents(distribution.ManagedAWS(), func(document tree) error {
		return a.shelvePolicy(document, time.Unix(0, 0), record{managed: true})
	})
}

// shelvePolicy puts a policy that was not made here on the shelf.
func (a *API) shelvePolicy(document tree, modified time.Time, as record) error {
	for _, k := range kinds {
		p := sub(document, k.name)
		if p == nil {
			continue
		}
		r := as
		r.ID, r.Modified, r.Config = text(p, "Id"), modified, sub(p, k.config())
		if old := a.shelf[k.collection][r.ID]; old != nil && !old.Given {
			return nil
		}
		fill(r.Config, shapeOf(k.config()))
		b, err := json.Marshal(r.Config)
		r.ETag = "E" + derived(r.ID, string(b))[:13]
		a.shelf[k.collection][r.ID] = &r
		return err
	}
	return fmt.Errorf("a document of an unknown kind")
}

// documents tells each of several JSON documents.
func documents(b []byte, tell func(tree) error) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	for {
		var document tree
		err := dec.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = tell(document)
		}
		if err != nil {
			return err
		}
	}
}
