package cachepolicy

import "testing"

func TestStaleWhileRevalidate(t *testing.T) {
	terms := bounds(0, 86400, 31536000)
	page := says(200, "Cache-Control", "max-age=3600, stale-while-revalidate=600", "ETag", `"a"`)
	play(t, []story{
		{"STALE-01: the stale copy at once, until the window's last second", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{3599, nil, nil, "Hit 200 age 3599"},
			{3601, nil, silent, "Hit 200 age 3601 behind If-None-Match"},
		}},
		{"STALE-01: at the window's last second", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{4200, nil, says(304), "Hit 200 age 4200 behind If-None-Match"},
		}},
		{"STALE-02: after the refresh the new object", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{3700, nil, says(200, "Cache-Control", "max-age=60"), "Hit 200 age 3700 behind If-None-Match"},
			{3701, nil, nil, "Hit 200 age 1"},
			{3760, nil, says(200), "Miss 200 asked"},
		}},
		{"STALE-02: the refresh is unconditional without a validator", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=10"), "Miss 200 asked"},
			{11, nil, says(200, "Cache-Control", "max-age=10"), "Hit 200 age 11 behind"},
			{12, nil, nil, "Hit 200 age 1"},
		}},
		{"STALE-03: past the window the viewer waits", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{4201, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"STALE-03: stale-while-revalidate=0 is no window", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=0"), "Miss 200 asked"},
			{10, nil, says(200), "Miss 200 asked"},
		}},
		{"STALE-04: inside the maximum", bounds(0, 60, 60), []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=600"), "Miss 200 asked"},
			{30, nil, says(304), "Hit 200 age 30 behind"},
		}},
		{"STALE-04: a second before the maximum", bounds(0, 60, 60), []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=600"), "Miss 200 asked"},
			{59, nil, says(304), "Hit 200 age 59 behind"},
		}},
		{"STALE-04: when the maximum has gone by", bounds(0, 60, 60), []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=600"), "Miss 200 asked"},
			{60, nil, says(200), "Miss 200 asked"},
		}},
		{"STALE-17: the window begins at the expiry that the minimum makes", bounds(100, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=20"), "Miss 200 asked"},
			{99, nil, nil, "Hit 200 age 99"},
			{120, nil, refuses, "Hit 200 age 120 behind"},
		}},
		{"STALE-17: and ends as much later", bounds(100, 100, 3600), []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=20"), "Miss 200 asked"},
			{121, nil, says(200), "Miss 200 asked"},
		}},
	})
}

func TestStaleIfError(t *testing.T) {
	terms := bounds(0, 86400, 31536000)
	four := terms.under(func(e *Emulation) { e.StaleIfErrorFourOnly = true })
	page := says(200, "Cache-Control", "max-age=3600, stale-if-error=86400", "ETag", `"a"`)
	brief := says(200, "Cache-Control", "max-age=10, stale-if-error=600")
	play(t, []story{
		{"STALE-05: the stale copy with its own status, until the window's last second", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{3600, nil, says(500), "Hit 200 age 3600 asked If-None-Match"},
			{90000, nil, says(500), "Hit 200 age 90000 asked If-None-Match"},
			{90001, nil, says(500), "Error 500 asked If-None-Match"},
		}},
		{"STALE-06: an origin that does not answer", terms, []step{
			{0, nil, page, "Miss 200 asked"}, {3600, nil, silent, "Hit 200 age 3600 asked If-None-Match"},
		}},
		{"STALE-06: an origin that cannot be reached", terms, []step{
			{0, nil, page, "Miss 200 asked"}, {3600, nil, refuses, "Hit 200 age 3600 asked If-None-Match"},
		}},
		{"STALE-06, D-3: any 5xx", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{3600, nil, says(501), "Hit 200 age 3600 asked If-None-Match"},
			{3601, nil, says(503), "Hit 200 age 3601 asked If-None-Match"},
			{3602, nil, says(599), "Hit 200 age 3602 asked If-None-Match"},
		}},
		{"STALE-06, D-3: four statuses only, the other reading", four, []step{
			{0, nil, page, "Miss 200 asked"},
			{3600, nil, says(500), "Hit 200 age 3600 asked If-None-Match"},
			{3601, nil, says(502), "Hit 200 age 3601 asked If-None-Match"},
			{3602, nil, says(503), "Hit 200 age 3602 asked If-None-Match"},
			{3603, nil, says(504), "Hit 200 age 3603 asked If-None-Match"},
			{3604, nil, silent, "Hit 200 age 3604 asked If-None-Match"},
			{3605, nil, says(505), "Error 505 asked If-None-Match"},
			{3606, nil, says(501), "Error 501 asked If-None-Match"},
		}},
		{"STALE-07: a 4xx is returned, with stale-if-error", terms, []step{
			{0, nil, page, "Miss 200 asked"}, {3600, nil, says(404), "Error 404 asked If-None-Match"},
		}},
		{"STALE-07: a 4xx is returned, without stale-if-error", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=10"), "Miss 200 asked"}, {10, nil, says(403), "Error 403 asked"},
		}},
		{"STALE-08: inside the maximum", bounds(0, 60, 60), []step{
			{0, nil, brief, "Miss 200 asked"},
			{59, nil, says(500), "Hit 200 age 59 asked"},
			{60, nil, says(500), "Error 500 asked"},
		}},
		{"STALE-09: stale behind, then stale if error, then the error", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-while-revalidate=10, stale-if-error=30"), "Miss 200 asked"},
			{15, nil, says(500), "Hit 200 age 15 behind"},
			{16, nil, says(500), "Hit 200 age 16 behind"},
			{25, nil, says(500), "Hit 200 age 25 asked"},
			{40, nil, says(500), "Hit 200 age 40 asked"},
			{41, nil, says(500), "Error 500 asked"},
		}},
		{"STALE-10: what a custom error page could replace is not there: the answer is the copy's 200", terms, []step{
			{0, nil, page, "Miss 200 asked"}, {3600, nil, says(500), "Hit 200 age 3600 asked If-None-Match"},
		}},
		{"STALE-13: stale-if-error=0 lets the error through", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-if-error=0"), "Miss 200 asked"},
			{10, nil, says(500), "Error 500 asked"},
		}},
		{"STALE-13: an origin that does not answer", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=10, stale-if-error=0"), "Miss 200 asked"},
			{10, nil, silent, "Error 504 asked"},
		}},
		{"STALE-15, unknown 6: each request inside stale-if-error asks the origin", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{3600, nil, silent, "Hit 200 age 3600 asked If-None-Match"},
			{3601, nil, silent, "Hit 200 age 3601 asked If-None-Match"},
			{3602, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
	})
}

func TestStaleOnFailure(t *testing.T) {
	terms := bounds(0, 86400, 31536000)
	impatient := terms.with(func(t *Terms) { t.ErrorTTL = errorTTL(500, 0) })
	patient := terms.with(func(t *Terms) { t.ErrorTTL = errorTTL(503, 60) })
	page := says(200, "Cache-Control", "max-age=60", "ETag", `"a"`)
	play(t, []story{
		{"STALE-11: a 5xx, and nobody asks for 10 s", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, says(500), "Hit 200 age 60 asked If-None-Match"},
			{69, nil, nil, "Hit 200 age 69"},
			{70, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{71, nil, nil, "Hit 200 age 1"},
		}},
		{"STALE-11: no answer counts as 504", terms.with(func(t *Terms) { t.ErrorTTL = errorTTL(504, 3) }), []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, silent, "Hit 200 age 60 asked If-None-Match"},
			{62, nil, nil, "Hit 200 age 62"},
			{63, nil, silent, "Hit 200 age 63 asked If-None-Match"},
		}},
		{"STALE-11: the error caching minimum TTL of that status", patient, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, says(503), "Hit 200 age 60 asked If-None-Match"},
			{119, nil, nil, "Hit 200 age 119"},
			{120, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"STALE-11: an error caching minimum TTL of 0 asks each time", impatient, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, says(500), "Hit 200 age 60 asked If-None-Match"},
			{60, nil, says(500), "Hit 200 age 60 asked If-None-Match"},
		}},
		{"STALE-12: the copy ends with the maximum", bounds(0, 100, 100), []step{
			{0, nil, page, "Miss 200 asked"},
			{99, nil, says(500), "Hit 200 age 99 asked If-None-Match"},
			{100, nil, says(500), "Error 500 asked If-None-Match"},
		}},
		{"STALE-12: and so does the quiet period", bounds(0, 100, 100), []step{
			{0, nil, page, "Miss 200 asked"},
			{95, nil, says(500), "Hit 200 age 95 asked If-None-Match"},
			{99, nil, nil, "Hit 200 age 99"},
			{101, nil, says(502), "Error 502 asked If-None-Match"},
		}},
		{"STALE-12: nothing is left when the lifetime is the maximum", bounds(0, 100, 100), []step{
			{0, nil, says(200), "Miss 200 asked"},
			{100, nil, says(500), "Error 500 asked"},
		}},
		{"STALE-16: what was invalidated answers nobody", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, lost, nil, ""},
			{61, nil, says(500), "Error 500 asked"},
		}},
		{"STALE-16: a stored error is never the stale answer", terms, []step{
			{0, nil, says(404, "Cache-Control", "stale-if-error=600, stale-while-revalidate=600"), "Error 404 asked"},
			{10, nil, says(500), "Error 500 asked"},
		}},
		{"STALE-16: not even a 400", terms, []step{
			{0, nil, says(400, "Cache-Control", "max-age=10"), "Error 400 asked"},
			{10, nil, says(500), "Error 500 asked"},
		}},
		{"unknown 9: must-revalidate forbids nothing", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60, must-revalidate"), "Miss 200 asked"},
			{60, nil, silent, "Hit 200 age 60 asked"},
		}},
		{"unknown 9: must-revalidate forbids stale answers, the other reading",
			terms.under(func(e *Emulation) { e.MustRevalidateForbidsStale = true }), []step{
				{0, nil, says(200, "Cache-Control", "max-age=60, must-revalidate, stale-if-error=60"), "Miss 200 asked"},
				{60, nil, silent, "Error 504 asked"},
			}},
		{"unknown 9: and only must-revalidate does, the other reading",
			terms.under(func(e *Emulation) { e.MustRevalidateForbidsStale = true }), []step{
				{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
				{60, nil, silent, "Hit 200 age 60 asked"},
			}},
	})
}

// Uncacheable responses that answer when the origin fails: both editions of the
// guide. [STALE-14], D-4, unknown 19
func TestStaleUncacheable(t *testing.T) {
	g23 := func(e *Emulation) { e.UncacheableNotStale = true }
	var stories []story
	for _, directive := range []string{"no-cache", "no-store", "private"} {
		page := says(200, "Cache-Control", directive)
		stories = append(stories,
			story{"STALE-14, D-4, unknown 19: " + directive + ", minimum 0, maximum above 0", bounds(0, 0, 60), []step{
				{0, nil, page, "Miss 200 asked"},
				{1, nil, silent, "Hit 200 age 1 asked"},
				{59, nil, refuses, "Hit 200 age 59 asked"},
				{60, nil, silent, "Error 504 asked"},
			}},
			story{"STALE-14, D-4: " + directive + ", all zero", bounds(0, 0, 0), []step{
				{0, nil, page, "Miss 200 asked"},
				{1, nil, silent, "Error 504 asked"},
			}},
			story{"STALE-14, D-4: " + directive + ", minimum 0, as in 2023", bounds(0, 0, 60).under(g23), []step{
				{0, nil, page, "Miss 200 asked"},
				{1, nil, silent, "Error 504 asked"},
			}},
			story{"STALE-14, D-4: " + directive + ", minimum above 0, as in 2023", bounds(5, 5, 60).under(g23), []step{
				{0, nil, page, "Miss 200 asked"},
				{5, nil, silent, "Hit 200 age 5 asked"},
				{59, nil, silent, "Hit 200 age 59 asked"},
				{60, nil, silent, "Error 504 asked"},
			}},
		)
	}
	play(t, stories)
}

// As in 2023 there is no use for what says no-store or private, so it is not kept.
func TestStaleUncacheableNotKept(t *testing.T) {
	for _, row := range []struct {
		row, directive string
		kept           bool
	}{
		{"STALE-14, D-4: no-store", "no-store", false},
		{"STALE-14, D-4: private", "private", false},
		{"STALE-14, D-4: no-cache can be revalidated", "no-cache", true},
	} {
		t.Run(row.row, func(t *testing.T) {
			terms := bounds(0, 0, 60).under(func(e *Emulation) { e.UncacheableNotStale = true })
			reply := Reply{Status: 200, Header: header("Cache-Control", row.directive), Received: noon}
			if out := terms.Settle(req("GET /"), Plan{Action: Fetch}, reply, "k", "/", 0); (out.Store != nil) != row.kept {
				t.Errorf("kept: got %v, want %v", out.Store, row.kept)
			}
		})
	}
}

// Unknown 5: what a stale answer is called.
func TestStaleResults(t *testing.T) {
	play(t, []story{
		{"unknown 5: Hit with an Age above the lifetime, in all three kinds", bounds(0, 600, 600), []step{
			{0, req("GET /behind"), says(200, "Cache-Control", "max-age=10, stale-while-revalidate=60"), "Miss 200 asked"},
			{0, req("GET /error"), says(200, "Cache-Control", "max-age=10, stale-if-error=60"), "Miss 200 asked"},
			{0, req("GET /quiet"), says(200, "Cache-Control", "max-age=10"), "Miss 200 asked"},
			{20, req("GET /behind"), silent, "Hit 200 age 20 behind"},
			{20, req("GET /error"), silent, "Hit 200 age 20 asked"},
			{20, req("GET /quiet"), silent, "Hit 200 age 20 asked"},
			{21, req("GET /quiet"), nil, "Hit 200 age 21"},
		}},
	})
}
