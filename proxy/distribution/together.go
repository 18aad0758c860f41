package distribution

import "slices"

// together checks what d must not share with the other distributions of one edge.
// [HOST-04]
func (r *reader) together(d *Distribution, others []*Distribution, file string) {
	for _, other := range others {
		if d.ID == other.ID && d.ID != "" {
			r.found = append(r.found, &Error{File: file, Path: "id", Code: "DistributionAlreadyExists", What: "another distribution has the id " + d.ID})
		}
		for _, a := range d.Aliases {
			if slices.Contains(other.Aliases, a) {
				r.found = append(r.found, &Error{File: file, Path: "aliases", Code: "CNAMEAlreadyExists", What: a + " is an alias of distribution " + other.ID + ", too"})
			}
		}
	}
}
