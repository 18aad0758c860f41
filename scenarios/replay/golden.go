package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"staleproof/scenarios/prove"
)

// golden is one of the published counterexamples, docs/STRATEGIES.md section 4, as a
// deploy and what is to be found in it.
type golden struct {
	id       string
	strategy string
	mode     string
	cdn      prove.CDN
	bounds   prove.Bounds
	visitors []prove.Kind
	site     prove.Site
	steps    []prove.Step // instead of the mode's
	property prove.Property
	class    prove.Class
	sticky   bool
}

// goldens are T1 to T18. Where one has two lengths, the sticky one has the plain name.
func goldens() []golden {
	const s1 = prove.ViewConsistency
	return []golden{
		{id: "T1", strategy: "?v everywhere", mode: "rolling", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T1-transient", strategy: "?v everywhere", mode: "rolling", cdn: prove.K(1), property: s1, class: prove.Stale},
		{id: "T1-directory", strategy: "/v/ rewritten", mode: "rolling", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T2", strategy: "?v everywhere", mode: "atomic, rollback", cdn: prove.K(1), property: s1, class: prove.Ahead, sticky: true},
		{id: "T3", strategy: "plain", mode: "atomic", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T3-query", strategy: "?v everywhere", mode: "atomic", cdn: prove.K(3), property: s1, class: prove.Stale, sticky: true},
		{id: "T3-proxy", strategy: "?v everywhere", mode: "atomic", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true,
			visitors: []prove.Kind{prove.BehindProxy, prove.BehindProxy}},
		{id: "T4", strategy: "?v, nested bare", mode: "atomic", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T5", strategy: "?v everywhere", mode: "css, img, html", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T6", strategy: "plain", mode: "atomic, invalidate", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T7", strategy: "name.hash", mode: "upload, invalidate, prune", cdn: prove.K(2), property: s1, class: prove.Missing, sticky: true},
		{id: "T8", strategy: "plain", mode: "edge first", cdn: twoTiers(), bounds: prove.Bounds{Visitors: 3}, steps: purgeEdgeFirst(),
			property: s1, class: prove.Stale, sticky: true},
		{id: "T9", strategy: "/v/ real", mode: "rolling", cdn: prove.K(1), property: s1, class: prove.Missing, sticky: true},
		{id: "T9-transient", strategy: "/v/ real", mode: "rolling", cdn: prove.K(1), property: s1, class: prove.Missing},
		{id: "T9-hash", strategy: "name.hash", mode: "rolling", cdn: prove.K(1), property: s1, class: prove.Missing, sticky: true},
		{id: "T10", strategy: "name.hash", mode: "html first", cdn: prove.K(1), property: s1, class: prove.Missing},
		{id: "T11", strategy: "plain", mode: "atomic, invalidate", cdn: prove.K(4), bounds: prove.Bounds{Flights: -1}, visitors: prove.KVisitors(4),
			property: s1, class: prove.Stale, sticky: true},
		{id: "T12", strategy: "plain", mode: "atomic", cdn: prove.K(2), bounds: prove.Bounds{Evictions: 1}, property: s1, class: prove.Stale, sticky: true},
		{id: "T13", strategy: "name.hash", mode: "html first", cdn: fallback(), property: s1, class: prove.Missing, sticky: true},
		{id: "T14", strategy: "plain", mode: "switch, wait", cdn: sizeAndTime(), bounds: prove.Bounds{Flights: -1}, steps: switchAndWait(),
			property: s1, class: prove.Stale, sticky: true},
		{id: "T15", strategy: "name.hash reused", mode: "atomic", cdn: prove.K(1), property: s1, class: prove.Stale, sticky: true},
		{id: "T16", strategy: "plain", mode: "replace media", cdn: prove.K(1), site: media(), steps: replaceMedia(),
			property: s1, class: prove.Stale, sticky: true},
		{id: "T17", strategy: "name.hash", mode: "rolling", cdn: prove.K(1), property: prove.Monotone, class: prove.Flip},
		{id: "T18", strategy: "name.hash", mode: "atomic", cdn: minimumTTL(), property: prove.Freshness, class: prove.StalePage, sticky: true},
	}
}

// GoldenNames are what [Golden] knows, in order.
func GoldenNames() []string {
	var names []string
	for _, g := range goldens() {
		names = append(names, g.id)
	}
	return names
}

// Golden proves the deploy of a published counterexample and returns its story; ok is
// false when there is none of that name, in either case.
func Golden(ctx context.Context, name string) (s Story, ok bool, err error) {
	for _, g := range goldens() {
		if strings.EqualFold(g.id, name) {
			s, err = g.story(ctx)
			return s, true, err
		}
	}
	return Story{}, false, nil
}

func (g *golden) deploy() prove.Deploy {
	d := prove.Deploy{Name: g.id, Site: g.site, CDN: g.cdn, Visitors: g.visitors, Mode: prove.Mode{Name: g.mode, Steps: g.steps}}
	if g.strategy == "name.hash reused" {
		d.Strategy = prove.Strategy{Name: g.strategy, Version: prove.InName, SameID: true}
	} else {
		i := slices.IndexFunc(prove.Strategies(), func(s prove.Strategy) bool { return s.Name == g.strategy })
		d.Strategy = prove.Strategies()[i]
	}
	if g.steps == nil {
		i := slices.IndexFunc(prove.Modes(), func(m prove.Mode) bool { return m.Name == g.mode })
		d.Mode = prove.Modes()[i]
	}
	return d
}

func (g *golden) story(ctx context.Context) (Story, error) {
	d := g.deploy()
	for _, v := range prove.Prove(ctx, d, g.bounds, nil) {
		if v.Status == prove.Refuted && v.Property == g.property && v.Class == g.class && v.Sticky == g.sticky {
			return Of(g.id, d, v), nil
		}
	}
	if err := ctx.Err(); err != nil {
		return Story{}, err
	}
	return Story{}, fmt.Errorf("%s: the prover does not find it any more", g.id)
}

func put(name string, build int, files prove.Select) prove.Step {
	return prove.Step{Name: name, Do: prove.Put, Build: build, Files: files}
}

func purgeEdgeFirst() []prove.Step {
	return []prove.Step{
		put("switch to 2", 2, prove.All),
		{Name: "invalidate edge", Do: prove.Invalidate, Tier: "edge"},
		{Name: "invalidate regional", Do: prove.Invalidate, Tier: "regional"},
	}
}

func switchAndWait() []prove.Step {
	return []prove.Step{put("switch to 2", 2, prove.All), {Name: "wait", Do: prove.Wait, For: 61 * time.Second}}
}

func replaceMedia() []prove.Step {
	return []prove.Step{
		{Name: "delete cat.gif", Do: prove.Remove, Build: 1, Files: prove.Assets},
		put("upload cat.gif", 2, prove.Assets), put("html of 2", 2, prove.Pages),
	}
}

func media() prove.Site {
	return prove.Site{Name: "media", Assets: []prove.Asset{{Name: "html", Page: true, Refs: []string{"cat.gif"}}, {Name: "cat.gif"}}}
}

// twoTiers has a regional cache, does not cache pages and drops late fills.
func twoTiers() prove.CDN {
	c := prove.K(5)
	c.Name, c.Regional = "two tiers", true
	c.Behaviors[0].Terms = prove.K(1).Behaviors[0].Terms
	c.Origin.PageControl = "no-store"
	return c
}

func fallback() prove.CDN {
	c := prove.K(1)
	c.Origin.Fallback = true
	return c
}

func sizeAndTime() prove.CDN {
	c := prove.K(1)
	c.Origin.Validator, c.Origin.AssetControl = prove.ByPath, "max-age=60"
	return c
}

// minimumTTL gives pages a minimum TTL although they say no-cache.
func minimumTTL() prove.CDN {
	c := prove.K(2)
	c.Origin.PageControl = "no-cache"
	c.Behaviors[0].Terms.Policy.MinTTL = time.Hour
	return c
}
