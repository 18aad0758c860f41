package cachepolicy

import (
	"net/http"
	"testing"
	"time"
)

func TestTTL(t *testing.T) {
	free, band := bounds(0, 86400, 3600), bounds(300, 300, 3600)
	checkLifetimes(t, []lifetime{
		{"TTL-01: max-age below the maximum", free, says(200, "Cache-Control", "max-age=60"), 60, RuleMaxAge},
		{"TTL-01: max-age equal to the maximum", free, says(200, "Cache-Control", "max-age=3600"), 3600, RuleMaxAge},
		{"TTL-01: max-age above the maximum", free, says(200, "Cache-Control", "max-age=7200"), 3600, RuleMaximum},
		{"TTL-01: a maximum of 0", bounds(0, 0, 0), says(200, "Cache-Control", "max-age=60"), 0, RuleDisabled},
		{"TTL-02: max-age inside the band", band, says(200, "Cache-Control", "max-age=1000"), 1000, RuleMaxAge},
		{"TTL-02: max-age below the band", band, says(200, "Cache-Control", "max-age=60"), 300, RuleMinimum},
		{"TTL-02: max-age above the band", band, says(200, "Cache-Control", "max-age=7200"), 3600, RuleMaximum},
		{"TTL-02: minimum equal to maximum, less asked", bounds(60, 60, 60), says(200, "Cache-Control", "max-age=5"), 60, RuleMinimum},
		{"TTL-02: minimum equal to maximum, more asked", bounds(60, 60, 60), says(200, "Cache-Control", "max-age=500"), 60, RuleMaximum},
		{"TTL-03: a silent origin", bounds(0, 100, 3600), says(200), 100, RuleDefault},
		{"TTL-04: a silent origin, minimum below default", bounds(10, 100, 3600), says(200), 100, RuleDefault},
		{"TTL-04: a silent origin, minimum above default", bounds(200, 100, 3600), says(200), 200, RuleDefault},
		{"TTL-04: a silent origin, the maximum plays no part", free, says(200), 86400, RuleDefault},
		{"TTL-05: a longer s-maxage beats max-age", free, says(200, "Cache-Control", "max-age=10, s-maxage=100"), 100, RuleSMaxAge},
		{"TTL-05: a shorter s-maxage beats max-age", free, says(200, "Cache-Control", "max-age=100, s-maxage=10"), 10, RuleSMaxAge},
		{"TTL-06: s-maxage below the band", band, says(200, "Cache-Control", "s-maxage=10"), 300, RuleMinimum},
		{"TTL-06: s-maxage inside the band", band, says(200, "Cache-Control", "s-maxage=900"), 900, RuleSMaxAge},
		{"TTL-06: s-maxage above the band", band, says(200, "Cache-Control", "s-maxage=9999"), 3600, RuleMaximum},
		{"TTL-07: s-maxage with max-age=0", free, says(200, "Cache-Control", "s-maxage=60, max-age=0"), 60, RuleSMaxAge},
		{"TTL-08: s-maxage alone", free, says(200, "Cache-Control", "s-maxage=60"), 60, RuleSMaxAge},
		{"TTL-08: s-maxage with Expires", free, says(200, "Cache-Control", "s-maxage=60", "Expires", date(600)), 60, RuleSMaxAge},
		{"TTL-09: Expires below the maximum", free, says(200, "Expires", date(60)), 60, RuleExpires},
		{"TTL-09: Expires above the maximum", free, says(200, "Expires", date(7200)), 3600, RuleMaximum},
		{"TTL-09: Expires counts from Date", free, says(200, "Date", date(-30), "Expires", date(60)), 90, RuleExpires},
		{"TTL-10: Expires below the band", band, says(200, "Expires", date(60)), 300, RuleMinimum},
		{"TTL-10: Expires inside the band", band, says(200, "Expires", date(900)), 900, RuleExpires},
		{"TTL-10: Expires above the band", band, says(200, "Expires", date(7200)), 3600, RuleMaximum},
		{"TTL-11: max-age before a later Expires", free, says(200, "Cache-Control", "max-age=60", "Expires", date(600)), 60, RuleMaxAge},
		{"TTL-11: max-age before an earlier Expires", free, says(200, "Cache-Control", "max-age=600", "Expires", date(60)), 600, RuleMaxAge},
		{"TTL-12: Expires in the past", free, says(200, "Expires", date(-60)), 0, RuleExpires},
		{"TTL-12: Expires in the past, with a minimum", band, says(200, "Expires", date(-60)), 300, RuleMinimum},
		{"TTL-13: no-cache", free, says(200, "Cache-Control", "no-cache"), 0, RuleUncacheable},
		{"TTL-14: no-store", free, says(200, "Cache-Control", "no-store"), 0, RuleUncacheable},
		{"TTL-15: private", free, says(200, "Cache-Control", "private"), 0, RuleUncacheable},
		{"TTL-15: private outranks max-age", free, says(200, "Cache-Control", "private, max-age=60"), 0, RuleUncacheable},
		{"TTL-16: no-cache with a minimum", bounds(60, 60, 3600), says(200, "Cache-Control", "no-cache"), 60, RuleMinimum},
		{"TTL-16: no-store with a minimum", bounds(60, 60, 3600), says(200, "Cache-Control", "no-store"), 60, RuleMinimum},
		{"TTL-16: private with a minimum", bounds(60, 60, 3600), says(200, "Cache-Control", "private"), 60, RuleMinimum},
		{"TTL-17: no-store with a longer max-age and a minimum", bounds(60, 60, 3600), says(200, "Cache-Control", "no-store, max-age=500"), 60, RuleMinimum},
		{"TTL-19: max-age=0", free, says(200, "Cache-Control", "max-age=0"), 0, RuleMaxAge},
		{"TTL-19: s-maxage=0", free, says(200, "Cache-Control", "s-maxage=0"), 0, RuleSMaxAge},
		{"TTL-20: all bounds zero", bounds(0, 0, 0), says(200, "Cache-Control", "max-age=60"), 0, RuleDisabled},
		{"TTL-20: all bounds zero, an error", bounds(0, 0, 0), says(500), 0, RuleDisabled},
		{"TTL-21, D-1: Cache-Control without an age", free, says(200, "Cache-Control", "public"), 86400, RuleDefault},
		{"TTL-21, D-1: Cache-Control without an age, the other reading",
			bounds(30, 600, 3600).under(func(e *Emulation) { e.BareCacheControlMinimum = true }),
			says(200, "Cache-Control", "public"), 30, RuleMinimum},
		{"TTL-21, D-1: no Cache-Control at all, the other reading",
			bounds(30, 600, 3600).under(func(e *Emulation) { e.BareCacheControlMinimum = true }), says(200), 600, RuleDefault},
		{"TTL-22: must-revalidate changes no lifetime", free, says(200, "Cache-Control", "max-age=60, must-revalidate"), 60, RuleMaxAge},
		{"TTL-22: proxy-revalidate changes no lifetime", free, says(200, "Cache-Control", "max-age=60, proxy-revalidate"), 60, RuleMaxAge},
		{"TTL-23: the origin's Pragma decides nothing", bounds(0, 100, 3600), says(200, "Pragma", "no-cache"), 100, RuleDefault},
		{"TTL-24: the usual default", bounds(0, 0, 0).with(usual), says(200), 86400, RuleDefault},
		{"TTL-24: the usual maximum", bounds(0, 0, 0).with(usual), says(200, "Cache-Control", "max-age=99999999"), 31536000, RuleMaximum},
		{"TTL-27: more than 100 years is 100 years", bounds(0, 0, 3153600000),
			says(200, "Cache-Control", "max-age=3153600001"), 3153600000, RuleMaxAge},
		{"TTL-27: more than fits a number is 100 years", bounds(0, 0, 3153600000),
			says(200, "Cache-Control", "max-age=99999999999999999999"), 3153600000, RuleMaxAge},
		{"TTL-27: and is cut to the maximum", free, says(200, "Cache-Control", "max-age=99999999999999999999"), 3600, RuleMaximum},
		{"TTL-32: directive names without regard to case", free, says(200, "Cache-Control", "Max-Age=60"), 60, RuleMaxAge},
		{"TTL-32: blanks around names and values", free, says(200, "Cache-Control", "public ,  S-MaxAge = 60 , x"), 60, RuleSMaxAge},
	})
}

// usual sets the defaults of a cache policy's fields.
func usual(t *Terms) { t.Policy.DefaultTTL, t.Policy.MaxTTL = DefaultTTL, MaxTTL }

// TestUnknownValues has the suggestions for questions that no source settles.
func TestUnknownValues(t *testing.T) {
	terms := bounds(0, 100, 3600)
	cc := func(v string) *Reply { return says(200, "Cache-Control", v) }
	checkLifetimes(t, []lifetime{
		{"unknown 7: an Age of the origin does not shorten max-age", terms, says(200, "Cache-Control", "max-age=60", "Age", "50"), 60, RuleMaxAge},
		{"unknown 8: max-age=abc is as if absent", terms, cc("max-age=abc"), 100, RuleDefault},
		{"unknown 8: max-age without a number is as if absent", terms, cc("max-age"), 100, RuleDefault},
		{"unknown 8: a fraction is as if absent", terms, cc("max-age=60.5"), 100, RuleDefault},
		{"unknown 8: a quoted number is as if absent", terms, cc(`max-age="60"`), 100, RuleDefault},
		{"unknown 8: a negative number is zero", terms, cc("max-age=-1"), 0, RuleMaxAge},
		{"unknown 8: the first of duplicates counts", terms, cc("max-age=60, max-age=70"), 60, RuleMaxAge},
		{"unknown 8: the first readable of duplicates counts", terms, cc("max-age=x, max-age=70"), 70, RuleMaxAge},
		{"unknown 8: two Cache-Control lines are one list", terms, says(200, "Cache-Control", "public", "Cache-Control", "max-age=60"), 60, RuleMaxAge},
		{"unknown 8: Expires: 0 is already over", terms, says(200, "Expires", "0"), 0, RuleExpires},
		{"unknown 10: immutable is ignored", terms, cc("immutable"), 100, RuleDefault},
		{"unknown 10: CDN-Cache-Control is ignored", terms, says(200, "CDN-Cache-Control", "max-age=5"), 100, RuleDefault},
		{"unknown 10: Surrogate-Control is ignored", terms, says(200, "Surrogate-Control", "max-age=5"), 100, RuleDefault},
		{"unknown 11: 203 under the default", terms, says(203), 100, RuleDefault},
		{"unknown 11: 204 under the default", terms, says(204), 100, RuleDefault},
		{"unknown 11: 206 that no range asked for", terms, says(206), 100, RuleDefault},
		{"unknown 11: 300 under the default", terms, says(300), 100, RuleDefault},
		{"unknown 11: 303 under the default", terms, says(303), 100, RuleDefault},
	})
}

func TestTTLStories(t *testing.T) {
	page := says(200, "Cache-Control", "max-age=60", "ETag", `"a"`)
	noCache := says(200, "Cache-Control", "no-cache", "ETag", `"a"`)
	asksAnew := func(name, value string) *Request { return req("GET /", name, value) }
	obliging := bounds(0, 100, 3600).under(func(e *Emulation) { e.ViewerRevalidates = true })
	play(t, []story{
		{"TTL-03: the second request is a Hit", bounds(0, 100, 3600), []step{
			{0, nil, says(200), "Miss 200 asked"},
			{99, nil, nil, "Hit 200 age 99"},
			{100, nil, says(200), "Miss 200 asked"},
		}},
		{"TTL-07: s-maxage=60, max-age=0 is a Hit within 60 s", bounds(0, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "s-maxage=60, max-age=0"), "Miss 200 asked"},
			{59, nil, nil, "Hit 200 age 59"},
		}},
		{"TTL-13: no-cache with a validator is RefreshHit ever after", bounds(0, 100, 3600), []step{
			{0, nil, noCache, "Miss 200 asked"},
			{0, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{9, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"TTL-13: no-cache without a validator", bounds(0, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "no-cache"), "Miss 200 asked"},
			{0, nil, says(200, "Cache-Control", "no-cache"), "Miss 200 asked"},
		}},
		{"TTL-13: no-cache with stale-while-revalidate is asked for all the same", bounds(0, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "no-cache, stale-while-revalidate=60", "ETag", `"a"`), "Miss 200 asked"},
			{1, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"TTL-14, D-16: no-store is Miss, validator or not", bounds(0, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "no-store", "ETag", `"a"`), "Miss 200 asked"},
			{0, nil, says(200, "Cache-Control", "no-store", "ETag", `"a"`), "Miss 200 asked"},
		}},
		{"TTL-15: private, max-age=60 is Miss", bounds(0, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "private, max-age=60", "ETag", `"a"`), "Miss 200 asked"},
			{0, nil, says(200, "Cache-Control", "private, max-age=60", "ETag", `"a"`), "Miss 200 asked"},
		}},
		{"TTL-16: with a minimum the origin is asked after it, not before", bounds(60, 60, 3600), []step{
			{0, nil, says(200, "Cache-Control", "no-store"), "Miss 200 asked"},
			{59, nil, nil, "Hit 200 age 59"},
			{60, nil, says(200, "Cache-Control", "no-store"), "Miss 200 asked"},
		}},
		{"TTL-16: nor does stale-while-revalidate spare it", bounds(60, 60, 3600), []step{
			{0, nil, says(200, "Cache-Control", "private, stale-while-revalidate=600"), "Miss 200 asked"},
			{60, nil, says(200, "Cache-Control", "private"), "Miss 200 asked"},
		}},
		{"TTL-18: CachingOptimized holds no-store for a second, then RefreshHit", optimized(), []step{
			{0, nil, says(200, "Cache-Control", "no-cache, no-store, must-revalidate", "ETag", `"a"`), "Miss 200 asked"},
			{0, nil, nil, "Hit 200 age 0"},
			{1, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{1, nil, nil, "Hit 200 age 0"},
			{2, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"TTL-19: max-age=0 reaches the origin every time", bounds(0, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "max-age=0"), "Miss 200 asked"},
			{0, nil, says(200, "Cache-Control", "max-age=0"), "Miss 200 asked"},
		}},
		{"TTL-20: no hit", bounds(0, 0, 0), []step{
			{0, nil, page, "Miss 200 asked"},
			{0, nil, page, "Miss 200 asked"},
			{0, nil, says(500), "Error 500 asked"},
			{0, nil, says(500), "Error 500 asked"},
		}},
		{"TTL-28, D-2: a viewer's no-cache changes nothing", bounds(0, 100, 3600), []step{
			{0, nil, page, "Miss 200 asked"},
			{1, asksAnew("Cache-Control", "no-cache"), nil, "Hit 200 age 1"},
			{2, asksAnew("Cache-Control", "max-age=0"), nil, "Hit 200 age 2"},
			{3, asksAnew("Pragma", "no-cache"), nil, "Hit 200 age 3"},
		}},
		{"TTL-28, D-2: a viewer's no-cache revalidates, the other reading", obliging, []step{
			{0, nil, page, "Miss 200 asked"},
			{1, asksAnew("Cache-Control", "no-cache"), says(304), "RefreshHit 200 asked If-None-Match"},
			{2, asksAnew("Cache-Control", "max-age=0"), says(304), "RefreshHit 200 asked If-None-Match"},
			{3, asksAnew("Pragma", "No-Cache"), says(304), "RefreshHit 200 asked If-None-Match"},
			{4, asksAnew("Cache-Control", "max-age=1"), nil, "Hit 200 age 1"},
			{5, asksAnew("Pragma", "no-cache"), silent, "Hit 200 age 2 asked If-None-Match"},
		}},
		{"TTL-28, D-2: and if that fails the fresh copy is still fresh", obliging, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60, stale-if-error=0", "ETag", `"a"`), "Miss 200 asked"},
			{1, asksAnew("Pragma", "no-cache"), silent, "Hit 200 age 1 asked If-None-Match"},
			{2, asksAnew("Pragma", "no-cache"), says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"unknown 10: only-if-cached is ignored", bounds(0, 100, 3600), []step{
			{0, asksAnew("Cache-Control", "only-if-cached"), page, "Miss 200 asked"},
		}},
		{"unknown 11: a 206 for a range is not the whole", bounds(0, 100, 3600), []step{
			{0, req("GET /", "Range", "bytes=0-9"), says(206, "Content-Range", "bytes 0-9/50"), "Miss 206 asked"},
			{0, nil, says(200), "Miss 200 asked"},
		}},
	})
}

// The viewer's reason is the viewer's, whether or not there is a validator.
func TestViewerAskedIsTheReason(t *testing.T) {
	terms := bounds(0, 100, 3600).under(func(e *Emulation) { e.ViewerRevalidates = true })
	for _, h := range []http.Header{header("Etag", `"a"`), header()} {
		s := &Stored{Status: 200, Header: h, Received: noon, Freshness: Freshness{Lifetime: time.Hour}}
		if pl := terms.Plan(req("GET /", "Pragma", "no-cache"), s, noon); pl.Why != ViewerAsked {
			t.Errorf("stored %v: got %q, want %q", h, pl.Why, ViewerAsked)
		}
	}
}

func TestTTLOverridesHeaders(t *testing.T) {
	terms := bounds(300, 300, 600)
	for _, row := range []struct{ row, name, value string }{
		{"TTL-30: Cache-Control reaches the viewer although the minimum overrode it", "Cache-Control", "max-age=5, stale-while-revalidate=1"},
		{"TTL-30: Cache-Control reaches the viewer although the maximum overrode it", "Cache-Control", "max-age=5000"},
		{"TTL-30: Expires reaches the viewer although overridden", "Expires", date(5)},
		{"TTL-05: the header with s-maxage reaches the viewer unchanged", "Cache-Control", "max-age=10, s-maxage=100"},
	} {
		t.Run(row.row, func(t *testing.T) {
			reply := *says(200, row.name, row.value)
			reply.Received = noon
			out := terms.Settle(req("GET /"), Plan{Action: Fetch}, reply, "k", "/", 0)
			if got := out.Header.Get(row.name); got != row.value {
				t.Errorf("viewer: got %q, want %q", got, row.value)
			}
			if got := out.Store.Header.Get(row.name); got != row.value {
				t.Errorf("stored: got %q, want %q", got, row.value)
			}
		})
	}
}

func TestTTLViewerDirectivesReachTheOrigin(t *testing.T) {
	asked := func(t *Terms) { t.OriginRequest.Headers = only("Cache-Control", "Pragma") }
	legacy := func(t *Terms) { t.Legacy = true }
	for _, row := range []struct {
		row   string
		terms Terms
		want  string
	}{
		{"TTL-29: not with a cache policy alone", bounds(0, 1, 1), ""},
		{"TTL-29: with an origin request policy that lists them", bounds(0, 1, 1).with(asked), "no-cache"},
		{"TTL-29: with legacy settings", bounds(0, 1, 1).with(legacy), "no-cache"},
	} {
		t.Run(row.row, func(t *testing.T) {
			h := row.terms.Forward(req("GET /", "Cache-Control", "no-cache", "Pragma", "no-cache")).Header
			if h.Get("Cache-Control") != row.want || h.Get("Pragma") != row.want {
				t.Errorf("got %v, want %q in both", h, row.want)
			}
		})
	}
}

func TestTTLBelongsToTheBehavior(t *testing.T) {
	reply := says(200, "Cache-Control", "max-age=500")
	short, long := bounds(0, 10, 10), bounds(1000, 1000, 1000)
	t.Run("TTL-33: one answer, two behaviors, two lifetimes", func(t *testing.T) {
		a, b := short.Freshness(200, reply.Header, noon), long.Freshness(200, reply.Header, noon)
		if a.Lifetime != seconds(10) || b.Lifetime != seconds(1000) {
			t.Errorf("got %v and %v, want 10s and 1000s", a.Lifetime, b.Lifetime)
		}
	})
	t.Run("TTL-34: what is stored keeps its lifetime when the settings change", func(t *testing.T) {
		s := &Stored{Status: 200, Received: noon, Freshness: long.Freshness(200, reply.Header, noon)}
		if pl := short.Plan(req("GET /"), s, after(999)); pl.Action != Serve {
			t.Errorf("after 999 s: got %v, want %v", pl.Action, Serve)
		}
		if pl := short.Plan(req("GET /"), s, after(1000)); pl.Action != Fetch {
			t.Errorf("after 1000 s: got %v, want %v", pl.Action, Fetch)
		}
	})
}
