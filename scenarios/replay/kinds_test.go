package replay

import (
	"context"
	"slices"
	"testing"

	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// TestKindsOfVisitors plays what befalls other kinds of visitors than the golden
// traces have, on every level: they agree, or say what they cannot play.
func TestKindsOfVisitors(t *testing.T) {
	noCache := prove.K(1)
	noCache.Origin.PageControl = "no-cache"
	failing := prove.K(1)
	failing.Origin.Outages = 1
	rows := []struct {
		golden
		want []Outcome // values, edge, sockets
	}{
		{golden{id: "back to a page of before", strategy: "name.hash", mode: "atomic", cdn: noCache, visitors: []prove.Kind{prove.BackButton},
			property: prove.Freshness, class: prove.StalePage, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "back, and lazy chunks are gone", strategy: "name.hash", mode: "upload, invalidate, prune", cdn: noCache, visitors: []prove.Kind{prove.BackButton},
			property: prove.Retention, class: prove.Missing}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "a server fails, and the error is kept", strategy: "name.hash", mode: "atomic", cdn: failing,
			property: prove.ViewConsistency, class: prove.Missing, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "a crawler asks for what is to come", strategy: "name.hash", mode: "atomic, invalidate", cdn: prove.K(1), visitors: []prove.Kind{prove.Crawler, prove.Fresh},
			property: prove.ViewConsistency, class: prove.Missing, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "a crawler fills a key of the next release", strategy: "?v everywhere", mode: "atomic", cdn: prove.K(1), visitors: []prove.Kind{prove.Crawler, prove.Fresh},
			property: prove.ViewConsistency, class: prove.Stale, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "an unchecked worker keeps a mixture", strategy: "?v everywhere", mode: "rolling", cdn: prove.K(1), visitors: []prove.Kind{prove.UncheckedWorker},
			property: prove.OneBuild, class: prove.Mixed, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "a worker installs from an edge that another filled", strategy: "plain", mode: "atomic", cdn: prove.K(1), visitors: []prove.Kind{prove.UncheckedWorker, prove.Fresh},
			property: prove.ViewConsistency, class: prove.Stale, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "a worker that skips waiting", strategy: "plain", mode: "atomic", cdn: prove.K(1), visitors: []prove.Kind{prove.SkipWaitingWorker},
			property: prove.OneBuild, class: prove.Mixed, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "a lazy chunk is gone under a new worker", strategy: "name.hash", mode: "upload, invalidate, prune", cdn: prove.K(1), visitors: []prove.Kind{prove.SkipWaitingWorker},
			property: prove.Retention, class: prove.Missing, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
		{golden{id: "the old worker over the new one", strategy: "?v everywhere", mode: "rolling", cdn: prove.K(1), visitors: []prove.Kind{prove.Worker},
			property: prove.Monotone, class: prove.Flip, sticky: true}, []Outcome{Agrees, Agrees, Agrees}},
	}
	browsers := &Browsers{}
	t.Cleanup(func() {
		if err := browsers.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, r := range rows {
		t.Run(r.id, func(t *testing.T) {
			s, err := r.story(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var got []Outcome
			for _, l := range run(t, s, Options{}).Levels {
				got = append(got, l.Outcome)
				if l.Why != "" {
					t.Logf("%s: %s", l.Level, l.Why)
				}
			}
			if !slices.Equal(got, r.want) {
				t.Errorf("%v, want %v", got, r.want)
			}
			t.Run("in Chromium", func(t *testing.T) {
				if _, err := browser.Find(""); err != nil {
					t.Skip(err)
				}
				if l := run(t, s, Options{Levels: []Level{Chromium}, Browsers: browsers}).Levels[0]; l.Outcome != Agrees {
					t.Errorf("%s: %s", l.Outcome, l.Why)
				}
			})
		})
	}
}
