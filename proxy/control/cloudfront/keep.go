package cloudfront

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Keeper is where resources outlive the process.
type Keeper interface {
	// Keep makes one change last before it returns: record is JSON; nil means the
	// resource is gone. A change that is answered well was kept by one call.
	Keep(kind, id string, record []byte) error
	// Kept tells all records that were kept, in any order.
	Kept(tell func(kind, id string, record []byte) error) error
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Keep(string, string, []byte) error                     { return nil }
func (nowhere) Kept(func(kind, id string, record []byte) error) error { return nil }

// record is one resource. A record on the shelf is never changed, but replaced.
type record struct {
	ID       string
	ETag     string
	Modified time.Time // in cache time
	Config   tree      // as sent, with what was left out filled in
	// Domain and Tags are of distributions only, Canonical, the S3 canonical user
	// id, of origin access identities.
	Domain    string            `json:",omitempty"`
	Tags      map[string]string `json:",omitempty"`
	Canonical string            `json:",omitempty"`
	// Given: it is the distribution of a configuration file, or a policy of one. Only
	// the tags of such a distribution are kept, until it is changed here.
	Given bool `json:",omitempty"`
	// managed: it is one of CloudFront's own policies, which are not kept.
	managed bool
}

// keep makes the change of one record last, and then puts it on the shelf.
func (a *API) keep(kind string, r *record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := a.options.Keep.Keep(kind, r.ID, b); err != nil {
		return fmt.Errorf("keep %s %s: %w", kind, r.ID, err)
	}
	a.shelf[kind][r.ID] = r
	return nil
}

// drop makes the end of one record last, and then takes it from the shelf.
func (a *API) drop(kind, id string) error {
	if err := a.options.Keep.Keep(kind, id, nil); err != nil {
		return fmt.Errorf("drop %s %s: %w", kind, id, err)
	}
	delete(a.shelf[kind], id)
	return nil
}

// load puts on the shelf what was kept, and serves it.
func (a *API) load() error {
	err := a.options.Keep.Kept(func(kind, id string, b []byte) error {
		if a.shelf[kind] == nil {
			return fmt.Errorf("load %s %s: no such kind of resource", kind, id)
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		r := &record{}
		if err := dec.Decode(r); err != nil {
			return fmt.Errorf("load %s %s: %w", kind, id, err)
		}
		a.shelve(kind, r)
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range a.shelf.sorted(distributions) {
		if r.Given {
			continue
		}
		if a.read[r.ID], _, err = a.reading(r.ID, r.Domain, r.Config); err != nil {
			return fmt.Errorf("load %s %s: %w", distributions, r.ID, err)
		}
	}
	return a.serveAll()
}

// shelve puts a record that was kept on the shelf. Of the distribution of a
// configuration file that was not changed here only the tags were.
func (a *API) shelve(kind string, r *record) {
	if !r.Given {
		a.shelf[kind][r.ID] = r
		return
	}
	if now := a.shelf[kind][r.ID]; now != nil {
		tagged := *now
		tagged.Tags = r.Tags
		a.shelf[kind][r.ID] = &tagged
	}
}
