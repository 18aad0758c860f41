package proxy_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

func TestPathsAndRoot(t *testing.T) {
	t.Run("KEY-06, KEY-07: the behavior is chosen by the normalised path, the origin gets the raw one", func(t *testing.T) {
		var seen []string
		d := optimized(before("/a*", func(b *distribution.Behavior) { b.ResponseHeaders = mark("a") }),
			before("/a/b*", func(b *distribution.Behavior) { b.ResponseHeaders = mark("a/b") }))
		w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) { seen = append(seen, r.RequestURI) })
		for _, tt := range []struct{ ask, behavior, raw string }{
			{"/a/b?c=1", "a/b", "/a/b"}, {"/a/b/..?c=1", "a", "/a/b/.."}, {"//a//b", "a/b", "//a//b"},
		} {
			r := httptest.NewRequest(http.MethodGet, "http://d.example/", nil)
			r.RequestURI = tt.ask
			r.URL.Path, r.URL.RawQuery, _ = strings.Cut(tt.ask, "?")
			if got := w.send(r).header.Get("Behavior"); got != tt.behavior || seen[len(seen)-1] != tt.raw {
				t.Errorf("%s: by %q, the origin saw %q; want %q and %q", tt.ask, got, seen[len(seen)-1], tt.behavior, tt.raw)
			}
		}
	})
	t.Run("KEY-23: / is the default root object, for the viewer and the origin, with every method", func(t *testing.T) {
		var seen []string
		d := optimized(func(d *distribution.Distribution) { d.DefaultRootObject = "index.html" })
		w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.Method+" "+r.URL.Path)
			io.WriteString(rw, "hello")
		})
		w.want(w.do("/"), cachepolicy.Miss, "hello")
		w.want(w.do("/index.html"), cachepolicy.Hit, "hello")
		w.do("POST /")
		if s := strings.Join(seen, ", "); s != "GET /index.html, POST /index.html" {
			t.Errorf("the origin saw %s", s)
		}
	})
}

// TestAbsoluteTargets: the target of a request may be a whole URL, RFC 9112 §3.2.2. Its path
// is what it would be alone, and its scheme says nothing of how the viewer came.
func TestAbsoluteTargets(t *testing.T) {
	says := func(policy distribution.ViewerProtocol) *distribution.Distribution {
		return optimized(func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = policy })
	}
	for _, tt := range []struct {
		name         string
		d            *distribution.Distribution
		target       string
		tls          bool
		status       int
		asked, moved string // what the origin is asked for, and where the viewer is sent
	}{
		{"KEY-07, PATH-16: the path goes out as it came", optimized(), "http://d.example/a|b%2fc/..?x", false, 200, "/a|b%2fc/..", ""},
		{"KEY-07: no path is the root", optimized(), "http://d.example?x", false, 200, "/", ""},
		{"VPP-05: https in the target is not https", says(distribution.ViewerHTTPSOnly), "https://d.example/a", false, 403, "", ""},
		{"VPP-05: http in the target is not http", says(distribution.ViewerHTTPSOnly), "http://d.example/a", true, 200, "/a", ""},
		{"VPP-02: https in the target is redirected", says(distribution.RedirectToHTTPS), "https://d.example/a|b?x", false, 301, "", "https://d.example/a|b?x"},
		{"VPP-02: to the same host, without the port", says(distribution.RedirectToHTTPS), "http://[::1]:8080/a", false, 301, "", "https://[::1]/a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked string
			w := newWorld(t, tt.d, func(rw http.ResponseWriter, r *http.Request) { asked = r.URL.RawPath })
			r := httptest.NewRequest(http.MethodGet, tt.target, nil)
			r.TLS = nil
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			answer := httptest.NewRecorder()
			w.edge.ServeHTTP(answer, r)
			if moved := answer.Header().Get("Location"); answer.Code != tt.status || asked != tt.asked || moved != tt.moved {
				t.Errorf("%s: got %d, asked for %q, moved to %q; want %d, %q, %q", tt.target, answer.Code, asked, moved, tt.status, tt.asked, tt.moved)
			}
		})
	}
}

// mark is a headers policy that tells which behavior answered.
func mark(name string) *distribution.ResponseHeadersPolicy {
	return &distribution.ResponseHeadersPolicy{Set: []distribution.ResponseHeader{{Name: "Behavior", Value: name, Override: true}}}
}

func TestCompressionRows(t *testing.T) {
	text := strings.Repeat("all work and no play ", 200)
	origin := page(text, "Content-Type: text/plain", fmt.Sprintf("Content-Length: %d", len(text)), `Etag: "a"`)
	t.Run("CMP-07: an HTTP/1.0 viewer gets nothing compressed", func(t *testing.T) {
		var asked string
		w := newWorld(t, optimized(compressing), func(rw http.ResponseWriter, r *http.Request) {
			asked = r.Header.Get("Accept-Encoding")
			origin(rw, r)
		})
		r := httptest.NewRequest(http.MethodGet, "http://d.example/a", nil)
		r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0
		r.Header.Set("Accept-Encoding", "gzip")
		if g := w.send(r); g.header.Get("Content-Encoding") != "" || asked != "" {
			t.Errorf("got coding %q, the origin was asked for %q; want neither", g.header.Get("Content-Encoding"), asked)
		}
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Error("the viewer's own request was changed")
		}
	})
	t.Run("AE-11: legacy settings give gzip to nobody who does not accept it", func(t *testing.T) {
		w := newWorld(t, optimized(compressing, func(d *distribution.Distribution) {
			d.Behaviors[0].Terms.Legacy, d.Behaviors[0].Terms.Policy.Gzip, d.Behaviors[0].Terms.Policy.Brotli = true, false, false
		}), origin)
		for _, s := range []struct{ accept, result, coding string }{
			{"gzip, deflate", "Miss", "gzip"}, {"identity", "Miss", ""}, {"br", "Miss", ""}, {"gzip", "Hit", "gzip"}, {"identity", "Hit", ""},
		} {
			if g := w.do("/a", "Accept-Encoding: "+s.accept); g.cache() != s.result || g.header.Get("Content-Encoding") != s.coding {
				t.Errorf("%s: got %s %q, want %s %q", s.accept, g.cache(), g.header.Get("Content-Encoding"), s.result, s.coding)
			}
		}
		r := httptest.NewRequest(http.MethodGet, "http://d.example/a", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		if ex := w.edge.Explain(r); len(ex.LeftOut) > 0 {
			t.Errorf("left out of the key: got %v, want nothing", ex.LeftOut)
		}
	})
	t.Run("CMP-10: what was cached before stays plain through hits and 304, until it is fetched whole", func(t *testing.T) {
		fresh := func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Cache-Control", "max-age=60")
			if r.Header.Get("If-None-Match") != "" {
				rw.WriteHeader(304)
				return
			}
			origin(rw, r)
		}
		kept := httpcache.NewMemoryCache()
		behind := func(c *proxy.Config) { c.Store = kept }
		plain := optimized(func(d *distribution.Distribution) { d.Behaviors[0].Compress = false })
		newWorld(t, plain, fresh, behind).do("/a", "Accept-Encoding: gzip")

		w := newWorld(t, optimized(compressing), fresh, behind)
		steps := []struct {
			after  time.Duration
			result cachepolicy.Result
			coding string
		}{{0, cachepolicy.Hit, ""}, {61 * time.Second, cachepolicy.RefreshHit, ""}, {0, cachepolicy.Hit, ""}}
		for _, s := range steps {
			w.advance(s.after)
			if g := w.do("/a", "Accept-Encoding: gzip"); g.cache() != string(s.result) || g.header.Get("Content-Encoding") != s.coding {
				t.Errorf("got %s %q, want %s %q", g.cache(), g.header.Get("Content-Encoding"), s.result, s.coding)
			}
		}
		w.edge.Invalidate("", "/a")
		if g := w.do("/a", "Accept-Encoding: gzip"); g.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("after an invalidation: got %q, want gzip", g.header.Get("Content-Encoding"))
		}
	})
	t.Run("CMP-11: compression is never skipped under load", func(t *testing.T) {
		w := newWorld(t, optimized(compressing), origin)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				if g := w.do(fmt.Sprintf("/%d", i), "Accept-Encoding: gzip"); g.header.Get("Content-Encoding") != "gzip" {
					t.Errorf("/%d: got %q", i, g.header.Get("Content-Encoding"))
				}
			})
		}
		wg.Wait()
	})
}

func TestSwitches(t *testing.T) {
	set := func(e cachepolicy.Emulation) *distribution.Distribution {
		return optimized(func(d *distribution.Distribution) { d.Behaviors[0].Terms.Emulation = e })
	}
	for _, on := range []bool{false, true} {
		t.Run(fmt.Sprintf("D-13, CMP-12: compressed with caching off: %v", on), func(t *testing.T) {
			d := set(cachepolicy.Emulation{CompressWithoutTTL: on})
			p := &d.Behaviors[0].Terms.Policy
			p.MinTTL, p.DefaultTTL, p.MaxTTL = 0, 0, 0
			w := newWorld(t, d, page(strings.Repeat("x", 2000), "Content-Type: text/css", "Content-Length: 2000"))
			g := w.do("/a", "Accept-Encoding: gzip")
			if (g.header.Get("Content-Encoding") == "gzip") != on || (len(g.body) < 2000) != on || g.err != nil {
				t.Errorf("got coding %q, %d bytes, %v", g.header.Get("Content-Encoding"), len(g.body), g.err)
			}
		})
		t.Run(fmt.Sprintf("MORP-02, D-7: AllViewerExceptHostHeader adds CloudFront headers: %v", on), func(t *testing.T) {
			var seen http.Header
			d := set(cachepolicy.Emulation{ExceptHostAddsCloudFront: on})
			d.Behaviors[0].Terms.OriginRequest, _ = cachepolicy.ManagedOriginRequestPolicy("AllViewerExceptHostHeader")
			w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() })
			w.do("/a")
			if (seen.Get("CloudFront-Forwarded-Proto") == "http") != on {
				t.Errorf("the origin saw %v", seen)
			}
		})
		t.Run(fmt.Sprintf("unknown 4: a HEAD's answer is kept for later HEADs: %v", !on), func(t *testing.T) {
			w := newWorld(t, set(cachepolicy.Emulation{HeadMissNotStored: on}), page("hello"))
			w.do("HEAD /a")
			if g := w.do("HEAD /a"); (g.cache() == "Hit") == on {
				t.Errorf("got %s", g.cache())
			}
		})
		t.Run(fmt.Sprintf("unknown 16: several ranges give the first alone: %v", on), func(t *testing.T) {
			w := newWorld(t, set(cachepolicy.Emulation{FirstRangeOnly: on}), page("0123456789"))
			w.do("/a")
			g := w.do("/a", "Range: bytes=0-1,4-5")
			if first := g.body == "01" && g.header.Get("Content-Range") == "bytes 0-1/10"; g.status != 206 || first != on {
				t.Errorf("got %d %q %q", g.status, g.header.Get("Content-Range"), g.body)
			}
		})
		t.Run(fmt.Sprintf("unknown 6: a failing origin is left alone under stale-if-error: %v", on), func(t *testing.T) {
			down := false
			w := newWorld(t, set(cachepolicy.Emulation{StaleIfErrorQuiet: on}), func(rw http.ResponseWriter, r *http.Request) {
				if down {
					rw.WriteHeader(503)
					return
				}
				rw.Header().Set("Cache-Control", "max-age=60, stale-if-error=3600")
				io.WriteString(rw, "hello")
			})
			w.do("/a")
			w.advance(61 * time.Second)
			down = true
			for range 2 {
				w.want(w.do("/a"), cachepolicy.Hit, "hello")
			}
			if want := int64(3); on {
				w.wantFetched(want - 1)
			} else {
				w.wantFetched(want)
			}
		})
	}
}
