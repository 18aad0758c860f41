package report

import (
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// keep follows what the caches hold, as far as the trace tells.
func (w *teller) keep(e prove.Event) {
	w.precache(e)
	key := variant(e.Key)
	passedOn := slices.ContainsFunc(w.holds, func(h holding) bool { return h.Bad && h.Tier == e.From && h.URL == key })
	for _, tier := range e.Stored {
		name := w.cache(tier)
		if tier == "browser" {
			name = visitor(e.Actor) + "’s browser"
		}
		w.forget(func(h holding) bool { return h.Cache == name && h.URL == key })
		w.holds = append(w.holds, holding{Tier: tier, Cache: name, URL: key, Builds: label(e), New: true, Bad: passedOn})
	}
	switch e.Kind {
	case prove.Evicted:
		w.forget(func(h holding) bool { return h.Tier == e.Tier && h.URL == key })
	case prove.Invalidated:
		w.forget(func(h holding) bool {
			return slices.Contains(w.reached(e.Tier), h.Tier) && (len(e.Items) == 0 || slices.ContainsFunc(e.Items, func(item string) bool { return covers(item, h.path()) }))
		})
	}
	for i := range w.holds {
		if e.Poisoned != "" && w.holds[i].Tier != "worker" && w.holds[i].URL == variant(e.Poisoned) {
			w.holds[i].Bad = true
		}
	}
}

// variant is the URL of a cache key with the encodings in it, if there are any.
func variant(key string) string {
	url := keyURL(key)
	for line := range strings.Lines(key) {
		if encodings, ok := strings.CutPrefix(line, "Accept-Encoding: "); ok {
			url += " (" + strings.TrimSpace(encodings) + ")"
		}
	}
	return url
}

// path is what an invalidation is compared with: it covers all variants.
func (h *holding) path() string {
	url, _, _ := strings.Cut(h.URL, " (")
	return url
}

// reached lists the tiers that an invalidation at a tier reaches: all of the CDN's, or
// those of a kind; browsers and proxies never.
func (w *teller) reached(tier string) []string {
	var list []string
	for _, t := range w.tiers {
		if t != "proxy" && (tier == "" || t == tier || tier == "edge" && strings.HasPrefix(t, "edge")) {
			list = append(list, t)
		}
	}
	return list
}

func (w *teller) forget(which func(holding) bool) {
	w.holds = slices.DeleteFunc(w.holds, which)
}

// covers says whether an item of an invalidation names a URL; a * at the end stands
// for any rest.
func covers(item, url string) bool {
	if prefix, ok := strings.CutSuffix(item, "*"); ok {
		return strings.HasPrefix(url, prefix)
	}
	return item == url
}
