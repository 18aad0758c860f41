package prove

import (
	"context"
	"testing"
	"time"
)

// mutant is the core with one decision changed, and a cell that must notice.
type mutant struct {
	name         string
	hook         hook
	strategy     string
	mode         Mode
	cdn          CDN
	bounds       Bounds
	visitors     []Kind
	site         Site
	takes        []Encodings
	before, then string // letters of the cell, as it is and with the decision changed
}

// mutants change one decision at a time: what it guards against must appear, or
// vanish. A prover that does not notice is not looking.
func mutants(t *testing.T) []mutant {
	switchWait := Mode{"switch, wait", []Step{put("switch to 2", 2, All), {Name: "wait", Do: Wait, For: 61 * time.Second}}}
	minute := sizeAndTime(K(1))
	minute.Origin.Validator = ByBytes
	noStore := K(2)
	noStore.Origin.PageControl = "no-store"
	alone := Bounds{Flights: -1, Exact: true}
	aloneFour := Bounds{Flights: -1, Exact: true, Visitors: 4}
	return []mutant{
		{"late fills are stored: T6 appears", hook{keepLate: true}, "plain", mode(t, "atomic, invalidate"), K(5), Bounds{}, nil, Site{}, nil, "sa", "SAP"},
		{"late fills are stored: T7 appears", hook{keepLate: true}, "name.hash", mode(t, "upload, invalidate, prune"), K(5), Bounds{}, nil, Site{}, nil, "m", "MP"},
		{"the query leaves the key: T3 appears", hook{dropQuery: true}, "?v everywhere", mode(t, "atomic"), K(1), Bounds{}, nil, Site{}, nil, "a", "Sa"},
		{"errors are not stored: T9 is no longer sticky", hook{dropNegative: true}, "/v/ real", mode(t, "rolling"), K(1), Bounds{}, nil, Site{}, nil, "M", "m"},
		{"nothing is evicted: T12 vanishes", hook{dropEvict: true}, "plain", mode(t, "atomic"), K(2), Bounds{Evictions: 1, Exact: true}, nil, Site{}, nil, "SAP", "AP?"},
		{"invalidations cover nothing: they cure nothing", hook{coverNothing: true}, "name.hash", mode(t, "upload, invalidate, prune"), K(5), Bounds{}, nil, Site{}, nil, "m", "MP"},
		{"flights are joined across an invalidation: old bytes for who comes later", hook{joinAny: true}, "plain", mode(t, "atomic, invalidate"), K(5), Bounds{Exact: true}, nil, Site{}, nil, "a?", "sa"},
		{"the purge order is swapped: T8 appears", hook{swapPurge: true}, "plain", purge("regional", "edge"), twoTiers(), Bounds{Visitors: 3}, nil, Site{}, nil, "sa", "Sa"},
		{"the purge order is swapped: T8 vanishes", hook{swapPurge: true}, "plain", purge("edge", "regional"), twoTiers(), Bounds{Visitors: 3}, nil, Site{}, nil, "Sa", "sa"},
		{"the regional cache is not invalidated: it fills the edge again", hook{purgeEdgeOnly: true}, "plain", mode(t, "atomic, invalidate"), twoTiers(), Bounds{Visitors: 3}, nil, Site{}, nil, "sa", "Sa"},
		{"no-store on pages is ignored: T18 appears", hook{ignoreNoStore: true}, "name.hash", mode(t, "atomic"), noStore, Bounds{}, nil, Site{}, nil, "ok", "P"},
		{"no-store on a 404 is ignored: T9 becomes sticky", hook{ignoreNoStore: true}, "/v/ real", mode(t, "rolling"), K(7), Bounds{}, nil, Site{}, nil, "m", "M"},
		{"there is no minimum TTL: T18 vanishes", hook{ignoreMinimum: true}, "name.hash", mode(t, "atomic"), minimumTTL(), Bounds{}, nil, Site{}, nil, "P", "ok"},
		{"any validator still holds: T14 appears", hook{matchAny: true}, "plain", switchWait, minute, alone, nil, Site{}, nil, "sa?", "Sa"},
		{"nothing grows older: T3 appears where waiting had cured it", hook{ageless: true}, "plain", switchWait, minute, alone, nil, Site{}, nil, "sa?", "Sa"},
		{"a tier begins a lifetime of its own: old bytes for another one", hook{restartAge: true}, "plain", halfMinutes, ageingTiers(), aloneFour, nil, twoFiles(), nil, "sa?", "Sa"},
		{"what is stored answers for a failing server, however old: T3 appears where its window was over [STALE-08]", hook{staleForever: true}, "plain", switchAndWait(120 * time.Second), failing("max-age=60, stale-if-error=30"), alone, nil, Site{}, nil, "saM?", "SaM"},
		{"a service worker installs what it is given: a sticky mixture of releases", hook{trustInstalls: true}, "plain", mode(t, "rolling"), K(1), Bounds{Exact: true}, []Kind{Worker}, Site{}, nil, "P", "SAP"},
		{"a copy in a build is what the build means: an old one left there is not noticed", hook{trustCopies: true}, "", mode(t, "atomic"), encoded(K(1)), Bounds{}, nil, oldCopy(), []Encodings{"br"}, "S", "ok"},
		{"what has expired is served: T3 appears where waiting had cured it", hook{serveExpired: true}, "plain", switchWait, minute, alone, nil, Site{}, nil, "sa?", "Sa"},
	}
}

// oldCopy is two builds as a tool made them: the second has the copy of the first beside
// its own file.
func oldCopy() Site {
	build := func(n, copied string) Build {
		return Build{Files: []File{
			{Path: "/", Body: "page" + n, Page: true, Refs: []string{"/css?v=" + n}},
			{Path: "/css", URL: "/css?v=" + n, Body: "css" + n},
			{Path: "/css.br", Body: "css" + copied, Coding: "br", CopyOf: "/css"},
		}}
	}
	return Site{Name: "old copy", Builds: []Build{build("1", "1"), build("2", "1")}}
}

// TestMutations changes a decision of the core at a time; a mutant that no cell
// notices has survived, and none may.
func TestMutations(t *testing.T) {
	survived := map[hook]string{}
	killed := map[hook]bool{}
	for _, r := range mutants(t) {
		d := Deploy{Site: r.site, Mode: r.mode, CDN: r.cdn, Visitors: r.visitors, Takes: r.takes}
		if r.strategy != "" {
			d.Strategy = strategy(t, r.strategy)
		}
		letters := func(h hook) string {
			p := prover{ctx: context.Background(), deploy: d, bounds: r.bounds.withDefaults(), hook: h, of: 1}
			return Letters(p.prove())
		}
		before, then := letters(hook{}), letters(r.hook)
		if before != r.before || then != r.then {
			t.Errorf("%s: %s becomes %s, want %s and %s", r.name, before, then, r.before, r.then)
		}
		if before != then {
			killed[r.hook] = true
		} else {
			survived[r.hook] = r.name
		}
	}
	for h, name := range survived {
		if !killed[h] {
			t.Errorf("survived: %s (%+v)", name, h)
		}
	}
	const least = 12
	if len(killed) < least {
		t.Errorf("%d mutants were noticed, want %d at least", len(killed), least)
	}
	t.Logf("%d mutants noticed", len(killed))
}
