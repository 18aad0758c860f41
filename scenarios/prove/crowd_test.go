package prove

import (
	"context"
	"fmt"
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

// TestWorkersAmongOthers: with files that change everywhere at once, before any page, a
// worker may be given the new file or the old one, and never the old one after the new one,
// so that it cannot go back to release 1. The fixpoint does not know of before and after.
func TestWorkersAmongOthers(t *testing.T) {
	for _, s := range Strategies() {
		t.Run(s.Name, func(t *testing.T) {
			d := under(t, Worker, s.Name, "assets everywhere, roll", Fresh)
			list := Prove(context.Background(), d, Bounds{}, nil)
			for _, v := range list {
				if v.Status == Unknown {
					t.Errorf("%s %s sticky=%v: %s", v.Property, v.Class, v.Sticky, v.Cause)
				}
			}
			keeps := s.Version != InNothing && !s.NestedBare // the files of release 1 beside those of 2
			if v := verdictOf(list, Monotone, Flip, true); keeps != (v != nil) {
				t.Errorf("goes back: %v, want %v", v != nil, keeps)
			}
		})
	}
}

// TestCrowdAtEveryLocation: one location is invalidated and the other is not, so that a
// page that was asked for before comes after a newer one there alone, wherever that is.
func TestCrowdAtEveryLocation(t *testing.T) {
	c := K(2)
	c.Locations = 2
	for _, at := range []string{"edge 1", "edge 2"} {
		d := Deploy{Strategy: strategy(t, "name.hash"), CDN: c, Visitors: []Kind{Fresh, Twice},
			Mode: Mode{"one location", []Step{put("switch to 2", 2, All), {Name: "invalidate " + at, Do: Invalidate, Tier: at}}}}
		v := verdictOf(Prove(context.Background(), d, Bounds{Exact: true}, nil), Monotone, Flip, true)
		if v == nil {
			t.Fatalf("%s is invalidated: no sticky FLIP", at)
		}
		if got := v.Trace.Events[len(v.Trace.Events)-1].Entry; v.Status != Refuted || got != at {
			t.Errorf("%s is invalidated: %s, by way of %s", at, v.Status, got)
		}
	}
}

// crowdsAgree reports a page that goes back in a deploy within bounds, although the crowds
// exclude it, and how many violations they exclude that the fixpoint leaves open.
func crowdsAgree(d Deploy, b Bounds) (problem string, excluded int, err error) {
	p := prover{ctx: context.Background(), deploy: d, bounds: b.withDefaults(), of: 1}
	p.deploy.setCrawlerApart()
	if p.model, err = newModel(p.deploy, p.bounds, hook{}); err != nil {
		return "", 0, err
	}
	p.may = p.model.mayHappen()
	before := p.may
	if p.exploreCrowd() {
		p.exploreAroundWorkers()
	}
	x := p.model.explore(context.Background(), nil)
	for v := range noViolation {
		if x.found.has(v) && !p.may.has(v) {
			return fmt.Sprintf("excluded: %s %s sticky=%v\n%s", v.property(), v.class(), v.sticky(), tell(p.model.retell(x.first[v].moves, v))), 0, nil
		}
	}
	return "", bits.OnesCount32(uint32(before &^ p.may)), nil
}

// TestCrowdsOfDocumentsAgree is TestCrowdsAgree for those who come twice or go back, where
// a few visitors do see pages go back, and where crowds exclude that they do.
func TestCrowdsOfDocumentsAgree(t *testing.T) {
	locations, regional := K(2), K(2)
	locations.Locations, regional.Regional = 2, true
	one := func(tier string) Mode {
		return Mode{tier + " alone", []Step{put("switch to 2", 2, All), {Name: "invalidate " + tier, Do: Invalidate, Tier: tier}}}
	}
	for _, row := range []struct {
		name  string
		cdn   CDN
		modes []Mode
	}{
		{"pages cached", K(2), nil}, {"late fills dropped", K(5), nil},
		{"two locations", locations, []Mode{one("edge 1"), one("edge 2")}},
		{"two tiers", regional, []Mode{purge("edge", "regional"), purge("regional", "edge")}},
		{"a server stays behind", K(1), []Mode{{"s1 alone", []Step{{Name: "s1 switches to 2", Do: Put, Build: 2, Server: 1}}}}},
	} {
		excluded := 0
		for _, m := range append(Modes(), row.modes...) {
			for _, visitors := range [][]Kind{{Twice, Fresh}, {Returning, Fresh}, {Returning, Twice}} {
				d := Deploy{Strategy: strategy(t, "name.hash"), Mode: m, CDN: row.cdn, Visitors: visitors}
				problem, n, err := crowdsAgree(d, Bounds{Evictions: 1, Flights: 2, States: 20_000})
				if err != nil || problem != "" {
					t.Errorf("%s, %s, %s: %v %s", row.name, m.Name, visitors, err, problem)
				}
				excluded += n
			}
		}
		if cached := row.cdn.Origin.PageControl != "no-store"; cached != (excluded > 0) {
			t.Errorf("%s: %d violations are excluded", row.name, excluded)
		}
	}
}

// TestCrowdOfAllWhoComeTwice: beside one with a private cache, one who keeps nothing sees
// pages go back.
func TestCrowdOfAllWhoComeTwice(t *testing.T) {
	d := Deploy{Strategy: strategy(t, "name.hash"), Mode: mode(t, "rolling"), CDN: K(2), Visitors: []Kind{Returning, Twice}}
	list := Prove(context.Background(), d, Bounds{}, nil)
	for _, sticky := range []bool{false, true} {
		if v := verdictOf(list, Monotone, Flip, sticky); v == nil || v.Status != Refuted {
			t.Errorf("sticky=%v: got %+v, want it refuted", sticky, v)
		}
	}
}

// TestCrowdThatIsNotExplored: where not all was explored, nothing is excluded.
func TestCrowdThatIsNotExplored(t *testing.T) {
	d := Deploy{Strategy: strategy(t, "name.hash"), Mode: mode(t, "html first"), CDN: K(2), Visitors: []Kind{Twice, Fresh}}
	d.CDN.Regional = true
	for states, some := range map[int]bool{20_000: true, 256: false} {
		if problem, n, err := crowdsAgree(d, Bounds{Evictions: 1, Flights: 1, States: states}); err != nil || problem != "" || n > 0 != some {
			t.Errorf("within %d states %d violations are excluded, want some: %v; %v %s", states, n, some, err, problem)
		}
	}
}

// TestCrowdsAgree: what a few visitors reach in any deploy, no crowd excludes.
func TestCrowdsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, b := drawDeploy(t), drawBounds(t)
		d.Visitors = []Kind{rapid.SampledFrom([]Kind{Twice, Returning, Worker, UncheckedWorker, SkipWaitingWorker}).Draw(t, "comes back"), rapid.SampledFrom([]Kind{Fresh, Twice, Crawler}).Draw(t, "another")}
		if rapid.Bool().Draw(t, "pages are cached") {
			d.CDN.Origin.PageControl = "max-age=86400"
			for i := range d.CDN.Behaviors {
				d.CDN.Behaviors[i].Terms.Policy.MaxTTL, d.CDN.Behaviors[i].Terms.Policy.DefaultTTL = cachepolicy.MaxTTL, cachepolicy.DefaultTTL
			}
		}
		if d.CDN.Locations = rapid.IntRange(1, 2).Draw(t, "locations"); d.CDN.Locations == 2 {
			d.Mode.Steps = append(d.Mode.Steps, Step{Name: "one location", Do: Invalidate, Tier: rapid.SampledFrom([]string{"edge 1", "edge 2"}).Draw(t, "at")})
		}
		problem, _, err := crowdsAgree(d, b)
		if err != nil {
			t.Skip(err)
		}
		if problem != "" {
			t.Fatal(problem)
		}
	})
}

// TestCrowdsOfWorkersAgree is TestCrowdsAgree where workers go back and where they do not.
func TestCrowdsOfWorkersAgree(t *testing.T) {
	excluded := 0
	for _, kind := range []Kind{Worker, UncheckedWorker, SkipWaitingWorker} {
		for _, s := range Strategies() {
			for _, m := range Modes()[6:9] {
				problem, n, err := crowdsAgree(under(t, kind, s.Name, m.Name, Fresh), Bounds{Evictions: -1, Flights: 1, States: 20_000})
				if err != nil || problem != "" {
					t.Errorf("%s, %s, %s: %v %s", kind, s.Name, m.Name, err, problem)
				}
				excluded += n
			}
		}
	}
	if excluded == 0 {
		t.Error("nothing is excluded anywhere")
	}
}
