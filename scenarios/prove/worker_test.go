package prove

import (
	"context"
	"strings"
	"testing"
)

// under is a deploy that one with a service worker sees, and others beside him.
func under(t *testing.T, kind Kind, strategyName, modeName string, more ...Kind) Deploy {
	return Deploy{Strategy: strategy(t, strategyName), Mode: mode(t, modeName), CDN: K(1), Visitors: append([]Kind{kind}, more...)}
}

// TestServiceWorkers: who has one is a visit behind. One that compares hashes shows one
// release at a time, whatever names are; others keep what they were given.
func TestServiceWorkers(t *testing.T) {
	const who = "visitor with a service worker"
	rows := []kindRow{
		{name: "hashed names, hashes compared: one visit behind, no more", deploy: under(t, Worker, "name.hash", "atomic"), want: "P",
			property: Freshness, class: StalePage, sticky: true, count: 2, blame: "A8", who: who},
		{name: "plain names, hashes compared: the same", deploy: under(t, Worker, "plain", "atomic"), want: "P"},
		{name: "?v while servers change, hashes compared: the same", deploy: under(t, Worker, "?v everywhere", "rolling"), want: "P"},
		{name: "files are gone, and he has them", deploy: under(t, Worker, "name.hash", "upload, invalidate, prune"), want: "P"},
		{name: "the old server's worker is installed over the new one", deploy: under(t, Worker, "?v everywhere", "rolling"), want: "P",
			property: Monotone, class: Flip, sticky: true, count: 13, who: who},
		{name: "one beside him without a worker is no better off", deploy: under(t, Worker, "plain", "atomic", Fresh), want: "SaP",
			property: ViewConsistency, class: Stale, sticky: true, count: 5, blame: "A1", who: "new visitor"},

		{name: "unchecked, ?v: an old file is installed while servers change", deploy: under(t, UncheckedWorker, "?v everywhere", "rolling"), want: "SAP",
			property: ViewConsistency, class: Stale, sticky: true, count: 9, blame: "A2", who: who},
		{name: "unchecked, ?v: and stays beside a new one", deploy: under(t, UncheckedWorker, "?v everywhere", "rolling"), want: "SAP",
			property: OneBuild, class: Mixed, sticky: true, count: 10, blame: "A2", who: who},
		{name: "unchecked, plain: installed in the middle of a deploy", deploy: under(t, UncheckedWorker, "plain", "rolling"), want: "SAP",
			property: OneBuild, class: Mixed, sticky: true, count: 10, blame: "A1", who: who},
		{name: "unchecked, pages first: the page before its files", deploy: under(t, UncheckedWorker, "?v everywhere", "html first"), want: "SP",
			property: ViewConsistency, class: Stale, sticky: true, count: 10, blame: "A2", who: who},
		{name: "unchecked, plain: from an edge that another visitor filled", deploy: under(t, UncheckedWorker, "plain", "atomic", Fresh), want: "SaP",
			property: ViewConsistency, class: Stale, sticky: true, count: 10, blame: "A1", who: who},
		{name: "unchecked, hashed names: a file is what its name says", deploy: under(t, UncheckedWorker, "name.hash", "assets everywhere, roll"), want: "P"},

		{name: "skip waiting, plain: new files under an open page", deploy: under(t, SkipWaitingWorker, "plain", "atomic"), want: "AP",
			property: OneBuild, class: Mixed, sticky: true, count: 8, blame: "A1", who: who},
		{name: "skip waiting, hashed names: a lazy chunk of the open page is gone", deploy: under(t, SkipWaitingWorker, "name.hash", "upload, invalidate, prune"), want: "MP",
			property: Retention, class: Missing, sticky: true, count: 11, blame: "A7", who: who},
		{name: "skip waiting, hashed names, nothing pruned", deploy: under(t, SkipWaitingWorker, "name.hash", "atomic"), want: "P"},
	}
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}

// TestWorkersReduced: a view that a worker answers in full, with one release, is one
// event, and nothing is lost by that.
func TestWorkersReduced(t *testing.T) {
	for _, kind := range []Kind{Worker, UncheckedWorker} {
		for _, name := range []string{"plain", "?v everywhere", "name.hash"} {
			for _, modeName := range []string{"atomic", "html first"} {
				d := under(t, kind, name, modeName)
				explored := func(noReduction bool) exploration {
					m, err := newModel(d, Bounds{}.withDefaults(), hook{})
					if err != nil {
						t.Fatal(err)
					}
					m.noReduction = noReduction
					return m.explore(context.Background(), nil)
				}
				less, all := explored(false), explored(true)
				if less.found != all.found || less.out != "" || all.out != "" || less.states >= all.states {
					t.Errorf("%s, %s, %s: found %b in %d states%s; without reductions %b in %d%s", kind, name, modeName, less.found, less.states, less.out, all.found, all.states, all.out)
				}
				for v := range noViolation {
					if less.found.has(v) && less.first[v].count > all.first[v].count {
						t.Errorf("%s, %s, %s: %s %s after %d events, and %d without reductions", kind, name, modeName, v.property(), v.class(), less.first[v].count, all.first[v].count)
					}
				}
			}
		}
	}
}

// TestWorkersNeedNewPages: a script that is the same bytes is no new script.
func TestWorkersNeedNewPages(t *testing.T) {
	d := under(t, Worker, "plain", "atomic")
	d.Site = SampleSite()
	d.Site.Assets[0].Fixed = true
	for _, v := range Prove(context.Background(), d, Bounds{}, nil) {
		if v.Status != Unknown || !strings.Contains(v.Cause, "a service worker: the page / of builds 1 and 2 is the same bytes") {
			t.Errorf("%s: %s, %q", v.Property, v.Status, v.Cause)
		}
	}
}

// TestCrewIsBounded: beyond the bound nothing is excluded.
func TestCrewIsBounded(t *testing.T) {
	m, err := newModel(under(t, SkipWaitingWorker, "plain", "rolling"), Bounds{}.withDefaults(), hook{})
	if err != nil {
		t.Fatal(err)
	}
	x := fixpoint{m: m, at: []may{m.nothing(0)}}
	v := m.begin().visitors[0]
	for i := range maxCrew + 1 {
		v.asked = uint64(i)
		x.join(&x.at[0], v)
	}
	if x.found != 1<<noViolation-1 || m.workerFlips != flips {
		t.Errorf("found %b, flips %b", x.found, m.workerFlips)
	}
}
