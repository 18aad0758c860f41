package cloudfront

import (
	"errors"
	"fmt"

	"staleproof/proxy/distribution"
)

// settle completes and checks a distribution, serves it, and puts it on the shelf;
// or it refuses it, and nothing has changed. [API-266] Old is what it replaces; nil:
// it is new.
func (a *API) settle(r, old *record) error {
	sent := copied(r.Config)
	fill(r.Config, shapeOf("DistributionConfig"))
	complete(r.Config)
	if err := a.allowed(r, old); err != nil {
		return err
	}
	d, notes, err := a.reading(r.ID, r.Domain, r.Config)
	if err != nil {
		return err
	}
	lifetimes(r.Config, d)
	r.ETag, r.Modified = a.id(), a.options.Now()
	before := a.read[r.ID]
	a.read[r.ID] = d
	if err = a.serveWith(r); err == nil {
		if err = a.keep(distributions, r); err == nil {
			var was tree
			if old != nil {
				was = old.Config
			}
			a.say(r.ID, sent, was, notes)
			return nil
		}
	}
	if a.read[r.ID] = before; before == nil {
		delete(a.read, r.ID)
	}
	return unlasting(err, a.serveAll())
}

// unlasting joins a change that could not be kept, or served, with what became of
// taking it back.
func unlasting(err, back error) error {
	if back != nil {
		return errors.Join(err, fmt.Errorf("serve what was served before: %w", back))
	}
	return err
}

// replace puts a changed resource in the place of the old one, and serves anew the
// distributions that refer to it.
func (a *API) replace(k *kind, r *record) error {
	old := a.shelf[k.collection][r.ID]
	a.shelf[k.collection][r.ID] = r
	before := map[string]*distribution.Distribution{}
	err := func() error {
		for _, user := range a.users(k, r.ID) {
			d, _, err := a.reading(user.ID, user.Domain, user.Config)
			if err != nil {
				return err
			}
			before[user.ID] = a.read[user.ID]
			a.read[user.ID] = d
		}
		if err := a.serveAll(); err != nil {
			return err
		}
		return a.keep(k.collection, r)
	}()
	if err == nil {
		return nil
	}
	a.shelf[k.collection][r.ID] = old
	for id, d := range before {
		a.read[id] = d
	}
	return unlasting(err, a.serveAll())
}
