package prove

import (
	"context"
	"testing"
	"time"
)

// TestWhatABrowserKeeps compares how long an asset is kept by the edge and by a
// browser behind it.
func TestWhatABrowserKeeps(t *testing.T) {
	rows := []struct {
		name, control string
		edge, browser time.Duration
	}{
		{"max-age is for both", "max-age=60", time.Minute, time.Minute},
		{"RFC 9111 §5.2.2.10: s-maxage is for shared caches", "max-age=60, s-maxage=3600", time.Hour, time.Minute},
		{"RFC 9111 §5.2.2.10: s-maxage alone gives a browser no age", "s-maxage=3600", time.Hour, 0},
		{"RFC 9111 §5.2.2.7: private is for browsers", "private, max-age=60", 0, time.Minute},
		{"no-cache is revalidated by both", "no-cache, s-maxage=3600", 0, 0},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			c := K(1)
			c.Origin.AssetControl = r.control
			m, err := newModel(Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: c, Visitors: []Kind{Returning}}, Bounds{}.withDefaults(), hook{})
			if err != nil {
				t.Fatal(err)
			}
			css := m.reqIndex["/css"]
			kept := func(r *rules) time.Duration {
				if out := r.settle(css, r.plan(css, 0), m.originReply(0, 0, css)); out.store != 0 {
					return m.stored[out.store].Lifetime
				}
				return 0
			}
			if e, b := kept(m.tiers[0].rules), kept(m.browser); e != r.edge || b != r.browser {
				t.Errorf("%s: the edge keeps it for %v, the browser for %v; want %v and %v", r.control, e, b, r.edge, r.browser)
			}
		})
	}
}

// TestSharedAgeStaysShared: T11, where the year is for shared caches only: the browser
// asks again, and the invalidation cures the edge.
func TestSharedAgeStaysShared(t *testing.T) {
	c := twoTiers()
	c.Regional = false
	c.Origin.AssetControl = "max-age=0, s-maxage=31536000"
	d := Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "atomic, invalidate"), CDN: c, Visitors: KVisitors(4)}
	for _, v := range Prove(context.Background(), d, Bounds{}, nil) {
		if v.Property == Settling && v.Status != Proved {
			t.Errorf("%s %s: %s\n%s", v.Property, v.Status, v.Cause, tell(v.Trace))
		}
	}
}
