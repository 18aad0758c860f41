package proxy_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

func TestCompressionAtTheEdge(t *testing.T) {
	text := strings.Repeat("body{color:navy}\n", 200)
	compress := func(d *distribution.Distribution) { d.Behaviors[0].Compress = true }
	origin := page(text, "Content-Type: text/css", `Etag: "a"`, "Content-Length: "+strconv.Itoa(len(text)))
	decode := map[string]func(string) (string, error){
		"": func(s string) (string, error) { return s, nil },
		"br": func(s string) (string, error) {
			b, err := io.ReadAll(brotli.NewReader(strings.NewReader(s)))
			return string(b), err
		},
		"gzip": func(s string) (string, error) {
			r, err := gzip.NewReader(strings.NewReader(s))
			if err != nil {
				return "", err
			}
			b, err := io.ReadAll(r)
			return string(b), err
		},
	}
	tests := []struct{ name, accept, coding, etag string }{
		{"CMP-02, CMP-08: both", "gzip, deflate, br", "br", `W/"a"`},
		{"CMP-01: gzip", "gzip", "gzip", `W/"a"`},
		{"CMP-09: none", "", "", `"a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, optimized(compress), origin)
			for _, result := range []cachepolicy.Result{cachepolicy.Miss, cachepolicy.Hit} {
				g := w.do("/site.css", "Accept-Encoding: "+tt.accept)
				if g.header.Get("Content-Encoding") != tt.coding || g.header.Get("Etag") != tt.etag || g.cache() != string(result) {
					t.Errorf("got %s, coding %q, ETag %s; want %s, %q, %s", g.cache(), g.header.Get("Content-Encoding"), g.header.Get("Etag"), result, tt.coding, tt.etag)
				}
				if v := g.header.Get("Vary"); v != "Accept-Encoding" {
					t.Errorf("VARY-08: got Vary %q", v)
				}
				if plain, err := decode[tt.coding](g.body); err != nil || plain != text {
					t.Errorf("the body decodes to %d bytes, %v; want %d", len(plain), err, len(text))
				}
				if n := g.header.Get("Content-Length"); n == strconv.Itoa(len(text)) && tt.coding != "" {
					t.Errorf("CMP-13: got the original's Content-Length %s", n)
				}
			}
			w.wantFetched(1)
		})
	}
	t.Run("RNG-06: a range of a compressed object counts compressed bytes", func(t *testing.T) {
		w := newWorld(t, optimized(compress), origin)
		whole := w.do("/site.css", "Accept-Encoding: gzip")
		part := w.do("/site.css", "Accept-Encoding: gzip", "Range: bytes=2-5")
		if part.status != http.StatusPartialContent || part.body != whole.body[2:6] {
			t.Errorf("got %d %x, want 206 %x", part.status, part.body, whole.body[2:6])
		}
	})
	t.Run("the explanation says which condition failed", func(t *testing.T) {
		w := newWorld(t, optimized(compress), page("short", "Content-Type: text/css", "Content-Length: 5"))
		w.do("/site.css", "Accept-Encoding: gzip")
		r := httptest.NewRequest(http.MethodGet, "http://d.example/site.css", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		if ex := w.edge.Explain(r); ex.Stored == nil || ex.Stored.Compression != cachepolicy.CompressSize {
			t.Errorf("got %+v, want %q", ex.Stored, cachepolicy.CompressSize)
		}
	})
	t.Run("law 4: a body that is cut is not stored compressed", func(t *testing.T) {
		n := 0
		w := newWorld(t, optimized(compress), func(rw http.ResponseWriter, r *http.Request) {
			n++
			rw.Header().Set("Content-Type", "text/css")
			rw.Header().Set("Content-Length", "5000")
			rw.Write(bytes.Repeat([]byte("x"), 100))
		})
		for range 2 {
			if g := w.do("/site.css", "Accept-Encoding: gzip"); g.err == nil {
				t.Errorf("got %d bytes without an error", len(g.body))
			}
		}
		if n != 2 {
			t.Errorf("the origin got %d requests, want 2", n)
		}
	})
}
