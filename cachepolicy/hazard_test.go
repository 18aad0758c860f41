package cachepolicy

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHazards(t *testing.T) {
	keep := Policy{DefaultTTL: time.Hour, MaxTTL: time.Hour}
	with := func(f func(*Terms)) Terms {
		t := Terms{Policy: keep}
		if f != nil {
			f(&t)
		}
		return t
	}
	allQuery := func(t *Terms) { t.OriginRequest.QueryStrings.Mode = All }
	sendsOrigin := func(t *Terms) { t.OriginRequest.Headers = only("Origin") }
	tests := []struct {
		name   string
		terms  Terms
		url    string
		sent   http.Header
		status int
		reply  http.Header
		want   string // rows, with a word of the text
	}{
		{"nothing", with(nil), "/a.css", nil, 200, header("Content-Type", "text/css"), ""},
		{"VARY-07: a header outside the key", with(nil), "/a", nil, 200, header("Vary", "X-Lang, Accept"), "VARY-07 Accept, VARY-07 X-Lang"},
		{"VARY-07: one inside the key", with(func(t *Terms) { t.Policy.Headers = only("X-Lang") }), "/a", nil, 200, header("Vary", "x-lang"), ""},
		{"VARY-07: encodings that are in the key", with(func(t *Terms) { t.Policy.Gzip = true }), "/a", nil, 200, header("Vary", "Accept-Encoding"), ""},
		{"CK-09: Set-Cookie kept", with(func(t *Terms) { t.OriginRequest.Cookies.Mode = All }), "/a", nil, 200, header("Set-Cookie", "id=1"), "CK-09 Set-Cookie"},
		{"CK-01: Set-Cookie dropped", with(nil), "/a", nil, 200, header("Set-Cookie", "id=1"), ""},
		{"HTML under a script's URL", with(nil), "/app.js", nil, 200, header("Content-Type", "text/html; charset=utf-8"), "ERR-26 script"},
		{"HTML under a page's URL", with(nil), "/app", nil, 200, header("Content-Type", "text/html"), ""},
		{"HDR-11: Origin reflected", with(sendsOrigin), "/a", header("Origin", "https://a.example"), 200,
			header("Access-Control-Allow-Origin", "https://a.example"), "HDR-11 Access-Control-Allow-Origin"},
		{"QS-11: a parameter echoed", with(allQuery), "/a?user=bartholomew", nil, 200, header("X-User", "bartholomew"), "HDR-11 X-User"},
		{"QS-11: too short to tell", with(allQuery), "/a?v=1", nil, 200, header("X-V", "1"), ""},
		{"not kept", with(nil), "/app.js", nil, 200, header("Content-Type", "text/html", "Cache-Control", "no-store"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, query, _ := strings.Cut(tt.url, "?")
			r := &Request{Method: "GET", Path: path, RawQuery: query, Header: tt.sent}
			reply := Reply{Status: tt.status, Header: tt.reply, Received: noon}
			out := tt.terms.Settle(r, Plan{Action: Fetch}, reply, "k", path, 0)
			got := tt.terms.Hazards(r, reply, out)
			var want []string
			if tt.want != "" {
				want = strings.Split(tt.want, ", ")
			}
			if len(got) != len(want) {
				t.Fatalf("got %+v, want %q", got, want)
			}
			for i, w := range want {
				row, word, _ := strings.Cut(w, " ")
				if got[i].Row != row || !strings.Contains(got[i].Text, word) {
					t.Errorf("got %+v, want %s with %q", got[i], row, word)
				}
			}
		})
	}
}

// Where Unkeyed does not look, it would have found nothing.
func TestForwardsKeyOnly(t *testing.T) {
	long := rapid.SampledFrom([]string{"", "bartholomew"})
	rapid.Check(t, func(t *rapid.T) {
		terms, r := someTerms.Draw(t, "terms"), someRequest.Draw(t, "request")
		terms.OriginRequest = OriginRequestPolicy{}
		switch rapid.IntRange(0, 4).Draw(t, "sent besides") {
		case 0:
			terms.OriginRequest.Headers = only("Origin")
		case 1:
			terms.OriginRequest.Cookies = selections.Draw(t, "cookies")
		case 2:
			terms.OriginRequest.QueryStrings = selections.Draw(t, "query")
		case 3:
			terms.OriginRequest.CloudFrontHeaders = []string{"Cloudfront-Viewer-Country"}
		}
		r.Header = http.Header{}
		for _, name := range []string{"Authorization", "Origin", "Referer", "X-A", "Cloudfront-Viewer-Country", "Cookie", "Content-Type", "User-Agent", "Accept-Encoding"} {
			switch v := long.Draw(t, name); {
			case v != "" && name == "Cookie":
				r.Header[name] = []string{"a=" + v}
			case v != "":
				r.Header[name] = []string{v}
			}
		}
		r.RawQuery = "a=" + long.Draw(t, "query")
		if found := terms.unkeyed(r); terms.forwardsKeyOnly(r) && len(found) > 0 {
			t.Fatalf("found %v", found)
		}
	})
}
