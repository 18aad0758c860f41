package cachepolicy

import (
	"slices"
	"testing"
)

// cookied are CachingOptimized's terms with a selection of cookies in the key.
func cookied(s Selection) Terms {
	return optimized().with(func(t *Terms) { t.Policy.Cookies = s })
}

func cookie(lines ...string) *Request {
	r := req("GET /")
	r.Header["Cookie"] = lines
	return r
}

func wildcards(names ...string) Selection {
	return Selection{Mode: Only, Names: names, Wildcards: true}
}

func TestCookieKeys(t *testing.T) {
	none, all, country := optimized(), cookied(every), cookied(only("country"))
	bucket := all.with(func(t *Terms) { t.S3 = true })
	checkKeys(t, []keys{
		{"CK-01: none by default", none, cookie("a=1"), cookie("a=2; b=3"), true},
		{"CK-02: all, a value differs", all, cookie("a=1"), cookie("a=2"), false},
		{"CK-02: all, a name differs", all, cookie("a=1"), cookie("b=1"), false},
		{"CK-02: all, one more", all, cookie("a=1"), cookie("a=1; b=1"), false},
		{"CK-03: listed ones only, one differs", country, cookie("country=uk"), cookie("country=fr"), false},
		{"CK-03: listed ones only, another differs", country, cookie("country=uk; x=1"), cookie("x=2; country=uk"), true},
		{"CK-03: listed ones only, none of them there", country, cookie("x=1"), req("GET /"), true},
		{"CK-04: all but, the excepted differs", cookied(allBut("ga")), cookie("ga=1; a=1"), cookie("ga=2; a=1"), true},
		{"CK-04: all but, another differs", cookied(allBut("ga")), cookie("ga=1; a=1"), cookie("ga=1; a=2"), false},
		{"CK-05: names are case-sensitive", all, cookie("A=1"), cookie("a=1"), false},
		{"CK-05: values are case-sensitive", all, cookie("a=x"), cookie("a=X"), false},
		{"CK-05: lists are case-sensitive", country, cookie("Country=uk"), cookie("Country=fr"), true},
		{"CK-06: the viewer's order does not split", all, cookie("b=2; a=1"), cookie("a=1; b=2"), true},
		{"CK-06: nor do blanks and lines", all, cookie("b=2;a=1"), cookie("a=1", "b=2"), true},
		{"CK-06: the order of one name's values does", all, cookie("a=1; a=2"), cookie("a=2; a=1"), false},
		{"CK-07: names that begin with $ are left out", all, cookie("$Version=1; a=1"), cookie("a=1"), true},
		{"CK-08: what is no pair is left out", all, cookie("a=1; nonsense; =x; ;"), cookie("a=1"), true},
		{"CK-11: * in a legacy list", cookied(wildcards("userid_*")), cookie("userid_17=a"), cookie("userid_17=b"), false},
		{"CK-11: * is zero characters, too", cookied(wildcards("userid_*")), cookie("userid_=a"), cookie("userid_=b"), false},
		{"CK-11: ? in a legacy list", cookied(wildcards("id?")), cookie("id1=a"), cookie("id1=b"), false},
		{"CK-11: ? is exactly one", cookied(wildcards("id?")), cookie("id12=a"), cookie("id12=b"), true},
		{"CK-11, POL-10: * is literal in a policy", cookied(only("userid_*")), cookie("userid_17=a"), cookie("userid_17=b"), true},
		{"CK-12, D-6: a bucket is no exception", bucket, cookie("a=1"), cookie("a=2"), false},
		{"CK-12, D-6: a bucket ignores cookies, the other reading",
			bucket.under(func(e *Emulation) { e.BucketIgnoresCookies = true }), cookie("a=1"), cookie("a=2"), true},
		{"CK-12, D-6: and nothing but a bucket does, the other reading",
			all.under(func(e *Emulation) { e.BucketIgnoresCookies = true }), cookie("a=1"), cookie("a=2"), false},
		{"CK-13: sent by an origin request policy, not in the key",
			none.with(func(t *Terms) { t.OriginRequest.Cookies = every }), cookie("a=1"), cookie("a=2"), true},
	})
}

func TestCookiesSent(t *testing.T) {
	checkSent(t, []sent{
		{"CK-01, FWD-01: none by default", optimized(), cookie("a=1"), "GET /"},
		{"CK-02, FWD-02: all", cookied(every), cookie("a=1; b=2"), "GET /\nCookie: a=1; b=2"},
		{"CK-03, FWD-02: listed ones only", cookied(only("country")), cookie("x=1; country=uk"), "GET /\nCookie: country=uk"},
		{"CK-04: all but", cookied(allBut("ga")), cookie("ga=1; a=1"), "GET /\nCookie: a=1"},
		{"CK-06, FWD-04: sorted by name", cookied(every), cookie("b=2; a=1"), "GET /\nCookie: a=1; b=2"},
		{"CK-06: one name's values keep their order", cookied(every), cookie("b=2; a=2; a=1"), "GET /\nCookie: a=2; a=1; b=2"},
		{"CK-07, FWD-06: names that begin with $ are removed", cookied(every), cookie("$Path=/; a=1"), "GET /\nCookie: a=1"},
		{"CK-08, FWD-05: what is no pair is not forwarded", cookied(every), cookie("nonsense"), "GET /"},
		{"CK-08: a value may hold =", cookied(every), cookie("a=b=c"), "GET /\nCookie: a=b=c"},
		{"CK-11, FWD-07: wildcards in a legacy list", cookied(wildcards("userid_*")), cookie("userid_17=a; x=1"), "GET /\nCookie: userid_17=a"},
		{"CK-13: by an origin request policy alone",
			optimized().with(func(t *Terms) { t.OriginRequest.Cookies = every }), cookie("b=2; a=1"), "GET /\nCookie: a=1; b=2"},
		{"CK-12: a bucket's origin is sent cookies whatever the reading",
			cookied(every).with(func(t *Terms) { t.S3 = true }).under(func(e *Emulation) { e.BucketIgnoresCookies = true }),
			cookie("a=1"), "GET /\nCookie: a=1"},
	})
}

// What becomes of the origin's Set-Cookie: for this viewer, and in the store.
func TestSetCookie(t *testing.T) {
	orp := optimized().with(func(t *Terms) { t.OriginRequest.Cookies = every })
	for _, row := range []struct {
		row            string
		terms          Terms
		cacheControl   string
		viewer, stored bool
	}{
		{"CK-01, FWD-01, RSP-02: removed by default", optimized(), "max-age=60", false, false},
		{"CK-09, FWD-02, RSP-02: kept and stored when cookies are forwarded", cookied(every), "max-age=60", true, true},
		{"CK-09: with a list of cookies, too", cookied(only("a")), "max-age=60", true, true},
		{"CK-13: with an origin request policy, too", orp, "max-age=60", true, true},
		{`CK-10, FWD-03: no-cache="Set-Cookie" keeps it out of the store`, cookied(every), `max-age=60, no-cache="Set-Cookie"`, true, false},
		{"CK-10: in a list, in any case", cookied(every), `max-age=60, no-cache="X-Foo, set-cookie"`, true, false},
		{"CK-10: without quotes", cookied(every), `max-age=60, no-cache=Set-Cookie`, true, false},
		{"CK-10: another field is another field", cookied(every), `max-age=60, no-cache="X-Set-Cookie"`, true, true},
	} {
		t.Run(row.row, func(t *testing.T) {
			h := header("Cache-Control", row.cacheControl, "Set-Cookie", "a=1", "Set-Cookie", "b=2")
			out := row.terms.Settle(req("GET /"), Plan{Action: Fetch}, Reply{Status: 200, Header: h, Received: noon}, "k", "/", 0)
			both := []string{"a=1", "b=2"}
			if got := out.Header["Set-Cookie"]; slices.Equal(got, both) != row.viewer {
				t.Errorf("viewer: got %q, want it there: %v", got, row.viewer)
			}
			if got := out.Store.Header["Set-Cookie"]; slices.Equal(got, both) != row.stored {
				t.Errorf("stored: got %q, want it there: %v", got, row.stored)
			}
			if out.Store.Lifetime != seconds(60) {
				t.Errorf("lifetime: got %v, want 1m0s", out.Store.Lifetime)
			}
		})
	}
}
