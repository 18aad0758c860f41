package prove

import (
	"context"
	"testing"
)

// TestWideEncodings: worlds with two bytes for a number are as many, and show the
// same.
func TestWideEncodings(t *testing.T) {
	for _, s := range Strategies() {
		var x [2]exploration
		for i := range x {
			m, err := newModel(Deploy{Strategy: s, Mode: mode(t, "rolling"), CDN: K(2), Visitors: []Kind{Fresh, Returning}}, Bounds{}.withDefaults(), hook{})
			if err != nil {
				t.Fatal(err)
			}
			m.wide = i == 1
			x[i] = m.explore(context.Background(), nil)
		}
		if x[0].found != x[1].found || x[0].states != x[1].states {
			t.Errorf("%s: found %b in %d states, with wide encodings %b in %d", s.Name, x[0].found, x[0].states, x[1].found, x[1].states)
		}
	}
}

// TestReductions explores every K1, K2 and K7 cell with all reductions off: every
// flight lands by itself, visitors and flights keep their numbers, every server is
// asked. The same violations must be found, at the same depth.
func TestReductions(t *testing.T) {
	less, more := 0, 0
	for _, n := range []int{1, 2, 7} {
		for _, s := range Strategies() {
			for _, mode := range Modes() {
				var x [2]exploration
				for i := range x {
					m, err := newModel(Deploy{Strategy: s, Mode: mode, CDN: K(n)}, Bounds{}.withDefaults(), hook{})
					if err != nil {
						t.Fatal(err)
					}
					m.noReduction = i == 1
					x[i] = m.explore(context.Background(), nil)
				}
				less, more = less+x[0].states, more+x[1].states
				if x[0].found != x[1].found {
					t.Errorf("K%d %s / %s: found %b with reductions, %b without", n, s.Name, mode.Name, x[0].found, x[1].found)
				}
				for v := range noViolation {
					if x[0].found.has(v) && x[0].first[v].count != x[1].first[v].count {
						t.Errorf("K%d %s / %s: %s %s sticky=%v after %d events with reductions, %d without", n, s.Name, mode.Name,
							v.property(), v.class(), v.sticky(), x[0].first[v].count, x[1].first[v].count)
					}
				}
			}
		}
	}
	if less >= more {
		t.Errorf("reductions leave %d states of %d", less, more)
	}
	t.Logf("reductions leave %d states of %d", less, more)
}

// TestEvictionsAreEncodedInPlace: without the short way, the same worlds are met and
// the same is found after the same number of events.
func TestEvictionsAreEncodedInPlace(t *testing.T) {
	for _, n := range []int{1, 2} {
		for _, evictions := range []int{-1, 2} {
			for _, s := range Strategies() {
				var x [2]exploration
				for i := range x {
					cdn := K(n)
					cdn.Regional = n == 2
					m, err := newModel(Deploy{Strategy: s, Mode: mode(t, "rolling"), CDN: cdn, Visitors: []Kind{Fresh, Returning}}, Bounds{Evictions: evictions, States: 30_000}.withDefaults(), hook{})
					if err != nil {
						t.Fatal(err)
					}
					m.wide = i == 1 // goes the long way
					x[i] = m.explore(context.Background(), nil)
				}
				if x[0].found != x[1].found || x[0].states != x[1].states || x[0].seen != x[1].seen {
					t.Errorf("K%d %s, %d evictions: found %b in %d states, the long way %b in %d", n, s.Name, evictions, x[0].found, x[0].states, x[1].found, x[1].states)
				}
			}
		}
	}
}
