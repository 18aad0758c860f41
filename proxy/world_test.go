package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// world is an edge in front of a handler, at a time that stands still.
type world struct {
	t       *testing.T
	edge    *proxy.Edge
	viewers http.RoundTripper // the edge, or a front before it
	fetched atomic.Int64      // requests the origin got

	mu     sync.Mutex
	now    time.Time
	events []proxy.Event
}

var epoch = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// optimized is a distribution with CachingOptimized in front of the origin "web".
func optimized(change ...func(*distribution.Distribution)) *distribution.Distribution {
	d, err := distribution.Simple("http://web.example", cachepolicy.Selection{})
	if err != nil {
		panic(err)
	}
	for _, c := range change {
		c(d)
	}
	return d
}

// policy changes the cache policy of the default behavior.
func policy(f func(*cachepolicy.Policy)) func(*distribution.Distribution) {
	return func(d *distribution.Distribution) { f(&d.Behaviors[len(d.Behaviors)-1].Terms.Policy) }
}

func newWorld(t *testing.T, d *distribution.Distribution, h http.HandlerFunc, change ...func(*proxy.Config)) *world {
	t.Helper()
	w := &world{t: t, now: epoch}
	counted := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.fetched.Add(1)
		h(rw, r)
	})
	c := proxy.Config{
		Distributions: []*distribution.Distribution{d},
		AnyHost:       true,
		Origins:       map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(counted)},
		Now:           w.time,
		Seed:          t.Name(),
		MemoryBytes:   8 << 20,
		Observe: func(ev proxy.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, ev)
		},
	}
	for _, f := range change {
		f(&c)
	}
	e, err := proxy.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	w.edge, w.viewers = e, viewers(t, e)
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// kinds lists the events of a kind.
func (w *world) kinds(k proxy.EventKind) []proxy.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []proxy.Event
	for _, ev := range w.events {
		if ev.Kind == k {
			out = append(out, ev)
		}
	}
	return out
}

// got is an answer as a test looks at it.
type got struct {
	status int
	body   string
	header http.Header
	err    error // of reading the body
}

func (g got) cache() string { return strings.TrimSuffix(g.header.Get("X-Cache"), " from cloudfront") }

// do sends a request; "POST /x" names another method, each header is "Name: value".
func (w *world) do(what string, headers ...string) got {
	w.t.Helper()
	method, path, ok := strings.Cut(what, " ")
	if !ok {
		method, path = http.MethodGet, what
	}
	r := httptest.NewRequest(method, "http://d.example"+path, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) got {
	w.t.Helper()
	viewers := w.viewers
	if r.ProtoMajor != 1 || r.ProtoMinor != 1 {
		viewers = w.edge // the pipes speak HTTP/1.1
	}
	res, err := viewers.RoundTrip(r)
	if err != nil && throughFront != "" {
		return got{err: err} // cut before its head was out
	}
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	g := got{status: res.StatusCode, body: string(b), header: res.Header, err: err}
	record(w.t, r, g)
	return g
}

// want fails when the answer differs in result or body.
func (w *world) want(g got, result cachepolicy.Result, body string) {
	w.t.Helper()
	if g.cache() != string(result) || g.body != body || g.err != nil {
		w.t.Errorf("got %d %s %q %v, want %s %q", g.status, g.cache(), g.body, g.err, result, body)
	}
}

// wantFetched fails when the origin got another number of requests so far.
func (w *world) wantFetched(n int64) {
	w.t.Helper()
	if got := w.fetched.Load(); got != n {
		w.t.Errorf("origin got %d requests, want %d", got, n)
	}
}

// page answers every request with the same body and headers "Name: value".
func page(body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		io.WriteString(w, body)
	}
}
