package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

func TestHitAndMiss(t *testing.T) {
	t.Run("TTL-03, XC-04, XC-06: a silent origin is cached for the default TTL, with Age and the stored Date", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		first := w.do("/a")
		w.want(first, cachepolicy.Miss, "hello")
		if first.header.Get("Age") != "" {
			t.Errorf("a miss has Age %q, want none", first.header.Get("Age"))
		}
		w.advance(17 * time.Second)
		second := w.do("/a")
		w.want(second, cachepolicy.Hit, "hello")
		if second.header.Get("Age") != "17" || second.header.Get("Date") != first.header.Get("Date") {
			t.Errorf("got Age %q, Date %q, want 17 and %q", second.header.Get("Age"), second.header.Get("Date"), first.header.Get("Date"))
		}
		w.advance(24*time.Hour - 18*time.Second)
		w.want(w.do("/a"), cachepolicy.Hit, "hello")
		w.advance(time.Second)
		w.want(w.do("/a"), cachepolicy.Miss, "hello")
		w.wantFetched(2)
	})
	t.Run("QS-01: a query string outside the key finds the old object and stays behind", func(t *testing.T) {
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "saw "+r.URL.RawQuery) })
		w.want(w.do("/a?v=1"), cachepolicy.Miss, "saw ")
		w.want(w.do("/a?v=2"), cachepolicy.Hit, "saw ")
		w.wantFetched(1)
	})
	t.Run("QS-02: a query string in the key makes a new object and reaches the origin", func(t *testing.T) {
		all := policy(func(p *cachepolicy.Policy) { p.QueryStrings.Mode = cachepolicy.All })
		w := newWorld(t, optimized(all), func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "saw "+r.URL.RawQuery) })
		w.want(w.do("/a?v=1"), cachepolicy.Miss, "saw v=1")
		w.want(w.do("/a?v=2"), cachepolicy.Miss, "saw v=2")
		w.want(w.do("/a?v=1"), cachepolicy.Hit, "saw v=1")
	})
	t.Run("KEY-11: a HEAD for a stored GET is a hit without a body", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		w.do("/a")
		g := w.do("HEAD /a")
		w.want(g, cachepolicy.Hit, "")
		if g.header.Get("Content-Length") != "5" {
			t.Errorf("got Content-Length %q, want 5", g.header.Get("Content-Length"))
		}
		w.wantFetched(1)
	})
	t.Run("KEY-12: a HEAD that misses is a HEAD at the origin and no body for a GET", func(t *testing.T) {
		var methods []string
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			methods = append(methods, r.Method)
			rw.Header().Set("Content-Length", "5")
			io.WriteString(rw, "hello")
		})
		w.want(w.do("HEAD /a"), cachepolicy.Miss, "")
		w.want(w.do("HEAD /a"), cachepolicy.Hit, "")
		w.want(w.do("/a"), cachepolicy.Miss, "hello")
		if s := strings.Join(methods, " "); s != "HEAD GET" {
			t.Errorf("the origin saw %s, want HEAD GET", s)
		}
	})
	t.Run("KEY-16: a POST goes through and leaves the stored GET alone", func(t *testing.T) {
		d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].Methods = distribution.AllMethods })
		w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			io.WriteString(rw, r.Method+string(b))
		})
		w.want(w.do("/a"), cachepolicy.Miss, "GET")
		r := httptest.NewRequest(http.MethodPost, "http://d.example/a", strings.NewReader("!"))
		w.want(w.send(r), cachepolicy.Miss, "POST!")
		w.want(w.do("/a"), cachepolicy.Hit, "GET")
	})
}

func TestRefused(t *testing.T) {
	signed := optimized(func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = distribution.ViewerHTTPSOnly })
	redirect := optimized(func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = distribution.RedirectToHTTPS })
	reading := optimized(func(d *distribution.Distribution) { d.Behaviors[0].Methods = distribution.GetHead })
	off := optimized(func(d *distribution.Distribution) { d.Enabled = false })
	tests := []struct {
		name   string
		d      *distribution.Distribution
		do     string
		status int
		result cachepolicy.Result
		bytes  int
	}{
		{"METH-02, METH-03, KEY-14: a method outside the set", reading, "POST /a", 403, cachepolicy.Error, 1053},
		{"METH-04: an unknown method", optimized(), "FOO /a", 400, cachepolicy.Error, 915},
		{"VPP-05: http where https is wanted", signed, "/a", 403, cachepolicy.Error, 915},
		{"VPP-06, XC-08: redirect to https", redirect, "/a", 301, cachepolicy.Redirect, 167},
		{"HOST-12: a disabled distribution", off, "/a", 403, cachepolicy.Error, 915},
		{"LIM-01: a URL of more than 8,192 bytes", optimized(), "/" + strings.Repeat("a", 8192), 414, cachepolicy.Error, 915},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.d, page("hello"))
			g := w.do(tt.do)
			if g.status != tt.status || g.cache() != string(tt.result) || len(g.body) != tt.bytes {
				t.Errorf("got %d %s, %d bytes, want %d %s, %d bytes", g.status, g.cache(), len(g.body), tt.status, tt.result, tt.bytes)
			}
			if g.header.Get("Server") != "CloudFront" {
				t.Errorf("XC-20: got Server %q, want CloudFront", g.header.Get("Server"))
			}
			if tt.result == cachepolicy.Error && !strings.Contains(g.body, "Request ID: "+g.header.Get("X-Amz-Cf-Id")) {
				t.Error("ERR-06: the page's request id is not that of the header")
			}
			w.wantFetched(0)
		})
	}
	t.Run("HOST-03: a host that no distribution has", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), func(c *proxy.Config) { c.AnyHost = false })
		if g := w.do("/a"); g.status != 403 || w.fetched.Load() != 0 {
			t.Errorf("got %d, want 403 and no origin request", g.status)
		}
	})
	t.Run("METH-07, KEY-15: a GET with a body", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		g := w.send(httptest.NewRequest(http.MethodGet, "http://d.example/a", strings.NewReader("{}")))
		if g.status != 403 || w.fetched.Load() != 0 {
			t.Errorf("got %d, want 403 and no origin request", g.status)
		}
	})
}

func TestOriginRequest(t *testing.T) {
	var seen *http.Request
	w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) { seen = r })
	r := httptest.NewRequest(http.MethodGet, "http://d.example/a%2fb?v=1", nil)
	r.RemoteAddr = "192.0.2.2:1234"
	for name, v := range map[string]string{
		"X-Forwarded-For": "192.0.2.4,192.0.2.3", "User-Agent": "curl", "Accept": "text/plain", "Cookie": "a=1",
		"Authorization": "Basic x", "X-Foo": "1", "Accept-Encoding": "gzip, deflate, br", "X-Real-Ip": "1.2.3.4",
		"Cloudfront-Viewer-Country": "XX",
	} {
		r.Header.Set(name, v)
	}
	g := w.send(r)
	tests := []struct{ row, name, want string }{
		{"HDR-13 (requests): the viewer is appended", "X-Forwarded-For", "192.0.2.4,192.0.2.3,192.0.2.2"},
		{"HDR-08 (requests)", "User-Agent", "Amazon CloudFront"},
		{"HDR-16 (requests)", "Accept", ""},
		{"CK-01", "Cookie", ""},
		{"HDR-18 (requests)", "Authorization", ""},
		{"HDR-03 (requests)", "X-Foo", ""},
		{"HDR-14 (requests)", "X-Real-Ip", ""},
		{"HDR-28 (requests)", "Cloudfront-Viewer-Country", ""},
		{"AE-01", "Accept-Encoding", "br,gzip"},
		{"XC-15: the same id at the origin and at the viewer", "X-Amz-Cf-Id", g.header.Get("X-Amz-Cf-Id")},
	}
	for _, tt := range tests {
		if got := seen.Header.Get(tt.name); got != tt.want {
			t.Errorf("%s: the origin saw %s: %q, want %q", tt.row, tt.name, got, tt.want)
		}
	}
	if got := seen.RequestURI; got != "/a%2fb" {
		t.Errorf("KEY-07, QS-01: the origin was asked for %q, want /a%%2fb", got)
	}
	if seen.Host != "web.example" {
		t.Errorf("POL-14: the origin saw Host %q, want its own", seen.Host)
	}
}

func TestCustomErrorResponse(t *testing.T) {
	d := optimized(func(d *distribution.Distribution) {
		d.ErrorResponses = []distribution.ErrorResponse{{Code: 404, Page: "/index.html", Status: 200}, {Code: 500, Page: "/gone.html", Status: 500}}
	})
	w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/index.html":
			rw.Header().Set("Content-Type", "text/html")
			io.WriteString(rw, "the page")
		case "/broken":
			http.Error(rw, "oh", 500)
		default:
			http.NotFound(rw, r)
		}
	})
	t.Run("ERR-21, CER-04, CER-05: an error becomes 200 with a page, and is an Error all the same", func(t *testing.T) {
		g := w.do("/chunk.js")
		w.want(g, cachepolicy.Error, "the page")
		if g.status != 200 || g.header.Get("Age") != "" || g.header.Get("Content-Type") != "text/html" {
			t.Errorf("got %d, Age %q, %q", g.status, g.header.Get("Age"), g.header.Get("Content-Type"))
		}
		if ev := w.kinds(proxy.Answered)[0]; ev.Status != 200 || ev.Result != cachepolicy.Error {
			t.Errorf("told as %d %s, want 200 Error", ev.Status, ev.Result)
		}
	})
	t.Run("ERR-20, CER-07, CER-08: a page that cannot be had shows its own error", func(t *testing.T) {
		if g := w.do("/broken"); g.status != 404 {
			t.Errorf("got %d, want the page's own 404", g.status)
		}
	})
}

func TestExplain(t *testing.T) {
	w := newWorld(t, optimized(), page("hello", "Cache-Control: max-age=300"))
	ask := func() proxy.Explanation {
		return w.edge.Explain(httptest.NewRequest(http.MethodGet, "http://d.example/css/site.css?v=2", nil))
	}
	before := ask()
	if before.Reason != cachepolicy.NotStored || before.Asks == nil || before.Asks.URL != "/css/site.css" {
		t.Errorf("before: got %+v", before)
	}
	w.do("/css/site.css?v=1")
	after := ask()
	if after.Result != cachepolicy.Hit || after.Reason != cachepolicy.Fresh || after.Stored.Rule != cachepolicy.RuleMaxAge {
		t.Errorf("after: got %+v", after)
	}
	if len(after.LeftOut) != 1 || after.LeftOut[0] != (proxy.LeftOut{Kind: "query", Name: "v", Policy: "CachingOptimized"}) {
		t.Errorf("left out: got %+v, want the query parameter v by CachingOptimized", after.LeftOut)
	}
	if !strings.Contains(after.Turn, `"v"`) {
		t.Errorf("turn: got %q, want it to name the parameter", after.Turn)
	}
	w.wantFetched(1)
}
