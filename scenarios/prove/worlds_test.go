package prove

import (
	"context"
	"strings"
	"testing"
)

func moreMode(t *testing.T, name string) Mode {
	t.Helper()
	if name == "invalidates one location" {
		return Mode{name, []Step{put("switch to 2", 2, All), {Name: "invalidate edge 1", Do: Invalidate, Tier: "edge 1"}}}
	}
	for _, m := range MoreModes() {
		if m.Name == name {
			return m
		}
	}
	return mode(t, name)
}

// TestWorlds has worlds beyond the matrix: other ways to deploy, kinds of
// visitors, tiers, failing deploys.
func TestWorlds(t *testing.T) {
	cached := K(2)
	cached.Regional = true
	twoLocations := K(1)
	twoLocations.Locations = 2
	droppedLate := twoLocations
	droppedLate.Behaviors = K(5).Behaviors
	droppedLate.Behaviors[0] = K(1).Behaviors[0]
	rows := []struct {
		name     string
		strategy string
		mode     string
		cdn      CDN
		visitors []Kind
		bounds   Bounds
		want     string
	}{
		// Published: invalidating before the switch only is like not invalidating.
		{"invalidate before the switch", "plain", "invalidate, atomic", K(1), nil, Bounds{}, "Sa"},
		{"invalidate before the switch", "?v everywhere", "invalidate, atomic", K(1), nil, Bounds{}, "a"},
		{"invalidate before the switch", "name.hash", "invalidate, atomic", K(1), nil, Bounds{}, "ok"},
		{"invalidate before the switch, pages cached", "plain", "invalidate, atomic", K(2), nil, Bounds{}, "SAP"},

		{"in place, any order", "plain", "in place, any order", K(1), nil, Bounds{}, "Sa"},
		{"in place, any order: the query binds old bytes", "?v everywhere", "in place, any order", K(1), nil, Bounds{}, "Sa"},
		{"in place, any order: page before assets", "name.hash", "in place, any order", K(1), nil, Bounds{}, "M"},
		{"in place, any order, then invalidated", "name.hash", "in place, any order, invalidate", K(5), nil, Bounds{}, "m"},

		// With one asset origin the query is clean of STALE; server by server it is not.
		{"assets server by server", "?v everywhere", "assets server by server, roll", K(1), nil, Bounds{}, "Sa"},
		{"assets server by server", "name.hash", "assets server by server, roll", K(1), nil, Bounds{}, "ok"},

		{"sync --delete first", "plain", "sync --delete, upload", K(1), nil, Bounds{}, "SaM"},
		{"sync --delete first", "name.hash", "sync --delete, upload", K(1), nil, Bounds{}, "m"},
		{"sync --delete first, errors not cached", "plain", "sync --delete, upload", K(7), nil, Bounds{}, "Sam"},

		// Waiting out the pages' lifetime leaves open tabs, and slow flights.
		{"wait before the prune", "name.hash", "upload, wait a day, prune", K(1), nil, Bounds{}, "m"},

		// Visitor kinds, as published.
		{"behind a proxy that drops the query: K3", "?v everywhere", "atomic", K(1), []Kind{BehindProxy, BehindProxy}, Bounds{}, "Sa"},
		{"behind a proxy that drops the query: K3", "name.hash", "atomic", K(1), []Kind{BehindProxy, BehindProxy}, Bounds{}, "ok"},
		{"an old tab sees transient violations only", "plain", "rolling", K(1), []Kind{OldTab, OldTab}, Bounds{}, "a"},
		{"an old tab after the prune", "name.hash", "upload, invalidate, prune", K(1), []Kind{OldTab}, Bounds{}, "m"},

		// Tiers and locations.
		{"two tiers, pages cached, assets everywhere first: only old pages", "/v/ real", "assets everywhere, roll", cached, nil, Bounds{Visitors: 3, Exact: true}, "P"},
		{"two tiers, pages cached, assets everywhere first: only old pages", "name.hash", "assets everywhere, roll", cached, nil, Bounds{Visitors: 3, Exact: true}, "P"},
		{"two locations", "?v everywhere", "rolling", twoLocations, []Kind{Fresh, Fresh}, Bounds{}, "Sa"},
		{"two locations", "name.hash", "atomic", twoLocations, []Kind{Fresh, Fresh}, Bounds{}, "ok"},
		{"two locations, all invalidated", "plain", "atomic, invalidate", droppedLate, []Kind{Fresh, Fresh}, Bounds{}, "sa"},
		{"two locations, one invalidated", "plain", "invalidates one location", droppedLate, []Kind{Fresh, Fresh}, Bounds{}, "Sa"},

		// A deploy that fails after any step.
		{"fails anywhere", "name.hash", "leaf first", K(1), nil, Bounds{Prefixes: true}, "ok"},
		{"fails between servers: missing for good", "name.hash", "rolling", K(7), nil, Bounds{Prefixes: true}, "M"},
		{"fails between servers: ahead for good", "?v everywhere", "rolling", K(1), nil, Bounds{Prefixes: true}, "SA"},
	}
	for _, r := range rows {
		t.Run(r.name+", "+r.strategy, func(t *testing.T) {
			d := Deploy{Strategy: strategy(t, r.strategy), Mode: moreMode(t, r.mode), CDN: r.cdn, Visitors: r.visitors}
			list := Prove(context.Background(), d, r.bounds, nil)
			if got := Letters(list); got != r.want {
				var told strings.Builder
				for _, v := range list {
					if v.Property == ViewConsistency {
						told.WriteString(string(v.Status) + " " + string(v.Class) + " " + v.Cause + "\n" + tell(v.Trace))
					}
				}
				t.Errorf("got %s, want %s\n%s", got, r.want, told.String())
			}
		})
	}
}

// TestGivenBuilds proves builds as a tool made them, three of them in a row, with
// a name that is used again for other bytes.
func TestGivenBuilds(t *testing.T) {
	build := func(n, css, cssBody, img string) Build {
		return Build{Files: []File{
			{Path: "/", Body: "page" + n, Page: true, Refs: []string{"/a/" + css, "https://elsewhere.example/x.js", "#top"}},
			{Path: "/a/" + css, Body: cssBody, Refs: []string{"../i/" + img}},
			{Path: "/i/" + img, Body: img + "-bytes"},
		}}
	}
	mode := Mode{"1 to 2 to 3", []Step{
		{Name: "assets of 2", Do: Put, Build: 2, Files: Assets}, {Name: "page of 2", Do: Put, Build: 2, Files: Pages},
		{Name: "assets of 3", Do: Put, Build: 3, Files: Assets}, {Name: "page of 3", Do: Put, Build: 3, Files: Pages},
	}}
	rows := []struct {
		name   string
		builds []Build
		want   string
		count  int
		blame  string
	}{
		{"hashed", []Build{build("1", "app.111.css", "css1", "a.gif"), build("2", "app.222.css", "css2", "a.gif"), build("3", "app.333.css", "css3", "b.gif")}, "ok", 0, ""},
		{"one hash for two builds", []Build{build("1", "app.111.css", "css1", "a.gif"), build("2", "app.222.css", "css2", "a.gif"), build("3", "app.222.css", "css3", "a.gif")}, "Sa", 8, "A1"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			list := Prove(context.Background(), Deploy{Site: Site{Name: r.name, Builds: r.builds}, Mode: mode, CDN: K(1)}, Bounds{}, nil)
			if got := Letters(list); got != r.want {
				t.Fatalf("got %s, want %s\n%+v", got, r.want, list[0])
			}
			if v := verdictOf(list, ViewConsistency, Stale, true); r.count > 0 && (v == nil || v.Trace.Count != r.count || v.Assumption != r.blame) {
				t.Errorf("got %+v, want %d events, %s", v, r.count, r.blame)
			}
		})
	}
}
