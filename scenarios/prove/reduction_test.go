package prove

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
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
// asked, every eviction is made in every world. The same violations must be found, at the
// same depth.
func TestReductions(t *testing.T) {
	less, more := 0, 0
	for _, n := range []int{1, 2, 7} {
		for _, s := range Strategies() {
			for _, mode := range Modes() {
				a, b := reduced(t, Deploy{Name: fmt.Sprintf("K%d %s / %s", n, s.Name, mode.Name), Strategy: s, Mode: mode, CDN: K(n)}, Bounds{})
				less, more = less+a, more+b
			}
		}
	}
	if less >= more {
		t.Errorf("reductions leave %d states of %d", less, more)
	}
	t.Logf("reductions leave %d states of %d", less, more)
}

// reduced explores a deploy with and without reductions, compares what is found and after
// how many events, and returns the numbers of states.
func reduced(t *testing.T, d Deploy, b Bounds) (less, more int) {
	t.Helper()
	x := explorations(t, d, b, func(m *model) { m.noReduction = true })
	if x[0].out != "" || x[1].out != "" || x[0].blocked != x[1].blocked {
		t.Errorf("%s: not all was explored: %s, %s; blocked %v, %v", d.Name, x[0].out, x[1].out, x[0].blocked, x[1].blocked)
	}
	sameFound(t, d, x[:])
	return x[0].states, x[1].states
}

// sameFound reports what two explorations did not both find, or not after as many events. A
// view that a service worker answers wholly is one event with reductions, so that it may be fewer.
func sameFound(t *testing.T, d Deploy, x []exploration) {
	t.Helper()
	name, fewer := d.Name, slices.ContainsFunc(d.Visitors, Kind.HasWorker)
	if x[0].found != x[1].found {
		t.Errorf("%s: found %b with reductions, %b without", name, x[0].found, x[1].found)
	}
	for v := range noViolation {
		if x[0].found.has(v) && x[1].found.has(v) && x[0].first[v].count != x[1].first[v].count && (!fewer || x[0].first[v].count > x[1].first[v].count) {
			t.Errorf("%s: %s %s sticky=%v after %d events with reductions, %d without", name,
				v.property(), v.class(), v.sticky(), x[0].first[v].count, x[1].first[v].count)
		}
	}
}

// TestReductionsOfKinds is TestReductions for each kind of visitor, encodings, two tiers, servers
// that fail and time that passes, without evictions and with any.
func TestReductionsOfKinds(t *testing.T) {
	for _, d := range evictionWorlds(t) {
		for _, evictions := range []int{0, -1} {
			less, more := reduced(t, d, Bounds{Evictions: evictions})
			t.Logf("%s, %d evictions: %d states of %d", d.Name, evictions, less, more)
		}
	}
}

// evictionWorlds are deploys in which tiers forget: one tier and two, servers that fail, time
// that passes, and each kind of visitor.
func evictionWorlds(t *testing.T) (out []Deploy) {
	for _, name := range []string{"plain", "?v everywhere", "name.hash, nested bare"} {
		for _, n := range []int{1, 2} {
			d := Deploy{Name: fmt.Sprintf("K%d %s", n, name), Strategy: strategy(t, name), Mode: mode(t, "rolling"), CDN: K(n), Visitors: []Kind{Fresh, Returning}}
			out = append(out, d)
		}
	}
	tiers := K(2)
	tiers.Regional = true
	short := K(1)
	short.Origin.AssetControl = "max-age=60, stale-while-revalidate=30"
	two := K(1)
	two.Locations = 2
	return append(out,
		Deploy{Name: "two tiers", Strategy: strategy(t, "name.hash, nested bare"), Mode: mode(t, "rolling"), CDN: tiers, Visitors: []Kind{Returning}},
		Deploy{Name: "outages", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: failing("max-age=60, stale-if-error=30")},
		Deploy{Name: "time", Strategy: strategy(t, "plain"), Mode: switchAndWait(61 * time.Second), CDN: short},
		Deploy{Name: "invalidation", Strategy: strategy(t, "?v everywhere"), Mode: mode(t, "rolling, invalidate"), CDN: K(5)},
		Deploy{Name: "two locations", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: two},
		Deploy{Name: "proxy", Strategy: strategy(t, "?v everywhere"), Mode: mode(t, "atomic"), CDN: K(1), Visitors: []Kind{BehindProxy, Fresh}},
		Deploy{Name: "worker", Strategy: strategy(t, "plain"), Mode: mode(t, "rolling"), CDN: K(1), Visitors: []Kind{Worker, Fresh}},
		Deploy{Name: "unchecked worker", Strategy: strategy(t, "?v everywhere"), Mode: mode(t, "rolling"), CDN: K(1), Visitors: []Kind{UncheckedWorker}},
		Deploy{Name: "crawler", Strategy: strategy(t, "plain"), Mode: mode(t, "rolling"), CDN: K(1), Visitors: []Kind{Fresh, Crawler}},
		Deploy{Name: "back button", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: K(2), Visitors: []Kind{BackButton, Fresh}},
		Deploy{Name: "encodings", Site: copied(), Strategy: strategy(t, "?v everywhere"), Mode: CopyModes()[1], CDN: encoded(K(1)), Takes: []Encodings{"br,gzip", "gzip"}},
	)
}

// explorations are two of one deploy, the second with a model that is changed.
func explorations(t *testing.T, d Deploy, b Bounds, change func(*model)) (x [2]exploration) {
	t.Helper()
	for i := range x {
		m, err := newModel(d, b.withDefaults(), hook{})
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		if i == 1 {
			change(m)
		}
		x[i] = m.explore(context.Background(), nil)
	}
	return x
}

// TestEvictionsAreEncodedInPlace: without the short way, the same worlds are met and
// the same is found after the same number of events.
func TestEvictionsAreEncodedInPlace(t *testing.T) {
	for _, d := range evictionWorlds(t) {
		for _, evictions := range []int{-1, 2} {
			x := explorations(t, d, Bounds{Evictions: evictions, States: 30_000}, func(m *model) { m.wide = true }) // goes the long way
			if x[0].found != x[1].found || x[0].states != x[1].states || x[0].seen != x[1].seen {
				t.Errorf("%s, %d evictions: found %b in %d states, the long way %b in %d", d.Name, evictions, x[0].found, x[0].states, x[1].found, x[1].states)
			}
		}
	}
}

// TestEvictionsCommute: with every eviction in every world, the same worlds are met and
// the same is found after the same number of events.
func TestEvictionsCommute(t *testing.T) {
	less, more := 0, 0
	for _, d := range evictionWorlds(t) {
		for _, evictions := range []int{-1, 2} {
			x := explorations(t, d, Bounds{Evictions: evictions, States: 60_000}, func(m *model) { m.everyEviction = true })
			if x[0].out != "" || x[1].out != "" {
				t.Errorf("%s, %d evictions: %s, %s", d.Name, evictions, x[0].out, x[1].out)
			}
			if x[0].states != x[1].states || x[0].depth != x[1].depth {
				t.Errorf("%s, %d evictions: %d states %d deep, with every eviction %d, %d deep", d.Name, evictions, x[0].states, x[0].depth, x[1].states, x[1].depth)
			}
			sameFound(t, d, x[:])
			less, more = less+x[0].seen.evictions, more+x[1].seen.evictions
		}
	}
	if less >= more {
		t.Errorf("%d evictions of %d are left", less, more)
	}
	t.Logf("%d evictions of %d are left", less, more)
}

// TestTimeToTheNextBoundary: where time may also pass by ticks that are shorter than what lies
// between two changes of a decision, nothing else is found, and nothing after fewer events.
func TestTimeToTheNextBoundary(t *testing.T) {
	// Nothing is of use for longer than the longest lifetime, so that ticks end, too.
	short := func(c CDN, control string) CDN {
		c.Origin.AssetControl = control
		c.Behaviors[1].Terms.Policy.MaxTTL, c.Behaviors[1].Terms.Policy.DefaultTTL = 200*time.Second, 100*time.Second
		return c
	}
	stale, served := short(K(1), "max-age=60, stale-while-revalidate=30"), short(twoTiers(), "max-age=60")
	pages := short(K(2), "max-age=150")
	pages.Origin.PageControl = "max-age=60"
	pages.Behaviors[0].Terms.Policy.MaxTTL = 200 * time.Second
	fails := short(failing(""), "max-age=60, stale-if-error=30")
	rows := []struct {
		deploy Deploy
		tick   time.Duration
	}{
		{Deploy{Name: "a lifetime and a window", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: stale}, 25 * time.Second},
		{Deploy{Name: "a lifetime in two tiers", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic, invalidate"), CDN: served}, 25 * time.Second},
		{Deploy{Name: "the page expires before its files", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: pages}, 25 * time.Second},
		{Deploy{Name: "a browser", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: stale, Visitors: []Kind{Returning}}, 25 * time.Second},
		{Deploy{Name: "an error that is kept", Strategy: strategy(t, "name.hash"), Mode: mode(t, "html first"), CDN: K(1)}, 4 * time.Second},
		{Deploy{Name: "a server that fails", Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: fails, Servers: 1}, 25 * time.Second},
	}
	for _, r := range rows {
		x := explorations(t, r.deploy, Bounds{Flights: -1}, func(m *model) { m.tick = r.tick })
		if x[0].out != "" || x[1].out != "" || x[0].states >= x[1].states {
			t.Errorf("%s: %d states%s, with ticks %d%s", r.deploy.Name, x[0].states, x[0].out, x[1].states, x[1].out)
		}
		sameFound(t, r.deploy, x[:])
		t.Logf("%s: %d states, with ticks %d", r.deploy.Name, x[0].states, x[1].states)
	}
}
