package cachepolicy

import "testing"

// Whether viewers wait for one origin request, and whether they may have its answer.
func TestCollapsing(t *testing.T) {
	free, floor := bounds(0, 60, 3600), bounds(5, 60, 3600)
	disabled, _ := ManagedPolicy("CachingDisabled")
	impatient := free.with(func(t *Terms) { t.ErrorTTL = errorTTL(500, 0) })
	inKey := free.with(func(t *Terms) { t.Policy.Cookies = only("a") })
	byORP := free.with(func(t *Terms) { t.OriginRequest.Cookies = every })
	byLegacy := legacy.with(func(t *Terms) { t.Policy.Cookies = wildcards("a*") })
	page := says(200, "Cache-Control", "max-age=60")
	for _, row := range []struct {
		row          string
		terms        Terms
		in           *Request
		reply        *Reply
		waits, share bool
	}{
		{"COLL-01: a cold entry", free, req("GET /"), page, true, true},
		{"COLL-01: an answer without headers", free, req("GET /"), says(200), true, true},
		{"COLL-03: CachingDisabled", Terms{Policy: disabled}, req("GET /"), page, false, false},
		{"COLL-03: a method that is never cached", free, req("POST /"), page, false, false},
		{"COLL-04: cookies in the key", inKey, req("GET /"), page, false, false},
		{"COLL-04, CK-13: cookies by an origin request policy", byORP, req("GET /"), page, false, false},
		{"COLL-04: cookies by legacy settings", byLegacy, req("GET /"), page, false, false},
		{"COLL-05: private", free, req("GET /"), says(200, "Cache-Control", "private"), true, false},
		{"COLL-05: no-store", free, req("GET /"), says(200, "Cache-Control", "no-store"), true, false},
		{"COLL-05: no-cache", free, req("GET /"), says(200, "Cache-Control", "no-cache"), true, false},
		{"COLL-05: max-age=0", free, req("GET /"), says(200, "Cache-Control", "max-age=0"), true, false},
		{"COLL-05: s-maxage=0", free, req("GET /"), says(200, "Cache-Control", "s-maxage=0, max-age=60"), true, false},
		{"COLL-05: not max-age=0 with s-maxage", free, req("GET /"), says(200, "Cache-Control", "s-maxage=60, max-age=0"), true, true},
		{"COLL-06: private with a minimum", floor, req("GET /"), says(200, "Cache-Control", "private"), true, true},
		{"COLL-06: no-store with a minimum", floor, req("GET /"), says(200, "Cache-Control", "no-store"), true, true},
		{"COLL-06: max-age=0 with a minimum", floor, req("GET /"), says(200, "Cache-Control", "max-age=0"), true, true},
		{"COLL-07: an error that is cached", free, req("GET /"), says(404), true, true},
		{"COLL-07: an origin that does not answer", free, req("GET /"), silent, true, true},
		{"COLL-05: a part, forbidden to share", free, req("GET /", "Range", "bytes=0-1"), says(206, "Cache-Control", "private"), true, false},
		{"COLL-01: a part, for all who asked for it", free, req("GET /", "Range", "bytes=0-1"), says(206), true, true},
		{"COLL-07: an error that is not cached", free, req("GET /"), says(400), true, false},
		{"COLL-07: nor with a minimum", floor, req("GET /"), says(403), true, false},
		{"COLL-07: an error whose directives are ignored", free, req("GET /"), says(500, "Cache-Control", "no-store"), true, true},
		{"COLL-07: an error with an error caching minimum TTL of 0", impatient, req("GET /"), says(500), true, false},
		{"VARY-01: each request goes to the origin", free, req("GET /"), says(200, "Vary", "*"), true, false},
		{"VARY-02: with a minimum it need not", floor, req("GET /"), says(200, "Vary", "*"), true, true},
	} {
		t.Run(row.row, func(t *testing.T) {
			plan := row.terms.Plan(row.in, nil, noon)
			if plan.Collapse != row.waits {
				t.Errorf("waits: got %v, want %v", plan.Collapse, row.waits)
			}
			reply := *row.reply
			reply.Received = noon
			if out := row.terms.Settle(row.in, plan, reply, "k", "/", 0); out.Share != row.share {
				t.Errorf("shared: got %v, want %v", out.Share, row.share)
			}
		})
	}
}

// The same questions for an expired entry. [COLL-01]
func TestCollapsingOnExpired(t *testing.T) {
	terms := bounds(0, 60, 3600)
	for _, row := range []struct {
		row   string
		reply *Reply
		share bool
	}{
		{"COLL-01: one conditional request for all", says(304), true},
		{"COLL-05: unless the 304 forbids it", says(304, "Cache-Control", "no-cache"), false},
		{"COLL-01: a stale answer is for all", says(500), true},
	} {
		t.Run(row.row, func(t *testing.T) {
			s := &Stored{Status: 200, Header: header("Etag", `"a"`), Received: noon}
			plan := terms.Plan(req("GET /"), s, after(60))
			if plan.Action != Revalidate || !plan.Collapse {
				t.Fatalf("plan: got %v, collapse %v", plan.Action, plan.Collapse)
			}
			reply := *row.reply
			reply.Received = after(60)
			if out := terms.Settle(req("GET /"), plan, reply, "k", "/", 0); out.Share != row.share {
				t.Errorf("shared: got %v, want %v", out.Share, row.share)
			}
		})
	}
}
