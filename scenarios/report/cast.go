package report

import (
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// cast finds the actors and gives each its lane: visitors with their browsers, caches
// from near to far, servers, the deployer.
func (w *teller) cast() {
	var visitors, browsers []string
	deployer := false
	see := func(list *[]string, name string) {
		if name != "" && !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, e := range w.trace.Events {
		see(&w.servers, e.Server)
		switch e.Kind {
		case prove.Navigated, prove.Requested, prove.WorkerChecked, prove.WorkerFetched:
			if e.Kind == prove.Navigated && e.Body != "" {
				w.pages[e.Body], w.pages[e.URL] = true, true
			}
			see(&visitors, e.Actor)
			if e.From == "browser" || e.Visitor.HasWorker() || slices.Contains(e.Stored, "browser") {
				see(&browsers, e.Actor)
			}
		case prove.Restored:
			see(&browsers, e.Actor)
		case prove.Deployed, prove.Invalidated, prove.Stopped:
			deployer = true
			w.numbered = w.numbered || e.Server != ""
			if e.Tier == "regional" {
				see(&w.tiers, e.Tier)
			}
		case prove.Evicted, prove.Landed:
			see(&w.tiers, e.Actor)
		}
		if e.From != "origin" && e.From != "browser" && e.From != "flight" {
			see(&w.tiers, e.From)
		}
		for _, tier := range slices.Concat(e.Stored, e.Dropped) {
			if tier != "browser" {
				see(&w.tiers, tier)
			}
		}
	}
	if len(w.tiers) == 0 && len(visitors) > 0 {
		w.tiers = []string{"edge"}
	}
	near := map[string]int{"proxy": -1, "regional": 1}
	slices.SortStableFunc(w.tiers, func(a, b string) int { return near[a] - near[b] })
	slices.Sort(w.servers)
	slices.Sort(visitors)
	for _, v := range visitors {
		w.story.lanes = append(w.story.lanes, lane{v, visitor(v), "visitor"})
		if slices.Contains(browsers, v) {
			w.story.lanes = append(w.story.lanes, lane{v + " browser", visitor(v) + "’s browser", "browser"})
		}
	}
	for _, t := range w.tiers {
		w.story.lanes = append(w.story.lanes, lane{t, w.cache(t), "cache"})
	}
	for _, s := range w.servers {
		w.story.lanes = append(w.story.lanes, lane{s, w.server(s), "server"})
	}
	if deployer {
		w.story.lanes = append(w.story.lanes, lane{"deploy", "deploy", "deployer"})
	}
}

func (w *teller) lane(id string) int {
	return slices.IndexFunc(w.story.lanes, func(l lane) bool { return l.ID == id })
}

// cache names a tier. Without a regional one the edge is simply the CDN.
func (w *teller) cache(tier string) string {
	switch {
	case tier == "edge" && !slices.Contains(w.tiers, "regional"):
		return "the CDN"
	case tier == "edge":
		return "the edge cache"
	case tier == "regional":
		return "the regional cache"
	case strings.HasPrefix(tier, "edge "):
		return "edge location " + strings.TrimPrefix(tier, "edge ")
	case tier == "proxy":
		return "the proxy"
	case tier == "browser":
		return "the browser"
	}
	return tier
}

// server names a server. If only one is mentioned and no step is done on one alone,
// it is "the server".
func (w *teller) server(s string) string {
	if len(w.servers) <= 1 && !w.numbered {
		return "the server"
	}
	return "server " + strings.TrimPrefix(s, "s")
}

func (w *teller) list(tiers []string) string {
	var names []string
	for _, t := range tiers {
		names = append(names, w.cache(t))
	}
	switch len(names) {
	case 0:
		return "the CDN"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
