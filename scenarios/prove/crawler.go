package prove

import (
	"math/bits"
	"slices"
)

// A crawler asks for URLs that nobody was led to: those of a release to come, that a
// feed, a sitemap or a guess told him, and those of one that is gone. He is as many as
// he likes and remembers nothing, so there is nothing of him in a [World]; nothing
// is wrong with what he is given. What caches keep of it is met by the next visitor:
// a 404 from before the file was there, and the bytes of another file, or a page,
// under a key of the future.

// crawlerName is who a trace says asks.
const crawlerName = "crawler"

// setCrawlerApart takes crawlers out of the visitors, and what they take with them.
func (d *Deploy) setCrawlerApart() {
	if !slices.Contains(d.Visitors, Crawler) || len(d.Takes) > len(d.Visitors) {
		return
	}
	visitors, takes := []Kind{}, []Encodings(nil)
	for i, k := range d.Visitors {
		if k == Crawler {
			continue
		}
		visitors = append(visitors, k)
		if d.Takes != nil {
			takes = append(takes, d.Takes[i%len(d.Takes)])
		}
	}
	d.Visitors, d.Takes, d.crawler = visitors, takes, true
}

// readCrawl collects what a crawler asks for: every URL that a build binds.
func (m *model) readCrawl() error {
	if !m.deploy.crawler {
		return nil
	}
	for _, x := range m.bindings {
		m.crawl |= 1 << x.req
	}
	return nil
}

// crawlMoves appends what a crawler may ask next.
func (m *model) crawlMoves(list []move) []move {
	if m.crawl == 0 {
		return list
	}
	for t := range m.tiers {
		if m.tiers[t].kind != "edge" {
			continue
		}
		for set := m.crawl; set != 0; set &= set - 1 {
			list = append(list, newMove(doCrawl, t, bits.TrailingZeros64(set), 0))
		}
	}
	return list
}

// applyCrawl lets a crawler ask. Nobody waits for the flight that he opens.
func (m *model) applyCrawl(w *World, mv move, e *effect) {
	got := m.fetch(w, mv.a(), reqID(mv.b()), mv.c(), e)
	e.refused, e.idle = got.refused, got.idle()
	if e.tale == nil {
		return
	}
	e.tale.crawler = got
	if !got.waits && !got.refused {
		e.tale.answer(m, got.reply)
	}
}

// commentCrawl is comment for a crawler's request.
func (m *model) commentCrawl(t *tale, w *World, mv move, got *fetched) {
	ev := &t.event
	key := int(m.tiers[mv.a()].rules.key[mv.b()])
	if ev.From == m.tiers[mv.a()].name && t.poisoned[[2]int{mv.a(), key}] && ev.Poisoned == "" {
		ev.Poisoned = ev.Key
	}
	if !got.waits {
		return
	}
	ev.via, ev.From = ev.From, "flight"
	if rep := w.tiers[got.tier].flights[got.slot].reply; rep != 0 && !ev.Joined {
		t.answer(m, rep)
	}
}

// crawl lets crawlers ask for everything at every stage.
func (x *fixpoint) crawl(y *may) {
	if x.m.crawl == 0 {
		return
	}
	for t := range x.m.tiers {
		if x.m.tiers[t].kind == "edge" && y.asked[t]&x.m.crawl != x.m.crawl {
			y.asked[t] |= x.m.crawl
			x.changed = true
		}
	}
}
