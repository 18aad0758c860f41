package cloudfront

import (
	"slices"

	"staleproof/proxy/distribution"
)

// serveAll serves what is on the shelf: those of the configuration files in their
// order, then the others. A staging distribution cannot be requested. [CFG-121]
func (a *API) serveAll() error { return a.serveWith(nil) }

// serveWith does so as if r were on the shelf.
func (a *API) serveWith(r *record) error {
	var all []*distribution.Distribution
	add := func(id string) {
		d, on := a.read[id], a.shelf[distributions][id]
		if r != nil && r.ID == id {
			on = r
		}
		if d != nil && on != nil && !flag(on.Config, "Staging") && !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	for _, d := range a.given {
		add(d.ID)
	}
	for _, on := range a.shelf.sorted(distributions) {
		add(on.ID)
	}
	if r != nil {
		add(r.ID)
	}
	return a.options.Network.Serve(all)
}
