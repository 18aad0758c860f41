package proxy_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

func TestOwnHeaders(t *testing.T) {
	forms := []struct {
		row, name string
		form      *regexp.Regexp
	}{
		{"XC-15: 56 characters of URL-safe base64, the last two ==", "X-Amz-Cf-Id", regexp.MustCompile(`^[A-Za-z0-9_-]{54}==$`)},
		{"XC-16: capitals, digits, and a suffix", "X-Amz-Cf-Pop", regexp.MustCompile(`^[A-Z]{3}\d+-[CP]\d+$`)},
		{"XC-12: Via has 32 hex digits", "Via", regexp.MustCompile(`^1\.1 [0-9a-f]{32}\.cloudfront\.net \(CloudFront\)$`)},
		{"XC-20: the origin's Server stays", "Server", regexp.MustCompile(`^Apache$`)},
	}
	for _, tt := range forms {
		t.Run(tt.row, func(t *testing.T) {
			w := newWorld(t, optimized(), page("hello", "Server: Apache"))
			for _, what := range []string{"the miss", "the hit"} {
				if v := w.do("/a").header.Get(tt.name); !tt.form.MatchString(v) {
					t.Errorf("%s: %s: %q does not look like %s", what, tt.name, v, tt.form)
				}
			}
		})
	}
	t.Run("XC-12, XC-15, XC-19: ids are made for each answer and never stored", func(t *testing.T) {
		var asked string
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) { asked = r.Header.Get("X-Amz-Cf-Id") })
		miss, hit := w.do("/a"), w.do("/a")
		for _, name := range []string{"X-Amz-Cf-Id", "Via"} {
			if miss.header.Get(name) == hit.header.Get(name) {
				t.Errorf("%s is the same on a hit as on the miss", name)
			}
		}
		if id := miss.header.Get("X-Amz-Cf-Id"); asked != id || w.kinds(proxy.Answered)[0].Exchange != id {
			t.Errorf("the viewer has %s, the origin %s, the event %s", id, asked, w.kinds(proxy.Answered)[0].Exchange)
		}
	})
	for _, version := range []struct{ proto, want string }{{"HTTP/1.1", "1.1 "}, {"HTTP/2.0", "2.0 "}} {
		t.Run("XC-13: Via to the origin has the viewer's version, to the viewer always 1.1: "+version.proto, func(t *testing.T) {
			var via string
			w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) { via = r.Header.Get("Via") })
			r := httptest.NewRequest(http.MethodGet, "http://d.example/a", nil)
			r.Proto, r.ProtoMajor, r.ProtoMinor = version.proto, int(version.proto[5]-'0'), int(version.proto[7]-'0')
			g := w.send(r)
			if !strings.HasPrefix(via, version.want) || !strings.HasPrefix(g.header.Get("Via"), "1.1 ") {
				t.Errorf("the origin got %q, the viewer %q", via, g.header.Get("Via"))
			}
		})
	}
	for _, replaced := range []bool{false, true} {
		name := "XC-14, D-14: the origin's Via stays behind CloudFront's"
		if replaced {
			name = "D-14: or is replaced, with the switch"
		}
		t.Run(name, func(t *testing.T) {
			d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].Terms.Emulation.OriginViaReplaced = replaced })
			w := newWorld(t, d, page("hello", "Via: https/1.1 umbrella"))
			for range 2 {
				v := w.do("/a").header["Via"]
				if len(v) != 1 || strings.HasSuffix(v[0], " (CloudFront), https/1.1 umbrella") == replaced {
					t.Errorf("got %q", v)
				}
			}
		})
	}
	t.Run("XC-05: an Age of the origin's passes through on a miss", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello", "Age: 68309"))
		if g := w.do("/a"); g.header.Get("Age") != "68309" || g.cache() != "Miss" {
			t.Errorf("got Age %q, %s", g.header.Get("Age"), g.cache())
		}
	})
	t.Run("XC-18: a distribution in front of a distribution: two Via in one field, two POPs, the outer's X-Cache", func(t *testing.T) {
		inner := newWorld(t, optimized(), page("hello"), func(c *proxy.Config) { c.POP = "FRA56-P9" })
		outer := newWorld(t, optimized(), nil, func(c *proxy.Config) {
			c.Origins["origin"] = scripted(func(r *http.Request) (*http.Response, error) {
				out := r.Clone(r.Context()) // as it would come over a socket
				return inner.edge.RoundTrip(out.WithContext(t.Context()))
			})
		})
		inner.do("/a")
		g := outer.do("/a")
		via, pops := g.header["Via"], g.header["X-Amz-Cf-Pop"]
		if len(via) != 1 || strings.Count(via[0], "(CloudFront)") != 2 || len(pops) != 2 || pops[1] != "FRA56-P9" {
			t.Errorf("got Via %q, POPs %q", via, pops)
		}
		if x := g.header["X-Cache"]; len(x) != 1 || x[0] != "Miss from cloudfront" {
			t.Errorf("got X-Cache %q, want the outer's miss alone, though it was a hit inside", x)
		}
	})
	t.Run("LIM-05: two distributions may stand one behind the other, a third refuses", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		hop := "1.1 0123.cloudfront.net (CloudFront)"
		if g := w.do("/a", "Via: "+hop); g.status != 200 {
			t.Errorf("the second: got %d", g.status)
		}
		if g := w.do("/a", "Via: "+hop+", "+hop); g.status != 403 || g.cache() != "Error" {
			t.Errorf("the third: got %d %s, want 403 Error", g.status, g.cache())
		}
	})
}

func TestResultsInXCache(t *testing.T) {
	t.Run("XC-01, LOG-01: every form, in the header and in the event", func(t *testing.T) {
		d := optimized(policy(func(p *cachepolicy.Policy) { p.MinTTL = 0 }), func(d *distribution.Distribution) {
			secure := d.Behaviors[0]
			secure.PathPattern, secure.ViewerProtocol = "/secure", distribution.RedirectToHTTPS
			d.Behaviors = append([]distribution.Behavior{secure}, d.Behaviors...)
		})
		w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/gone":
				http.NotFound(rw, r)
			case r.Header.Get("If-None-Match") != "":
				rw.WriteHeader(304)
			default:
				rw.Header().Set("Etag", `"a"`)
				rw.Header().Set("Cache-Control", "max-age=60")
				io.WriteString(rw, "hello")
			}
		}, func(c *proxy.Config) {
			c.ViewerRequest = func(_ *distribution.Behavior, r *cachepolicy.Request) *proxy.Generated {
				if r.Path == "/made" {
					return &proxy.Generated{}
				}
				return nil
			}
		})
		var got []string
		for _, path := range []string{"/a", "/a", "later", "/a", "/gone", "/secure", "/made"} {
			if path == "later" {
				w.advance(time.Hour)
				continue
			}
			got = append(got, w.do(path).header.Get("X-Cache"))
		}
		want := "Miss from cloudfront|Hit from cloudfront|RefreshHit from cloudfront|Error from cloudfront|Redirect from cloudfront|FunctionGeneratedResponse from cloudfront"
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("got  %s\nwant %s", s, want)
		}
		for i, ev := range w.kinds(proxy.Answered) {
			if word := strings.TrimSuffix(got[i], " from cloudfront"); string(ev.Result) != word || ev.Response != ev.Result {
				t.Errorf("answer %d: the event says %s, then %s; the header %s", i, ev.Response, ev.Result, word)
			}
		}
	})
}

func TestRedirectToHTTPS(t *testing.T) {
	tests := []struct {
		name, method, proto string
		viewer              distribution.ViewerProtocol
		status              int
	}{
		{"XC-09: GET", "GET", "HTTP/1.1", distribution.RedirectToHTTPS, 301},
		{"XC-09: HEAD", "HEAD", "HTTP/1.1", distribution.RedirectToHTTPS, 301},
		{"XC-09: POST", "POST", "HTTP/1.1", distribution.RedirectToHTTPS, 307},
		{"XC-09: PUT", "PUT", "HTTP/1.1", distribution.RedirectToHTTPS, 307},
		{"XC-09: DELETE", "DELETE", "HTTP/1.1", distribution.RedirectToHTTPS, 307},
		{"XC-09: OPTIONS", "OPTIONS", "HTTP/1.1", distribution.RedirectToHTTPS, 307},
		{"XC-09: PATCH", "PATCH", "HTTP/2.0", distribution.RedirectToHTTPS, 307},
		{"XC-09: POST below 1.1", "POST", "HTTP/1.0", distribution.RedirectToHTTPS, 403},
		{"XC-09: HTTPS only", "GET", "HTTP/1.1", distribution.ViewerHTTPSOnly, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = tt.viewer })
			w := newWorld(t, d, page("hello"))
			r := httptest.NewRequest(tt.method, "http://d.example/a%20b?c=1", nil)
			r.Proto, r.ProtoMajor, r.ProtoMinor = tt.proto, int(tt.proto[5]-'0'), int(tt.proto[7]-'0')
			g := w.send(r)
			if g.status != tt.status || g.header.Get("Age") != "" {
				t.Errorf("got %d, Age %q; want %d and none", g.status, g.header.Get("Age"), tt.status)
			}
			if want := "https://d.example/a%20b?c=1"; tt.status < 400 && (g.header.Get("Location") != want || g.cache() != "Redirect") {
				t.Errorf("got %s, Location %q, want Redirect to %q", g.cache(), g.header.Get("Location"), want)
			}
			w.wantFetched(0)
		})
	}
	t.Run("XC-08: the redirect's headers and body", func(t *testing.T) {
		d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = distribution.RedirectToHTTPS })
		g := newWorld(t, d, page("hello")).do("/a")
		if g.header.Get("Server") != "CloudFront" || g.header.Get("Content-Type") != "text/html" || len(g.body) != 167 {
			t.Errorf("got Server %q, %q, %d bytes", g.header.Get("Server"), g.header.Get("Content-Type"), len(g.body))
		}
	})
	t.Run("XC-09: over HTTPS there is nothing to redirect", func(t *testing.T) {
		d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = distribution.RedirectToHTTPS })
		w := newWorld(t, d, page("hello"))
		r := httptest.NewRequest(http.MethodGet, "https://d.example/a", nil)
		r.TLS = &tls.ConnectionState{}
		w.want(w.send(r), cachepolicy.Miss, "hello")
	})
}

func TestViewerRequestFunction(t *testing.T) {
	with := func(f proxy.ViewerRequest) func(*proxy.Config) {
		return func(c *proxy.Config) { c.ViewerRequest = f }
	}
	t.Run("XC-10: its answer has CloudFront's headers, and is not stored", func(t *testing.T) {
		n := 0
		w := newWorld(t, optimized(), page("hello"), with(func(_ *distribution.Behavior, r *cachepolicy.Request) *proxy.Generated {
			if n++; n > 1 {
				return nil
			}
			return &proxy.Generated{Status: 302, Header: http.Header{"location": {"/b"}}}
		}))
		g := w.do("/a")
		if g.status != 302 || g.header.Get("X-Cache") != "FunctionGeneratedResponse from cloudfront" || g.header.Get("Server") != "CloudFront" ||
			g.header.Get("Location") != "/b" || g.header.Get("Via") == "" || g.header.Get("X-Amz-Cf-Pop") == "" || g.header.Get("X-Amz-Cf-Id") == "" {
			t.Errorf("got %d %v", g.status, g.header)
		}
		w.wantFetched(0)
		w.want(w.do("/a"), cachepolicy.Miss, "hello")
	})
	t.Run("KEY-20: a rewritten path is the key's and the origin's, and the behavior stays", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.Path) },
			with(func(_ *distribution.Behavior, r *cachepolicy.Request) *proxy.Generated { r.Path = "/same"; return nil }))
		w.do("/a")
		if g := w.do("/b"); g.cache() != "Hit" || strings.Join(asked, " ") != "/same" {
			t.Errorf("got %s, the origin saw %q", g.cache(), asked)
		}
	})
	t.Run("QS-13: a function that sorts parameters makes one entry of two", func(t *testing.T) {
		d := optimized(policy(func(p *cachepolicy.Policy) { p.QueryStrings.Mode = cachepolicy.All }))
		w := newWorld(t, d, page("hello"), with(func(_ *distribution.Behavior, r *cachepolicy.Request) *proxy.Generated {
			r.RawQuery = "a=1&b=2"
			return nil
		}))
		w.want(w.do("/a?a=1&b=2"), cachepolicy.Miss, "hello")
		w.want(w.do("/a?b=2&a=1"), cachepolicy.Hit, "hello")
	})
	t.Run("INV-10: what a function rewrites is invalidated by its new path", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), with(func(_ *distribution.Behavior, r *cachepolicy.Request) *proxy.Generated {
			r.Path = "/en" + r.Path
			return nil
		}))
		w.do("/index.html")
		w.edge.Invalidate("", "/index.html")
		w.want(w.do("/index.html"), cachepolicy.Hit, "hello")
		w.edge.Invalidate("", "/en/index.html")
		w.want(w.do("/index.html"), cachepolicy.Miss, "hello")
	})
	t.Run("TTL-31: a Cache-Control added for viewers changes no lifetime", func(t *testing.T) {
		d := optimized(func(d *distribution.Distribution) {
			d.Behaviors[0].ResponseHeaders = &distribution.ResponseHeadersPolicy{
				Set: []distribution.ResponseHeader{{Name: "Cache-Control", Value: "no-store", Override: true}},
			}
		})
		w := newWorld(t, d, page("hello", "Cache-Control: max-age=60"))
		w.do("/a")
		w.advance(59 * time.Second)
		g := w.do("/a")
		w.want(g, cachepolicy.Hit, "hello")
		if g.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the viewer got %q, want no-store", g.header.Get("Cache-Control"))
		}
		w.advance(2 * time.Second)
		w.want(w.do("/a"), cachepolicy.Miss, "hello")
	})
}
