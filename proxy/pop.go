package proxy

import (
	"fmt"
	"strconv"
	"strings"
)

// Named are the tiers with a name: an edge location by number from 1 or by name,
// "regional", or with "" all of them.
func (nw *Network) Named(name string) ([]*Edge, error) {
	if name == "" {
		return nw.Edges(), nil
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 1 && i <= len(nw.POPs) {
		return nw.POPs[i-1 : i], nil
	}
	var known []string
	for _, e := range nw.Edges() {
		if strings.EqualFold(e.config.POP, name) {
			return []*Edge{e}, nil
		}
		known = append(known, e.config.POP)
	}
	return nil, fmt.Errorf("there is no edge location %q, only 1 to %d: %s", name, len(nw.POPs), strings.Join(known, ", "))
}
