package proxy_test

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"staleproof/cachepolicy"
)

func TestRanges(t *testing.T) {
	const text = "0123456789abcdefghij"
	stored := func(t *testing.T) *world {
		w := newWorld(t, optimized(), page(text, `Etag: "a"`, "Last-Modified: Mon, 23 Nov 2026 00:00:00 GMT", "Content-Type: text/plain"))
		w.do("/a")
		return w
	}
	tests := []struct {
		name, spec, ifRange string
		status              int
		body, contentRange  string
	}{
		{"RNG-01: from the whole object", "bytes=0-9", "", 206, "0123456789", "bytes 0-9/20"},
		{"RNG-01: one byte", "bytes=19-19", "", 206, "j", "bytes 19-19/20"},
		{"RNG-01: to the end", "bytes=15-", "", 206, "fghij", "bytes 15-19/20"},
		{"RNG-01: the last three", "bytes=-3", "", 206, "hij", "bytes 17-19/20"},
		{"RNG-01: more than there is", "bytes=18-99", "", 206, "ij", "bytes 18-19/20"},
		{"RNG-05: not ascending", "bytes=10-12,0-2", "", 200, text, ""},
		{"RNG-05: overlapping", "bytes=0-5,3-8", "", 200, text, ""},
		{"RNG-05: malformed", "bytes=five-six", "", 200, text, ""},
		{"RNG-05: malformed, backwards", "bytes=9-3", "", 200, text, ""},
		{"RNG-05: another unit", "lines=1-2", "", 200, text, ""},
		{"If-Range holds", "bytes=0-1", `"a"`, 206, "01", "bytes 0-1/20"},
		{"If-Range does not", "bytes=0-1", `"b"`, 200, text, ""},
		{"If-Range by date", "bytes=0-1", "Mon, 23 Nov 2026 00:00:00 GMT", 206, "01", "bytes 0-1/20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := stored(t)
			headers := []string{"Range: " + tt.spec}
			if tt.ifRange != "" {
				headers = append(headers, "If-Range: "+tt.ifRange)
			}
			g := w.do("/a", headers...)
			if g.status != tt.status || g.body != tt.body || g.header.Get("Content-Range") != tt.contentRange || g.cache() != "Hit" {
				t.Errorf("%s: got %d %s %q %q, want %d Hit %q %q", tt.spec, g.status, g.cache(), g.body, g.header.Get("Content-Range"), tt.status, tt.body, tt.contentRange)
			}
			w.wantFetched(1)
		})
	}
	t.Run("ERR-10: beyond the end is 416", func(t *testing.T) {
		w := stored(t)
		if g := w.do("/a", "Range: bytes=20-30"); g.status != 416 || g.header.Get("Content-Range") != "bytes */20" || g.cache() != "Error" {
			t.Errorf("got %d %s %q", g.status, g.cache(), g.header.Get("Content-Range"))
		}
		w.want(w.do("/a"), cachepolicy.Hit, text)
	})
	t.Run("RNG-05, unknown-16: two ascending ranges are two parts", func(t *testing.T) {
		w := stored(t)
		g := w.do("/a", "Range: bytes=0-2,10-12")
		_, params, err := mime.ParseMediaType(g.header.Get("Content-Type"))
		if g.status != 206 || err != nil {
			t.Fatalf("got %d %v", g.status, err)
		}
		r := multipart.NewReader(strings.NewReader(g.body), params["boundary"])
		for _, want := range []struct{ body, contentRange string }{{"012", "bytes 0-2/20"}, {"abc", "bytes 10-12/20"}} {
			p, err := r.NextPart()
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(p)
			if string(b) != want.body || p.Header.Get("Content-Range") != want.contentRange || p.Header.Get("Content-Type") != "text/plain" {
				t.Errorf("got %q %v, want %q %s", b, p.Header, want.body, want.contentRange)
			}
		}
		if _, err := r.NextPart(); err != io.EOF {
			t.Errorf("after two parts: %v", err)
		}
	})
	t.Run("RNG-02, RNG-03: a range of what is not stored is asked of the origin, and a whole answer is kept", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Header.Get("Range"))
			io.WriteString(rw, text)
		})
		if g := w.do("/a", "Range: bytes=0-2"); g.status != 200 || g.body != text {
			t.Errorf("got %d %q, want 200 and all of it", g.status, g.body)
		}
		if g := w.do("/a", "Range: bytes=0-2"); g.status != 206 || g.body != "012" || g.cache() != "Hit" {
			t.Errorf("got %d %s %q, want 206 Hit 012", g.status, g.cache(), g.body)
		}
		if len(asked) != 1 || asked[0] != "bytes=0-2" {
			t.Errorf("the origin was asked for %q", asked)
		}
	})
}

func TestViewerConditions(t *testing.T) {
	tests := []struct {
		name, header string
		status       int
	}{
		{"COND-06, unknown 13: the same entity tag, a hit", `If-None-Match: "a"`, 304},
		{"COND-08: weakly the same", `If-None-Match: W/"a"`, 304},
		{"COND-06: one of a list", `If-None-Match: "x", "a"`, 304},
		{"COND-06: any", `If-None-Match: *`, 304},
		{"COND-06: another", `If-None-Match: "b"`, 200},
		{"COND-06: not modified since", "If-Modified-Since: Mon, 23 Nov 2026 00:00:00 GMT", 304},
		{"COND-06: modified since", "If-Modified-Since: Sun, 22 Nov 2026 00:00:00 GMT", 200},
		{"COND-06: an unreadable date", "If-Modified-Since: yesterday", 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, optimized(), page("hello", `Etag: "a"`, "Last-Modified: Mon, 23 Nov 2026 00:00:00 GMT"))
			w.do("/a")
			body := "hello"
			if tt.status == 304 {
				body = ""
			}
			g := w.do("/a", tt.header)
			w.want(g, cachepolicy.Hit, body)
			if g.status != tt.status {
				t.Errorf("unknown-13: %s: got %d, want %d", tt.header, g.status, tt.status)
			}
			w.wantFetched(1)
		})
	}
	t.Run("COND-06: a condition that holds on a growing body does not stop it from being stored", func(t *testing.T) {
		w := newWorld(t, optimized(policy(func(p *cachepolicy.Policy) { p.MinTTL = 0 })), page("hello", `Etag: "b"`, "Cache-Control: max-age=0"))
		w.do("/a")
		if g := w.do("/a", `If-None-Match: "b"`); g.status != 304 {
			t.Errorf("got %d, want 304", g.status)
		}
		w.want(w.do("/a"), cachepolicy.Miss, "hello")
	})
}
