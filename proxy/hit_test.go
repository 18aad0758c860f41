package proxy_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// frontRequest is r as the front reads it.
func frontRequest(r *http.Request) *front.Request {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	return &front.Request{
		Method: r.Method, RequestURI: r.RequestURI, Path: path, RawQuery: query, Host: r.Host, Header: r.Header,
		RemoteAddr: r.RemoteAddr, TLS: r.TLS != nil,
	}
}

// perAnswer are the headers that differ from answer to answer.
var perAnswer = []string{"Via", "X-Amz-Cf-Id"}

// TestHitIsWhatTheStepsAnswer asks the short way and the long way the same things:
// whatever the short way answers, the long way answers byte for byte, but for ids.
func TestHitIsWhatTheStepsAnswer(t *testing.T) {
	https := func(d *distribution.Distribution) { d.Behaviors[0].ViewerProtocol = distribution.ViewerHTTPSOnly }
	root := func(d *distribution.Distribution) { d.DefaultRootObject = "index.html" }
	headers := func(d *distribution.Distribution) {
		d.Behaviors[0].ResponseHeaders = &distribution.ResponseHeadersPolicy{Set: []distribution.ResponseHeader{{Name: "X-A", Value: "b"}}}
	}
	off := func(d *distribution.Distribution) { d.Enabled = false }
	tests := []struct {
		name    string
		change  func(*distribution.Distribution)
		do      string
		headers []string
		advance time.Duration
		short   bool // the short way answers
	}{
		{"a hit", nil, "/a", nil, 5 * time.Second, true},
		{"a hit for a HEAD", nil, "HEAD /a", nil, 0, true},
		{"a hit with a query string outside the key", nil, "/a?v=2", nil, 0, true},
		{"another path", nil, "/b", nil, 0, false},
		{"expired", nil, "/a", nil, 48 * time.Hour, false},
		{"a range", nil, "/a", []string{"Range: bytes=0-1"}, 0, false},
		{"a condition", nil, "/a", []string{`If-None-Match: "x"`}, 0, false},
		{"a POST", nil, "POST /a", nil, 0, false},
		{"HTTPS wanted", https, "/a", nil, 0, false},
		{"the root object", root, "/", nil, 0, false},
		{"a response headers policy", headers, "/a", nil, 0, false},
		{"a disabled distribution", off, "/a", nil, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := optimized()
			if tt.change != nil {
				tt.change(d)
			}
			w := newWorld(t, d, page("hello", "X-Key: 1", `Etag: "a"`))
			w.do("/a")
			w.advance(tt.advance)
			method, path, ok := strings.Cut(tt.do, " ")
			if !ok {
				method, path = http.MethodGet, tt.do
			}
			r := httptest.NewRequest(method, "http://d.example"+path, nil)
			r.RequestURI = path
			for _, h := range tt.headers {
				name, value, _ := strings.Cut(h, ": ")
				r.Header.Set(name, value)
			}
			head, body, ok := w.edge.Hit(nil, frontRequest(r))
			if ok != tt.short {
				t.Fatalf("answered: %v, want %v", ok, tt.short)
			}
			if !ok {
				return
			}
			res, err := http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\n"), bytes.NewReader(body))), r)
			if err != nil {
				t.Fatal(err)
			}
			short, _ := io.ReadAll(res.Body)
			long := w.send(r)
			for _, name := range perAnswer {
				if res.Header.Get(name) == "" || res.Header.Get(name) == long.header.Get(name) {
					t.Errorf("%s: got %q twice", name, long.header.Get(name))
				}
				res.Header.Del(name)
				long.header.Del(name)
			}
			var a, b bytes.Buffer
			res.Header.Write(&a)
			long.header.Write(&b)
			if a.String() != b.String() || string(short) != long.body || res.StatusCode != long.status {
				t.Errorf("the short way:\n%d\n%s%s\nthe long way:\n%d\n%s%s", res.StatusCode, &a, short, long.status, &b, long.body)
			}
		})
	}
}

func TestHitsAreToldOf(t *testing.T) {
	w := newWorld(t, optimized(), page("hello"))
	w.do("/a")
	before := len(w.kinds(proxy.Answered))
	r := frontRequest(httptest.NewRequest(http.MethodGet, "/a", nil))
	if _, _, ok := w.edge.Hit(nil, r); !ok {
		t.Fatal("not answered")
	}
	w.edge.Sent(r.Note, 5, nil)
	told := w.kinds(proxy.Answered)[before:]
	if len(told) != 1 || told[0].Result != cachepolicy.Hit || told[0].Reason != cachepolicy.Fresh || told[0].Bytes != 5 || len(told[0].Exchange) != 56 {
		t.Errorf("law 2: got %+v, want one hit with its reason and id", told)
	}
	if _, _, ok := w.edge.Hit(nil, r); !ok {
		t.Fatal("not answered")
	}
	w.edge.Sent(r.Note, 5, io.ErrClosedPipe)
	r.Proto = "HTTP/2.0"
	if _, _, ok := w.edge.Hit(nil, r); !ok {
		t.Fatal("not answered")
	}
	arrived := w.kinds(proxy.Arrived)
	if got := arrived[len(arrived)-1].Protocol; got != "HTTP/2.0" {
		t.Errorf("a hit over HTTP/2 is told of as %s", got)
	}
	told = w.kinds(proxy.Answered)[before+1:]
	if len(told) != 1 || told[0].Result != cachepolicy.Error || told[0].Response != cachepolicy.Hit || told[0].Detailed == "" {
		t.Errorf("LOG-02: a hit that breaks off: got %+v, want Error, judged Hit before, with a detail", told)
	}
}

func TestHitAllocatesNothing(t *testing.T) {
	w := newWorld(t, optimized(), page("hello"), func(c *proxy.Config) { c.Observe = nil; c.Seed = "" })
	w.do("/a")
	r := frontRequest(browserRequest("/a?v=1"))
	w.do("/a", "Accept-Encoding: gzip, deflate, br")
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(1000, func() {
		if _, _, ok := w.edge.Hit(dst, r); !ok {
			t.Fatal("not answered")
		}
	}); n != 0 {
		t.Errorf("a hit makes %v allocations, want none", n)
	}
}

// browserRequest asks as a browser does.
func browserRequest(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for name, value := range map[string]string{
		"User-Agent":      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
		"Accept":          "text/css,*/*;q=0.1",
		"Accept-Language": "en-GB,en;q=0.9",
		"Accept-Encoding": "gzip, deflate, br",
		"Referer":         "http://d.example/",
		"Cookie":          "session=abcdef",
	} {
		r.Header.Set(name, value)
	}
	return r
}

func BenchmarkHit(b *testing.B) {
	edge := benchEdge(b)
	r := frontRequest(browserRequest("/a?v=1"))
	warm(b, edge, browserRequest("/a"))
	dst := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := edge.Hit(dst, r); !ok {
			b.Fatal("not answered")
		}
	}
}

func BenchmarkRoundTripHit(b *testing.B) {
	edge := benchEdge(b)
	r := browserRequest("/a?v=1")
	b.ReportAllocs()
	for b.Loop() {
		warm(b, edge, r)
	}
}

func BenchmarkRoundTripMiss(b *testing.B) {
	edge := benchEdge(b)
	r := browserRequest("/a")
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		edge.Forget("/*")
		b.StartTimer()
		warm(b, edge, r)
	}
}

func benchEdge(b *testing.B) *proxy.Edge {
	d := optimized()
	body := strings.Repeat("x", 1024)
	edge, err := proxy.New(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 64 << 20,
		Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(page(body))},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { edge.Close() })
	return edge
}

func warm(b *testing.B, edge *proxy.Edge, r *http.Request) {
	res, err := edge.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
}
