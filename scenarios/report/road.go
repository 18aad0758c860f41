package report

import (
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// nearest is the cache a visitor's request comes to first: one this visitor is seen
// with, else the first.
func (w *teller) nearest(e prove.Event) string {
	for _, t := range w.tiers {
		for _, x := range w.trace.Events {
			mine := x.Actor == e.Actor || slices.Contains(x.For, e.Actor)
			if mine && t != "regional" && (x.From == t || slices.Contains(x.Stored, t) || slices.Contains(x.Dropped, t)) {
				return t
			}
		}
	}
	if len(w.tiers) == 0 {
		return "edge" // nobody who has a name asked
	}
	return w.tiers[0]
}

// way lists the lanes a request passes: the visitor, the caches up to the one that
// answers, and the server if none does.
func (w *teller) way(e prove.Event, near string) []string {
	way := []string{e.Actor}
	for _, t := range w.tiers {
		switch {
		case t != near && strings.HasPrefix(t, "edge") && strings.HasPrefix(near, "edge"):
			continue // another location
		case t == "proxy" && near != "proxy":
			continue // of another visitor
		}
		way = append(way, t)
		if t == e.From {
			return way
		}
	}
	if e.Server != "" {
		way = append(way, e.Server)
	}
	return way
}

// path draws a request along a way and, unless it is still under way, the answer.
func (w *teller) path(l line, e prove.Event, way []string) []hop {
	var hops []hop
	for i := 1; i < len(way); i++ {
		hops = append(hops, hop{From: w.lane(way[i-1]), To: w.lane(way[i]), Row: 1})
	}
	for i := len(way) - 1; i > 0 && e.From != "flight"; i-- {
		h := hop{From: w.lane(way[i]), To: w.lane(way[i-1]), Row: 2, Answer: true, Bad: l.Bad}
		if i == 1 {
			h.Builds = l.Builds
		}
		hops = append(hops, h)
	}
	return slices.DeleteFunc(hops, func(h hop) bool { return h.From < 0 || h.To < 0 })
}

// orders draws what a deploy step does to servers and caches.
func (w *teller) orders(e prove.Event, builds string) []hop {
	to, label := w.servers, builds
	switch {
	case e.Kind == prove.Invalidated:
		to, label = w.reached(e.Tier), "forget"
	case e.Kind != prove.Deployed || builds == "":
		return nil
	case e.Server != "":
		to = []string{e.Server}
	}
	var hops []hop
	for i, id := range to {
		if at := w.lane(id); at >= 0 {
			hops = append(hops, hop{From: w.lane("deploy"), To: at, Row: 1 + i, Answer: true, Builds: label})
		}
	}
	return hops
}
