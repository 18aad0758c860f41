package prove

import (
	"context"
	"strings"
	"testing"
)

// TestMutations changes one decision at a time: what it guards against must
// appear, or vanish. A prover that does not notice is not looking.
func TestMutations(t *testing.T) {
	rows := []struct {
		name         string
		hook         hook
		strategy     string
		mode         Mode
		cdn          int
		bounds       Bounds
		before, then string // letters
	}{
		{"late fills are stored: T6 appears", hook{keepLate: true}, "plain", mode(t, "atomic, invalidate"), 5, Bounds{}, "sa", "SAP"},
		{"late fills are stored: T7 appears", hook{keepLate: true}, "name.hash", mode(t, "upload, invalidate, prune"), 5, Bounds{}, "m", "MP"},
		{"the query leaves the key: T3 appears", hook{dropQuery: true}, "?v everywhere", mode(t, "atomic"), 1, Bounds{}, "a", "Sa"},
		{"errors are not stored: T9 is no longer sticky", hook{dropNegative: true}, "/v/ real", mode(t, "rolling"), 1, Bounds{}, "M", "m"},
		{"nothing is evicted: T12 vanishes", hook{dropEvict: true}, "plain", mode(t, "atomic"), 2, Bounds{Evictions: 1, Exact: true}, "SAP", "AP?"},
		{"invalidations cover nothing: they cure nothing", hook{coverNothing: true}, "name.hash", mode(t, "upload, invalidate, prune"), 5, Bounds{}, "m", "MP"},
		{"flights are joined across an invalidation: old bytes for who comes later", hook{joinAny: true}, "plain", mode(t, "atomic, invalidate"), 5, Bounds{Exact: true}, "a?", "sa"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := Deploy{Strategy: strategy(t, r.strategy), Mode: r.mode, CDN: K(r.cdn)}
			for _, h := range []hook{{}, r.hook} {
				p := prover{ctx: context.Background(), deploy: d, bounds: r.bounds.withDefaults(), hook: h, of: 1}
				want := r.then
				if h == (hook{}) {
					want = r.before
				}
				if got := Letters(p.prove()); got != want {
					t.Errorf("hook %+v: got %s, want %s", h, got, want)
				}
			}
		})
	}
}

// TestPurgeOrder swaps the order of tiers: T8 appears and vanishes.
func TestPurgeOrder(t *testing.T) {
	for _, first := range []string{"edge", "regional"} {
		second := map[string]string{"edge": "regional", "regional": "edge"}[first]
		got := Letters(Prove(context.Background(), Deploy{Strategy: strategy(t, "plain"), Mode: purge(first, second), CDN: twoTiers()}, Bounds{Visitors: 3}, nil))
		if strings.Contains(got, "S") != (first == "edge") || strings.Contains(got, "?") {
			t.Errorf("%s first: %s", first, got)
		}
	}
}
