package prove

import (
	"context"
	"testing"
	"time"
)

// halfMinutes switches, then waits twice for half of an asset's lifetime.
var halfMinutes = Mode{"switch, wait twice", []Step{
	put("switch to 2", 2, All),
	{Name: "wait", Do: Wait, For: 31 * time.Second}, {Name: "wait again", Do: Wait, For: 31 * time.Second},
}}

// twoFiles is a page and one asset.
func twoFiles() Site {
	return Site{Name: "two files", Assets: []Asset{{Name: "html", Page: true, Refs: []string{"css"}}, {Name: "css"}}}
}

// ageingTiers is two edge locations before a regional cache, where assets live for a minute.
func ageingTiers() CDN {
	c := K(1)
	c.Regional, c.Locations, c.Origin.AssetControl = true, 2, "max-age=60"
	return c
}

// TestAgeBetweenTiers: TIER-11: an edge that is filled from a regional cache does not
// begin a lifetime of its own. A minute after the switch nobody is shown old files,
// when flights are quick; with a lifetime for each tier it would take two.
func TestAgeBetweenTiers(t *testing.T) {
	d := Deploy{Site: twoFiles(), Strategy: strategy(t, "plain"), Mode: halfMinutes, CDN: ageingTiers()}
	rows := []struct {
		name   string
		hook   hook
		sticky bool
	}{
		{"one lifetime for all tiers", hook{}, false},
		{"each tier begins anew", hook{restartAge: true}, true},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			m, err := newModel(d, Bounds{Flights: -1, Visitors: 4}.withDefaults(), r.hook)
			if err != nil {
				t.Fatal(err)
			}
			x := m.explore(context.Background(), nil)
			if got := x.found.has(staleView + 1); got != r.sticky {
				t.Errorf("sticky STALE: %v, want %v\n%s", got, r.sticky, tell(m.retell(x.first[staleView+1].moves, staleView+1)))
			}
		})
	}
}

// TestAgeInABrowser: RFC 9111 §4.2.3: what an edge has had for half a minute a
// browser keeps for the other half.
func TestAgeInABrowser(t *testing.T) {
	c := ageingTiers()
	c.Regional = false
	m, err := newModel(Deploy{Strategy: strategy(t, "plain"), Mode: halfMinutes, CDN: c, Visitors: []Kind{Returning}}, Bounds{}.withDefaults(), hook{})
	if err != nil {
		t.Fatal(err)
	}
	css, edge := m.reqIndex["/css"], m.tiers[0].rules
	kept := edge.settle(css, edge.plan(css, 0), m.originReply(0, 0, css)).store
	old := m.aged(kept, 40*time.Second)
	got := m.browser.settle(css, m.browser.plan(css, 0), edge.served(old)).store
	if next := m.stored[got].next; next != 20*time.Second {
		t.Errorf("a browser that is given it after 40 s keeps it for %v, want 20s", next)
	}
}
