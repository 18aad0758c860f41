package prove

import (
	"context"
	"testing"
	"time"
)

func strategy(t *testing.T, name string) Strategy {
	t.Helper()
	for _, s := range Strategies() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no strategy %q", name)
	return Strategy{}
}

func mode(t *testing.T, name string) Mode {
	t.Helper()
	for _, m := range Modes() {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no mode %q", name)
	return Mode{}
}

// verdictOf is the verdict on a property and class with a stickiness, or nil.
func verdictOf(list []Verdict, p Property, c Class, sticky bool) *Verdict {
	for i := range list {
		if v := &list[i]; v.Property == p && v.Class == c && v.Sticky == sticky && v.Status == Refuted {
			return v
		}
	}
	return nil
}

// twoTiers has a regional cache, does not cache pages and drops late fills.
func twoTiers() CDN {
	c := K(5)
	c.Name, c.Regional = "two tiers", true
	c.Behaviors[0].Terms = K(1).Behaviors[0].Terms
	c.Origin.PageControl = "no-store"
	return c
}

func withFallback(c CDN) CDN {
	c.Origin.Fallback = true
	return c
}

func sizeAndTime(c CDN) CDN {
	c.Origin.Validator, c.Origin.AssetControl = ByPath, "max-age=60"
	return c
}

// minimumTTL gives pages a minimum TTL although they say no-cache.
func minimumTTL() CDN {
	c := K(2)
	c.Origin.PageControl = "no-cache"
	c.Behaviors[0].Terms.Policy.MinTTL = time.Hour
	return c
}

func purge(first, second string) Mode {
	return Mode{first + " first", []Step{
		put("switch to 2", 2, All),
		{Name: "invalidate " + first, Do: Invalidate, Tier: first},
		{Name: "invalidate " + second, Do: Invalidate, Tier: second},
	}}
}

// TestGoldenTraces has the published counterexamples T1 to T18 as far as they
// concern one deploy of a site: class, stickiness, and the number of events
// without and with landings.
func TestGoldenTraces(t *testing.T) {
	media := Site{Name: "media", Assets: []Asset{{Name: "html", Page: true, Refs: []string{"cat.gif"}}, {Name: "cat.gif"}}}
	replaceMedia := Mode{"replace media", []Step{
		{Name: "delete cat.gif", Do: Remove, Build: 1, Files: Assets}, put("upload cat.gif", 2, Assets), put("html of 2", 2, Pages),
	}}
	waits := Mode{"switch, wait", []Step{put("switch to 2", 2, All), {Name: "wait", Do: Wait, For: 61 * time.Second}}}
	tear := Mode{"in place, torn", []Step{{Name: "css half copied", Do: Tear, Build: 2, Files: Parents}, put("css of 2", 2, Parents)}}
	rows := []struct {
		id       string
		strategy string
		mode     Mode
		cdn      CDN
		bounds   Bounds
		visitors []Kind
		site     Site
		property Property
		class    Class
		sticky   bool
		count    int
		landings int
		blame    string
	}{
		{id: "T1 transient", strategy: "?v everywhere", mode: mode(t, "rolling"), cdn: K(1), class: Stale, count: 3, landings: 2, blame: "A2"},
		{id: "T1", strategy: "?v everywhere", mode: mode(t, "rolling"), cdn: K(1), class: Stale, sticky: true, count: 6, landings: 3, blame: "A2"},
		{id: "T1 rewritten directory", strategy: "/v/ rewritten", mode: mode(t, "rolling"), cdn: K(1), class: Stale, sticky: true, count: 6, landings: 3, blame: "A2"},
		{id: "T2", strategy: "?v everywhere", mode: mode(t, "atomic, rollback"), cdn: K(1), class: Ahead, sticky: true, count: 6, landings: 3, blame: "A2"},
		{id: "T3", strategy: "plain", mode: mode(t, "atomic"), cdn: K(1), class: Stale, sticky: true, count: 5, landings: 3, blame: "A1"},
		{id: "T3 query dropped from the key", strategy: "?v everywhere", mode: mode(t, "atomic"), cdn: K(3), class: Stale, sticky: true, count: 5, landings: 3, blame: "A3"},
		{id: "T4", strategy: "?v, nested bare", mode: mode(t, "atomic"), cdn: K(1), class: Stale, sticky: true, count: 7, landings: 5, blame: "A5"},
		{id: "T5", strategy: "?v everywhere", mode: mode(t, "css, img, html"), cdn: K(1), class: Stale, sticky: true, count: 9, landings: 5, blame: "A2"},
		{id: "T6 (9 with landings)", strategy: "plain", mode: mode(t, "atomic, invalidate"), cdn: K(1), class: Stale, sticky: true, count: 6, landings: 3, blame: "A1"},
		{id: "T7 (10 with landings)", strategy: "name.hash", mode: mode(t, "upload, invalidate, prune"), cdn: K(2), class: Missing, sticky: true, count: 8, landings: 2, blame: "A7"},
		{id: "T8", strategy: "plain", mode: purge("edge", "regional"), cdn: twoTiers(), bounds: Bounds{Visitors: 3}, class: Stale, sticky: true, count: 9, landings: 9, blame: "A1"},
		{id: "T9 transient", strategy: "/v/ real", mode: mode(t, "rolling"), cdn: K(1), class: Missing, count: 3, landings: 2, blame: "A6"},
		{id: "T9", strategy: "/v/ real", mode: mode(t, "rolling"), cdn: K(1), class: Missing, sticky: true, count: 6, landings: 3, blame: "A6"},
		{id: "T9 hash", strategy: "name.hash", mode: mode(t, "rolling"), cdn: K(1), class: Missing, sticky: true, count: 6, landings: 3, blame: "A6"},
		{id: "T10", strategy: "name.hash", mode: mode(t, "html first"), cdn: K(1), class: Missing, count: 3, landings: 2, blame: "A6"},
		{id: "T11", strategy: "plain", mode: mode(t, "atomic, invalidate"), cdn: K(4), bounds: Bounds{Flights: -1}, visitors: KVisitors(4), class: Stale, sticky: true, count: 7, landings: 4, blame: "A1"},
		{id: "T12 needs an eviction", strategy: "plain", mode: mode(t, "atomic"), cdn: K(2), bounds: Bounds{Evictions: 1}, class: Stale, sticky: true, count: 6, landings: 3, blame: "A1"},
		{id: "T13 page under an asset's key", strategy: "name.hash", mode: mode(t, "html first"), cdn: withFallback(K(1)), class: Missing, sticky: true, count: 7, landings: 3, blame: "A2"},
		{id: "T14 false 304", strategy: "plain", mode: waits, cdn: sizeAndTime(K(1)), bounds: Bounds{Flights: -1}, class: Stale, sticky: true, count: 6, landings: 4, blame: "A4"},
		{id: "T15 hash reused", strategy: "name.hash reused", mode: mode(t, "atomic"), cdn: K(1), class: Stale, sticky: true, count: 5, landings: 3, blame: "A1"},
		{id: "T16 media", strategy: "plain", mode: replaceMedia, cdn: K(1), site: media, class: Stale, sticky: true, count: 7, landings: 3, blame: "A1"},
		{id: "T17", strategy: "name.hash", mode: mode(t, "rolling"), cdn: K(1), property: Monotone, class: Flip, count: 3, landings: 2},
		{id: "T18 no-cache, but a minimum TTL", strategy: "name.hash", mode: mode(t, "atomic"), cdn: minimumTTL(), property: Freshness, class: StalePage, sticky: true, count: 3, landings: 1, blame: "A8"},
		{id: "torn file", strategy: "plain", mode: tear, cdn: K(1), class: Torn, sticky: true, count: 6, landings: 3, blame: "A10"},
	}
	for _, r := range rows {
		t.Run(r.id, func(t *testing.T) {
			d := Deploy{Name: r.id, Site: r.site, Mode: r.mode, CDN: r.cdn, Visitors: r.visitors}
			if r.strategy == "name.hash reused" {
				d.Strategy = Strategy{Name: r.strategy, Version: InName, SameID: true}
			} else {
				d.Strategy = strategy(t, r.strategy)
			}
			if r.property == "" {
				r.property = ViewConsistency
			}
			list := Prove(context.Background(), d, r.bounds, nil)
			v := verdictOf(list, r.property, r.class, r.sticky)
			if v == nil {
				t.Fatalf("%s %s sticky=%v not found; letters %s", r.property, r.class, r.sticky, Letters(list))
			}
			if v.Trace.Count != r.count || v.Trace.Landings != r.landings || v.Assumption != r.blame {
				t.Errorf("events %d landings %d blame %q, want %d %d %q\n%s", v.Trace.Count, v.Trace.Landings, v.Assumption, r.count, r.landings, r.blame, tell(v.Trace))
			}
		})
	}
}

// TestCleanCounterparts has, for counterexamples that a published repair cures,
// the deploy with the repair.
func TestCleanCounterparts(t *testing.T) {
	rows := []struct {
		name     string
		deploy   Deploy
		bounds   Bounds
		property Property
		class    Class
	}{
		{"T6: late fills dropped", Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "atomic, invalidate"), CDN: K(5)}, Bounds{}, ViewConsistency, Stale},
		{"T7: late fills dropped", Deploy{Strategy: strategy(t, "name.hash"), Mode: mode(t, "upload, invalidate, prune"), CDN: K(5)}, Bounds{}, ViewConsistency, Missing},
		{"T8: regional first", Deploy{Strategy: strategy(t, "plain"), Mode: purge("regional", "edge"), CDN: twoTiers()}, Bounds{Visitors: 3}, ViewConsistency, Stale},
		{"T9: errors not cached", Deploy{Strategy: strategy(t, "/v/ real"), Mode: mode(t, "rolling"), CDN: K(7)}, Bounds{}, ViewConsistency, Missing},
		{"T2: versions verified, errors not cached", Deploy{Strategy: strategy(t, "?v everywhere"), Mode: mode(t, "atomic, rollback"), CDN: K(7)}, Bounds{}, ViewConsistency, Ahead},
		{"T18: no minimum TTL", Deploy{Strategy: strategy(t, "name.hash"), Mode: mode(t, "atomic"), CDN: noCachePages()}, Bounds{}, Freshness, StalePage},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			for _, v := range Prove(context.Background(), r.deploy, r.bounds, nil) {
				if v.Property == r.property && (v.Class == r.class && v.Sticky || v.Status == Unknown) {
					t.Errorf("%s %s %s sticky=%v: %s\n%s", v.Property, v.Status, v.Class, v.Sticky, v.Cause, tell(v.Trace))
				}
			}
		})
	}
}

func noCachePages() CDN {
	c := minimumTTL()
	c.Behaviors[0].Terms.Policy.MinTTL = 0
	return c
}

// TestFalse304NeedsTheValidator is T14 the other way round: with validators made
// from the bytes, waiting for the lifetime to end is enough when no flight is
// slow.
func TestFalse304NeedsTheValidator(t *testing.T) {
	c := sizeAndTime(K(1))
	c.Origin.Validator = ByBytes
	m, err := newModel(Deploy{
		Strategy: strategy(t, "plain"), CDN: c,
		Mode: Mode{"switch, wait", []Step{put("switch to 2", 2, All), {Name: "wait", Do: Wait, For: 61 * time.Second}}},
	}, Bounds{Flights: -1}.withDefaults(), hook{})
	if err != nil {
		t.Fatal(err)
	}
	if x := m.explore(context.Background(), nil); x.found.has(staleView + 1) {
		t.Errorf("sticky STALE with good validators:\n%s", tell(m.retell(x.first[staleView+1].moves, staleView+1)))
	}
}

// tell is a trace on a few lines, for failures.
func tell(tr Trace) string {
	out := ""
	for _, e := range tr.Events {
		out += eventLine(e) + "\n"
	}
	return out
}
