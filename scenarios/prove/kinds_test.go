package prove

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
)

// noCache has pages that must be asked for again each time.
func noCache() CDN {
	c := K(1)
	c.Origin.PageControl = "no-cache"
	return c
}

// kindRow is a world with other visitors, or other events, than the matrix has, and
// what comes of it: all letters, and of one violation the trace.
type kindRow struct {
	name     string
	deploy   Deploy
	bounds   Bounds
	want     string // letters
	property Property
	class    Class // "": no trace is looked at
	sticky   bool
	count    int
	blame    string
	who      string
}

// check proves a row with both provers, and plays every trace on values and, if its
// events can be, on a real edge.
func (r *kindRow) check(t *testing.T) {
	t.Helper()
	list := Prove(context.Background(), r.deploy, r.bounds, nil)
	if got := Letters(list); got != r.want {
		t.Errorf("letters %s, want %s", got, r.want)
	}
	for _, v := range list {
		switch {
		case v.Status == Unknown:
			t.Errorf("%s %s is unknown: %s\n%s", v.Property, v.Class, v.Cause, tell(v.Trace))
		case v.Status == Refuted:
			r.play(t, v)
		}
	}
	if r.class == "" {
		return
	}
	v := verdictOf(list, r.property, r.class, r.sticky)
	if v == nil {
		t.Fatalf("%s %s sticky=%v is not found", r.property, r.class, r.sticky)
	}
	if v.Trace.Count != r.count || v.Assumption != r.blame || v.Who != r.who {
		t.Errorf("%d events, %s, %q; want %d, %s, %q\n%s", v.Trace.Count, v.Assumption, v.Who, r.count, r.blame, r.who, tell(v.Trace))
	}
}

func (r *kindRow) play(t *testing.T, v Verdict) {
	t.Helper()
	if problem := playAgain(t, r.deploy, v); problem != "" {
		t.Errorf("%s %s sticky=%v on values: %s\n%s", v.Property, v.Class, v.Sticky, problem, tell(v.Trace))
	}
	if v.Property == Binding || r.deploy.CDN.Regional || slices.ContainsFunc(v.Trace.Events, func(e Event) bool {
		return e.Actor == "others" || e.From == "browser" && e.Kind != Restored && !e.Visitor.HasWorker()
	}) {
		return
	}
	text, err := json.Marshal(v.Trace)
	if err != nil {
		t.Fatal(err)
	}
	var problem string
	synctest.Test(t, func(t *testing.T) { problem = newReplay(t, r.deploy).play(text) })
	if problem != "" {
		t.Errorf("%s %s sticky=%v on an edge: %s\n%s", v.Property, v.Class, v.Sticky, problem, tell(v.Trace))
	}
}

// TestBackButton: the page is as it was left, whatever its headers say; then he is an
// old tab.
func TestBackButton(t *testing.T) {
	back := func(strategyName, modeName string, c CDN, more ...Kind) Deploy {
		return Deploy{Strategy: strategy(t, strategyName), Mode: mode(t, modeName), CDN: c, Visitors: append([]Kind{BackButton}, more...)}
	}
	rows := []kindRow{
		{name: "no-cache is no reason to ask", deploy: back("name.hash", "atomic", noCache()), want: "P",
			property: Freshness, class: StalePage, sticky: true, count: 3, blame: "A8", who: "back button"},
		{name: "nor is no-store", deploy: back("name.hash", "atomic", K(1)), want: "P",
			property: Freshness, class: StalePage, sticky: true, count: 3, blame: "A8", who: "back button"},
		{name: "lazy chunks of the old release are gone", deploy: back("name.hash", "upload, invalidate, prune", noCache()), want: "mP",
			property: Retention, class: Missing, count: 8, blame: "A7", who: "back button"},
		{name: "plain names bring new files to the old page", deploy: back("plain", "atomic", noCache()), want: "aP",
			property: ViewConsistency, class: Ahead, count: 4, blame: "A1", who: "back button"},
		{name: "a fresh visitor beside him sees what he always does", deploy: back("plain", "atomic", noCache(), Fresh), want: "SaP",
			property: ViewConsistency, class: Stale, sticky: true, count: 5, blame: "A1", who: "new visitor"},
		{name: "rolling: no server has the same page as the other", deploy: back("?v everywhere", "rolling", noCache()), want: "aP"},
	}
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
	for _, mode := range Modes() {
		want := map[string]string{"upload, invalidate, prune": "mP", "atomic, rollback": "ok", "rollback, invalidate": "ok"}[mode.Name]
		if want == "" {
			want = "P"
		}
		t.Run("hashed names, "+mode.Name, (&kindRow{deploy: back("name.hash", mode.Name, noCache()), want: want}).check)
	}
}
