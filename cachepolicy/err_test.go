package cachepolicy

import (
	"strconv"
	"testing"
)

func TestErrorLifetimes(t *testing.T) {
	free := bounds(0, 86400, 3600)
	ecmt := func(status, ttl int) Terms { return free.with(func(t *Terms) { t.ErrorTTL = errorTTL(status, ttl) }) }
	bucket := ecmt(404, 0).with(func(t *Terms) { t.S3 = true })
	floor := bounds(60, 60, 3600)
	d8 := free.under(func(e *Emulation) { e.ErrorsCachedWithoutHeaders = true })
	d9 := free.under(func(e *Emulation) { e.ErrorDirectivesIgnored = true })
	d10 := free.under(func(e *Emulation) { e.GoneCached = true })
	cc := func(status int, v string) *Reply { return says(status, "Cache-Control", v) }
	var rows []lifetime
	each := func(row string, terms Terms, want int, rule Rule, replies ...*Reply) {
		for _, reply := range replies {
			rows = append(rows, lifetime{row + ": " + strconv.Itoa(reply.Status), terms, reply, want, rule})
		}
	}
	each("ERR-01: always for the error caching minimum TTL", free, 10, RuleError,
		says(404), says(414), says(500), says(501), says(502), says(503), says(504))
	each("ERR-02: not without an age", free, 0, RuleErrorNoAge, says(400), says(403), says(405), says(412), says(415))
	each("ERR-02: with max-age", free, 60, RuleErrorAge,
		cc(400, "max-age=60"), cc(403, "max-age=60"), cc(405, "max-age=60"), cc(412, "max-age=60"), cc(415, "max-age=60"))
	each("ERR-02: with s-maxage", free, 60, RuleErrorAge, cc(400, "s-maxage=60"), cc(403, "s-maxage=60"))
	each("ERR-02: not with Expires", free, 0, RuleErrorNoAge, says(403, "Expires", date(60)))
	each("ERR-02: nor with other directives", free, 0, RuleErrorNoAge, cc(403, "public"), cc(403, "no-store"))
	each("ERR-03, D-8: an age of 0 is an age", free, 10, RuleError, cc(403, "max-age=0"))
	each("ERR-03, D-8: without an age, the other reading", d8, 10, RuleError, says(400), says(403), says(405), says(412), says(415))
	each("ERR-04: the default is 10 s", free, 10, RuleError, says(500), cc(500, "public"), cc(500, "must-revalidate"))
	each("ERR-04: whatever the minimum of the policy", floor, 10, RuleError, says(500))
	each("ERR-05: one set for the status", ecmt(404, 60), 60, RuleError, says(404))
	each("ERR-05: and not for another", ecmt(404, 60), 10, RuleError, says(500))
	each("ERR-06: max-age above the error caching minimum TTL", ecmt(404, 10), 120, RuleErrorAge, cc(404, "max-age=120"))
	each("ERR-06: s-maxage above it", ecmt(404, 10), 120, RuleErrorAge, cc(404, "s-maxage=120, max-age=5"))
	each("ERR-06: Expires above it", ecmt(404, 10), 120, RuleErrorAge, says(404, "Expires", date(120)))
	each("ERR-06: max-age below it", ecmt(404, 60), 60, RuleError, cc(404, "max-age=5"))
	each("ERR-06: max-age equal to it", ecmt(404, 60), 60, RuleError, cc(404, "max-age=60"))
	each("ERR-06: a second above it", ecmt(404, 60), 61, RuleErrorAge, cc(404, "max-age=61"))
	each("ERR-07: max-age is cut to the maximum", bounds(0, 30, 30), 30, RuleErrorAge, cc(404, "max-age=120"))
	each("ERR-07: but the error caching minimum TTL is not", bounds(0, 5, 5), 10, RuleError, cc(404, "max-age=120"), says(500))
	for _, directive := range []string{"no-store", "no-cache", "private", "private, max-age=60"} {
		each("ERR-08: not with "+directive, free, 0, RuleErrorRefuse, cc(404, directive), cc(414, directive), cc(501, directive))
		each("ERR-08: minimum TTL or not, with "+directive, floor, 0, RuleErrorRefuse, cc(404, directive))
		each("ERR-13: a bucket's 501 with a minimum, with "+directive,
			floor.with(func(t *Terms) { t.S3 = true }), 0, RuleErrorRefuse, cc(501, directive))
	}
	each("ERR-08, D-10: nor a 410 that has an age", free, 0, RuleErrorRefuse, cc(410, "no-store, max-age=60"))
	each("ERR-09: ignored on the others", free, 10, RuleError, cc(500, "no-store"), cc(502, "no-cache"), cc(503, "private"), cc(504, "no-store"))
	each("ERR-09, D-9: ignored on all, the other reading", d9, 10, RuleError, cc(404, "no-store"), cc(414, "no-cache"), cc(501, "private"), cc(500, "no-store"))
	each("ERR-08, D-10: 410 only with an age", free, 0, RuleErrorNoAge, says(410), says(410, "Expires", date(60)))
	each("ERR-08, D-10: 410 with an age", free, 60, RuleErrorAge, cc(410, "max-age=60"))
	each("ERR-08, D-10: 410 like 404, the other reading", d10, 10, RuleError, says(410))
	each("ERR-10: 416 never", free, 0, RuleErrorPassed, says(416), cc(416, "max-age=60"))
	each("ERR-10: whatever is set for it", ecmt(416, 60), 0, RuleErrorPassed, says(416))
	each("ERR-11: nothing with CachingDisabled", bounds(0, 0, 0), 0, RuleDisabled, says(404), cc(500, "max-age=60"))
	each("ERR-12: a bucket has at least a second", bucket, 1, RuleError, says(404))
	each("ERR-12: another origin has not", ecmt(404, 0), 0, RuleError, says(404))
	each("ERR-26: 3xx by the normal rules", free, 86400, RuleDefault, says(300), says(301), says(302), says(303))
	each("ERR-26: 3xx with max-age", free, 60, RuleMaxAge, cc(301, "max-age=60"), cc(302, "max-age=60"))
	each("ERR-27: 307 and 308 without Cache-Control", free, 0, RuleRedirect, says(307), says(308), says(307, "Expires", date(60)))
	each("ERR-27: not even with a minimum", floor, 0, RuleRedirect, says(307), says(308))
	each("ERR-27: with an age", free, 60, RuleMaxAge, cc(307, "max-age=60"), cc(308, "max-age=60"))
	each("ERR-27: with any Cache-Control", free, 86400, RuleDefault, cc(307, "public"), cc(308, "public"))
	each("ERR-28: not in any list", free, 0, RuleErrorPassed, cc(401, "max-age=60"), cc(402, "max-age=60"), cc(406, "max-age=60"),
		cc(409, "max-age=60"), cc(411, "max-age=60"), cc(413, "max-age=60"), cc(418, "max-age=60"), cc(429, "max-age=60"), cc(505, "max-age=60"))
	checkLifetimes(t, rows)
}

func TestErrors(t *testing.T) {
	free := bounds(0, 86400, 31536000)
	play(t, []story{
		{"ERR-01: a query outside the key does not split a cached 404", free, []step{
			{0, req("GET /x?a=1"), says(404), "Error 404 asked"},
			{9, req("GET /x?a=2"), nil, "Error 404 age 9"},
		}},
		{"ERR-03, D-8: a 403 without headers goes to the origin each time", free, []step{
			{0, nil, says(403), "Error 403 asked"},
			{0, nil, says(403), "Error 403 asked"},
		}},
		{"ERR-04: a 500 for ten seconds, then the origin again", free, []step{
			{0, nil, says(500), "Error 500 asked"},
			{9, nil, nil, "Error 500 age 9"},
			{10, nil, says(200), "Miss 200 asked"},
		}},
		{"ERR-05: a 404 even if the object appears meanwhile", free.with(func(t *Terms) { t.ErrorTTL = errorTTL(404, 60) }), []step{
			{0, nil, says(404), "Error 404 asked"},
			{59, nil, nil, "Error 404 age 59"},
			{60, nil, says(200), "Miss 200 asked"},
			{61, nil, nil, "Hit 200 age 1"},
		}},
		{"ERR-22: any status of 400 or more is Error, asked for or from the store", free, []step{
			{0, req("GET /a"), says(400), "Error 400 asked"},
			{0, req("GET /b"), says(429), "Error 429 asked"},
			{0, req("POST /c"), says(500), "Error 500 asked"},
			{0, req("GET /d"), says(503), "Error 503 asked"},
			{1, req("GET /d"), nil, "Error 503 age 1"},
			{1, req("GET /e"), says(399), "Miss 399 asked"},
		}},
		{"ERR-23: a cached error has an Age", free, []step{
			{0, nil, says(502), "Error 502 asked"},
			{6, nil, nil, "Error 502 age 6"},
		}},
		{"ERR-26: a 302 is a Hit on repeat", free, []step{
			{0, nil, says(302, "Location", "/b"), "Miss 302 asked"},
			{86399, nil, nil, "Hit 302 age 86399"},
			{86400, nil, says(302, "Location", "/b"), "Miss 302 asked"},
		}},
		{"ERR-29: a timeout is a 504, kept like one", free, []step{
			{0, nil, silent, "Error 504 asked"},
			{9, nil, nil, "Error 504 age 9"},
			{10, nil, says(200), "Miss 200 asked"},
		}},
		{"ERR-29: no connection is a 502, kept like one", free, []step{
			{0, nil, refuses, "Error 502 asked"},
			{9, nil, nil, "Error 502 age 9"},
			{10, nil, refuses, "Error 502 asked"},
		}},
		{"ERR-30: an invalidation takes a cached error away", free, []step{
			{0, nil, says(404), "Error 404 asked"},
			{1, lost, nil, ""},
			{1, nil, says(200), "Miss 200 asked"},
		}},
		{"RSP-15: errors of methods that are not cached are Error, too", free, []step{
			{0, req("POST /"), says(500), "Error 500 asked"},
			{0, req("PUT /"), says(409), "Error 409 asked"},
		}},
	})
}

// What the edge makes itself when the origin failed, and what it keeps of it. [ERR-29]
func TestOriginFailure(t *testing.T) {
	terms := bounds(0, 86400, 31536000)
	reply := *silent
	reply.Received = noon
	for _, row := range []struct {
		row  string
		in   *Request
		kept bool
	}{
		{"ERR-29: kept for a GET", req("GET /"), true},
		{"ERR-29: not for a POST", req("POST /"), false},
	} {
		t.Run(row.row, func(t *testing.T) {
			out := terms.Settle(row.in, terms.Plan(row.in, nil, noon), reply, "k", "/", 0)
			if out.Body != Generated || out.Status != 504 || out.Result != Error || out.Why != OriginFailed {
				t.Errorf("got %+v, want a generated 504", out)
			}
			if (out.Store != nil) != row.kept || out.Store != nil && !out.Store.Generated {
				t.Errorf("kept: got %+v, want %v and generated", out.Store, row.kept)
			}
		})
	}
}
