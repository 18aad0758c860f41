package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

func TestRequestLimits(t *testing.T) {
	with := func(e cachepolicy.Emulation) *distribution.Distribution {
		return optimized(func(d *distribution.Distribution) { d.Emulation, d.Behaviors[0].Terms.Emulation = e, e })
	}
	old := cachepolicy.Emulation{Headers20480: true}
	// "/a" and "X: " and two bytes of line end are seven.
	tests := []struct {
		name   string
		d      *distribution.Distribution
		header int
		status int
	}{
		{"LIM-02: 32,768 bytes", with(cachepolicy.Emulation{}), 32768 - 7, 200},
		{"LIM-02, D-15: one more is 494", with(cachepolicy.Emulation{}), 32768 - 6, 494},
		{"D-15: of 2023, 20,480 bytes", with(old), 20480 - 7, 200},
		{"D-15: of 2023, one more is 413", with(old), 20480 - 6, 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.d, page("hello"))
			if g := w.do("/a", "X: "+strings.Repeat("x", tt.header)); g.status != tt.status {
				t.Errorf("got %d, want %d", g.status, tt.status)
			}
		})
	}
	t.Run("LIM-01: 8,192 bytes of URL", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		if g := w.do("/" + strings.Repeat("a", 8190)); g.status != 200 {
			t.Errorf("got %d, want 200", g.status)
		}
		if g := w.do("/" + strings.Repeat("a", 8192)); g.status != 414 {
			t.Errorf("one more: got %d, want 414", g.status)
		}
	})
	t.Run("LIM-07: timeouts of an origin by default", func(t *testing.T) {
		o := optimized().Origins[0]
		if o.ReadTimeout != 30*time.Second || o.ConnectionTimeout != 10*time.Second || o.ConnectionAttempts != 3 {
			t.Errorf("got %s, %s, %d attempts", o.ReadTimeout, o.ConnectionTimeout, o.ConnectionAttempts)
		}
	})
}

// TestOriginsOwnHeaders has a real door to a real server, since they belong to it.
func TestOriginsOwnHeaders(t *testing.T) {
	tests := []struct {
		name, header, value string
		sent                []string
		want                string
	}{
		{"POL-13: a custom header replaces the viewer's", "X-Key", "ours", []string{"X-Key: theirs"}, "ours"},
		{"AE-10: an empty Accept-Encoding takes the viewer's away", "Accept-Encoding", "", []string{"Accept-Encoding: gzip, br"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var seen http.Header
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				seen = r.Header.Clone()
				rw.Header().Set("Content-Type", "text/css")
				rw.Write([]byte(strings.Repeat("x", 2000)))
			}))
			defer server.Close()
			config := "origins: {web: {url: '" + server.URL + "', headers: {" + tt.header + ": '" + tt.value + "'}}}\n" +
				"defaultCacheBehavior: {policy: CachingOptimized, originRequestPolicy: AllViewer, compress: true}\n"
			d, _, err := distribution.Read("site.yaml", []byte(config))
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, d, nil, func(c *proxy.Config) { c.Origins = nil })
			g := w.do("/a", tt.sent...)
			if got := seen.Get(tt.header); g.status != 200 || got != tt.want {
				t.Errorf("got %d, the origin saw %s: %q, want %q", g.status, tt.header, got, tt.want)
			}
			if g.header.Get("Content-Encoding") != "" && tt.want == "" {
				t.Errorf("it was compressed with %s though the key does not tell", g.header.Get("Content-Encoding"))
			}
			if g := w.do("/a"); g.cache() != "Hit" {
				t.Errorf("without the header: got %s, want a hit: it is not in the key", g.cache())
			}
		})
	}
}
