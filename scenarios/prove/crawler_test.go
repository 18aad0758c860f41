package prove

import (
	"context"
	"strings"
	"testing"
)

// TestCrawler: what a crawler asked for too early is what the next visitor is given.
func TestCrawler(t *testing.T) {
	beside := func(strategyName, modeName string, c CDN, more ...Kind) Deploy {
		if more == nil {
			more = []Kind{Fresh}
		}
		return Deploy{Strategy: strategy(t, strategyName), Mode: mode(t, modeName), CDN: c, Visitors: append([]Kind{Crawler}, more...)}
	}
	fallback := K(1)
	fallback.Origin.Fallback = true
	two := K(1)
	two.Locations = 2
	rows := []kindRow{
		{name: "a 404 is kept from before the file was there [ERR-01]", deploy: beside("name.hash", "atomic", K(1)), want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 4, blame: "A9", who: "new visitor"},
		{name: "assets before pages do not help", deploy: beside("name.hash", "assets everywhere, roll", K(1)), want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 6, blame: "A9", who: "new visitor"},
		{name: "an invalidation is too early for a flight that lands late", deploy: beside("name.hash", "atomic, invalidate", K(1)), want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 5, blame: "A9", who: "new visitor"},
		{name: "who is behind two locations finds him at each", deploy: beside("name.hash", "atomic", two), want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 4, blame: "A9", who: "new visitor"},
		{name: "a 404 that is not kept does no harm", deploy: beside("name.hash", "atomic", K(7)), want: "ok"},
		{name: "old bytes under a version that is to come", deploy: beside("?v everywhere", "atomic", K(1)), want: "Sa",
			property: ViewConsistency, class: Stale, sticky: true, count: 4, blame: "A2", who: "new visitor"},
		{name: "who verifies answers 404, and that is kept", deploy: beside("?v everywhere", "atomic", K(6)), want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 4, blame: "A9", who: "new visitor"},
		{name: "the page is kept as a file that is to come", deploy: beside("name.hash", "atomic", fallback), want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 4, blame: "A2", who: "new visitor"},
	}
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}

// TestCrawlerAlone: nobody is there to be shown anything.
func TestCrawlerAlone(t *testing.T) {
	d := Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: K(1), Visitors: []Kind{Crawler}}
	for _, v := range Prove(context.Background(), d, Bounds{}, nil) {
		if v.Status != Unknown || !strings.Contains(v.Cause, "name one who is beside him") {
			t.Errorf("%s: %s, %q", v.Property, v.Status, v.Cause)
		}
	}
}
