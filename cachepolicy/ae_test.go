package cachepolicy

import "testing"

// encoded are terms with the two flags of a cache policy.
func encoded(gzip, brotli bool) Terms {
	return optimized().with(func(t *Terms) { t.Policy.Gzip, t.Policy.Brotli = gzip, brotli })
}

// What joins the key and what goes to the origin.
func TestAcceptEncoding(t *testing.T) {
	both, gz, br, neither := encoded(true, true), encoded(true, false), encoded(false, true), encoded(false, false)
	listed := neither.with(func(t *Terms) { t.OriginRequest.Headers = only("Accept-Encoding") })
	inKey := neither.with(func(t *Terms) { t.Policy.Headers = only("Accept-Encoding") })
	gzipOnly := legacy.with(func(t *Terms) { t.Emulation.LegacyGzipOnly = true })
	legacyInKey := legacy.with(func(t *Terms) { t.Policy.Headers = only("Accept-Encoding") })
	const absent = "-"
	for _, row := range []struct {
		row, viewer string
		terms       Terms
		key, origin string
	}{
		{"AE-01: both, in a browser's order", "gzip, deflate, br", both, "br,gzip", "br,gzip"},
		{"AE-02: gzip only", "gzip", both, "gzip", "gzip"},
		{"AE-02: br only", "br", both, "br", "br"},
		{"AE-03: nothing supported", "deflate", both, absent, "identity"},
		{"AE-03: nothing supported, gzip on", "deflate", gz, absent, "identity"},
		{"AE-03: nothing at all", absent, both, absent, absent},
		{"AE-03: an empty header", "", both, absent, "identity"},
		{"AE-04: gzip on, both offered", "gzip, br", gz, "gzip", "gzip"},
		{"AE-04: gzip on, br offered", "br", gz, absent, "identity"},
		{"AE-04: br on, both offered", "gzip, br", br, "br", "br"},
		{"AE-04: br on, gzip offered", "gzip", br, absent, "identity"},
		{"AE-05: both off", "gzip, br", neither, absent, absent},
		{"AE-05: both off, listed by an origin request policy", "gzip;q=1, br", listed, absent, "gzip;q=1, br"},
		{"AE-05, CMP-18: both off, listed in the key", "gzip;q=1, br", inKey, "gzip;q=1, br", "gzip;q=1, br"},
		{"AE-06: an origin request policy has no effect beside a flag", "gzip;q=1, br",
			gz.with(func(t *Terms) { t.OriginRequest.Headers = only("Accept-Encoding") }), "gzip", "gzip"},
		{"AE-06: nor has one with all viewer headers", "deflate",
			gz.with(func(t *Terms) { t.OriginRequest.Headers = allBut("Host") }), absent, "identity"},
		{"AE-08: order, weights and other codings", "br;q=1.0, gzip;q=0.8, *;q=0.1", both, "br,gzip", "br,gzip"},
		{"AE-08: blanks and case", "  GZIP ;  q=0.8 ,,BR", both, "br,gzip", "br,gzip"},
		{"AE-08: a weight of zero refuses", "gzip;q=0, br", both, "br", "br"},
		{"AE-08: zero with decimals refuses", "gzip; Q=0.000", both, absent, "identity"},
		{"AE-08: hardly wanted is wanted", "gzip;q=0.001", both, "gzip", "gzip"},
		{"AE-08: an unreadable weight refuses nothing", "gzip;q=x", both, "gzip", "gzip"},
		{"AE-08: x-gzip is another coding", "x-gzip", both, absent, "identity"},
		{"AE-11, requests HDR-17: legacy settings, gzip", "deflate, gzip", legacy, "gzip", "gzip"},
		{"AE-11, D-18, requests HDR-17: legacy settings, both", "gzip,br", legacy, "br,gzip", "br,gzip"},
		{"AE-11, D-18: legacy settings, br", "br", legacy, "br", "br"},
		{"D-18: legacy settings, both, the other reading", "gzip,br", gzipOnly, "gzip", "gzip"},
		{"D-18: legacy settings, br, the other reading", "br", gzipOnly, absent, absent},
		{"AE-11: legacy settings that list the header", "deflate, br", legacyInKey, "deflate, br", "deflate, br"},
		{"AE-11, requests HDR-17: legacy settings, neither: removed", "deflate", legacy, absent, absent},
		{"AE-12: the flags suffice, nothing else has to be on", "br", both, "br", "br"},
	} {
		t.Run(row.row, func(t *testing.T) {
			in := req("GET /")
			if row.viewer != absent {
				in.Header.Set("Accept-Encoding", row.viewer)
			}
			want := scope + " /"
			if row.key != absent {
				want += "\nAccept-Encoding: " + row.key
			}
			if got := row.terms.Key(scope, in).String(); got != want {
				t.Errorf("key of %q:\n got %q\nwant %q", row.viewer, got, want)
			}
			got, ok := row.terms.Forward(in).Header["Accept-Encoding"]
			if !ok {
				got = []string{absent}
			}
			if len(got) != 1 || got[0] != row.origin {
				t.Errorf("origin of %q: got %q, want %q", row.viewer, got, row.origin)
			}
		})
	}
	t.Run("AE-08: several lines are one list", func(t *testing.T) {
		in := req("GET /", "Accept-Encoding", "gzip", "Accept-Encoding", "br")
		if got := acceptedEncodings(in.Header, true, true); got != "br,gzip" {
			t.Errorf("got %q, want br,gzip", got)
		}
	})
	play(t, []story{
		{"AE-09: the first version wins for all who accept both", both, []step{
			{0, req("GET /", "Accept-Encoding", "gzip, br"), says(200, "Content-Encoding", "gzip"), "Miss 200 asked"},
			{1, req("GET /", "Accept-Encoding", "br, gzip"), nil, "Hit 200 age 1"},
			{1, req("GET /", "Accept-Encoding", "br"), says(200), "Miss 200 asked"},
		}},
		{"AE-03: an unsupported coding and none share an entry", both, []step{
			{0, req("GET /", "Accept-Encoding", "deflate"), says(200), "Miss 200 asked"},
			{1, req("GET /"), nil, "Hit 200 age 1"},
		}},
		{"AE-11: legacy settings keep an entry for who accepts gzip and one for who does not", legacy, []step{
			{0, req("GET /", "Accept-Encoding", "gzip"), says(200, "Content-Encoding", "gzip"), "Miss 200 asked"},
			{1, req("GET /"), says(200), "Miss 200 asked"},
			{2, req("GET /", "Accept-Encoding", "deflate, gzip"), nil, "Hit 200 age 2"},
		}},
	})
}
