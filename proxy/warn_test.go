package proxy_test

import (
	"io"
	"net/http"
	"testing"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

func TestWarnings(t *testing.T) {
	queries := func(d *distribution.Distribution) {
		d.Behaviors[0].Terms.OriginRequest.QueryStrings.Mode = cachepolicy.All
	}
	tests := []struct {
		name   string
		d      *distribution.Distribution
		origin http.HandlerFunc
		rows   []string
	}{
		{"nothing to say", optimized(), page("body{}", "Content-Type: text/css"), nil},
		{"VARY-07: once for a key, however often it is fetched", optimized(), page("x", "Vary: X-Lang"), []string{"VARY-07"}},
		{"HTML under a script's URL", optimized(), page("<p>", "Content-Type: text/html"), []string{"ERR-26"}},
		{"QS-11: the body repeats a parameter outside the key", optimized(queries), func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "text/plain")
			io.WriteString(rw, "hello "+r.URL.Query().Get("user"))
		}, []string{"QS-11"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.d, tt.origin)
			for range 3 {
				w.do("/app.js?user=bartholomew")
				w.edge.Forget("/*")
			}
			var rows []string
			for _, ev := range w.kinds(proxy.Warned) {
				rows = append(rows, ev.Row)
			}
			if len(rows) != len(tt.rows) || len(rows) == 1 && rows[0] != tt.rows[0] {
				t.Errorf("got %q, want %q", rows, tt.rows)
			}
		})
	}
}
