package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// together sends n requests for path at once. Each is on its way before release
// lets the origin answer.
func (w *world) together(n int, path string, release chan struct{}) []got {
	answers := make([]got, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { answers[i] = w.do(path) })
	}
	synctest.Wait()
	close(release)
	wg.Wait()
	return answers
}

func TestCollapsing(t *testing.T) {
	tests := []struct {
		name    string
		d       *distribution.Distribution
		headers []string
		fetched int64
		misses  int
	}{
		{"COLL-01, COLL-02: one origin request, the first is the miss", optimized(), nil, 1, 1},
		{"COLL-03: nothing is shared when caching is disabled",
			optimized(policy(func(p *cachepolicy.Policy) { *p, _ = cachepolicy.ManagedPolicy("CachingDisabled") })), nil, 50, 50},
		{"COLL-04: nothing is shared when cookies are forwarded",
			optimized(policy(func(p *cachepolicy.Policy) { p.Cookies.Mode = cachepolicy.All })), nil, 50, 50},
		{"COLL-05: a private answer is not shared with those who waited",
			optimized(policy(func(p *cachepolicy.Policy) { p.MinTTL = 0 })), []string{"Cache-Control: private"}, 50, 50},
		{"COLL-06: with a minimum TTL it is",
			optimized(), []string{"Cache-Control: no-store"}, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				answer := page("hello", tt.headers...)
				w := newWorld(t, tt.d, func(rw http.ResponseWriter, r *http.Request) {
					<-release
					answer(rw, r)
				})
				misses := 0
				for _, g := range w.together(50, "/a", release) {
					if g.body != "hello" || g.err != nil {
						t.Errorf("got %d %q %v", g.status, g.body, g.err)
					}
					if g.cache() == "Miss" {
						misses++
					}
				}
				w.wantFetched(tt.fetched)
				if misses != tt.misses {
					t.Errorf("got %d misses, want %d", misses, tt.misses)
				}
			})
		})
	}
}

// TestConditionsInSeveralLines: who asks with other conditions waits for an answer of his
// own, however many lines they are in.
func TestConditionsInSeveralLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			<-release
			rw.Header().Set("Etag", `"b"`)
			if strings.Contains(strings.Join(r.Header["If-None-Match"], ","), `"b"`) {
				rw.WriteHeader(http.StatusNotModified)
				return
			}
			io.WriteString(rw, "hello")
		})
		var both, one got
		var wg sync.WaitGroup
		wg.Go(func() { both = w.do("/a", `If-None-Match: "a"`, `If-None-Match: "b"`) })
		synctest.Wait()
		wg.Go(func() { one = w.do("/a", `If-None-Match: "a"`) })
		synctest.Wait()
		close(release)
		wg.Wait()
		if both.status != 304 || one.status != 200 || one.body != "hello" {
			t.Errorf("COND-07: got %d to both tags, %d %q to one of them; want 304 and 200 hello", both.status, one.status, one.body)
		}
		w.wantFetched(2)
	})
}

// A second viewer comes at each moment at which the first one's exchange looks at the
// clock, before and after it looks into the store: he is always the last who needs the
// origin, if he needs it at all. [COLL-01]
func TestViewerWhoIsOvertaken(t *testing.T) {
	for moment := int64(1); ; moment++ {
		never := false
		synctest.Test(t, func(t *testing.T) {
			var looks atomic.Int64
			second := make(chan got, 1)
			var w *world
			w = newWorld(t, optimized(), page("hello"), func(c *proxy.Config) {
				now := c.Now
				c.Now = func() time.Time {
					if looks.Add(1) == moment {
						go func() { second <- w.do("/a") }()
						synctest.Wait() // until he has his answer, or waits for the first one's
					}
					return now()
				}
			})
			first := w.do("/a")
			if never = looks.Load() < moment; never {
				return
			}
			if other := <-second; first.body != "hello" || other.body != "hello" {
				t.Errorf("second viewer at look %d: got %q and %q", moment, first.body, other.body)
			}
			w.wantFetched(1)
		})
		if never || t.Failed() {
			if moment < 4 {
				t.Errorf("the clock was looked at %d times only", moment-1)
			}
			return
		}
	}
}

func TestBodyStreamsWhileItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		more := make(chan struct{})
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, "begin ")
			<-more
			io.WriteString(rw, "end")
		})
		first, err := w.edge.RoundTrip(httptest.NewRequest(http.MethodGet, "http://d.example/a", nil))
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 6)
		if _, err := io.ReadFull(first.Body, buf); err != nil || string(buf) != "begin " {
			t.Fatalf("RSP-05: the first bytes: got %q %v, want them before the origin is done", buf, err)
		}
		second, err := w.edge.RoundTrip(httptest.NewRequest(http.MethodGet, "http://d.example/a", nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(second.Body, buf); err != nil || string(buf) != "begin " {
			t.Fatalf("a second reader: got %q %v", buf, err)
		}
		close(more)
		for _, res := range []*http.Response{first, second} {
			rest, err := io.ReadAll(res.Body)
			if string(rest) != "end" || err != nil {
				t.Errorf("got %q %v, want the rest", rest, err)
			}
		}
		w.want(w.do("/a"), cachepolicy.Hit, "begin end")
		w.wantFetched(1)
	})
}

func TestViewersWhoLeave(t *testing.T) {
	start := func(t *testing.T) (w *world, more chan struct{}, viewer func() (*http.Response, context.CancelFunc)) {
		more = make(chan struct{})
		w = newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, "begin ")
			select {
			case <-more:
				io.WriteString(rw, "end")
			case <-r.Context().Done():
			}
		})
		return w, more, func() (*http.Response, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			res, err := w.edge.RoundTrip(httptest.NewRequest(http.MethodGet, "http://d.example/a", nil).WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			return res, cancel
		}
	}
	t.Run("COND-10: the last one leaves and nothing is stored", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, more, viewer := start(t)
			res, cancel := viewer()
			defer cancel()
			res.Body.Close()
			synctest.Wait()
			close(more)
			w.want(w.do("/a"), cachepolicy.Miss, "begin end")
			w.wantFetched(2)
		})
	})
	t.Run("law 8, unknown 20: one leaves and nothing changes for the other", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, more, viewer := start(t)
			first, cancel := viewer()
			defer cancel()
			second, cancel2 := viewer()
			defer cancel2()
			first.Body.Close()
			synctest.Wait()
			close(more)
			if b, err := io.ReadAll(second.Body); string(b) != "begin end" || err != nil {
				t.Errorf("got %q %v, want all of it", b, err)
			}
			w.want(w.do("/a"), cachepolicy.Hit, "begin end")
			w.wantFetched(1)
		})
	})
}

// scripted is an origin whose replies a test writes by hand.
type scripted func(*http.Request) (*http.Response, error)

func (f scripted) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCutBodiesAreNotStored(t *testing.T) {
	cut := errors.New("connection reset")
	tests := []struct {
		name   string
		length int64
		body   func() io.Reader
	}{
		{"COND-11: shorter than announced", 10, func() io.Reader { return strings.NewReader("short") }},
		{"COND-11: broken off", -1, func() io.Reader { return io.MultiReader(strings.NewReader("part"), errReader{cut}) }},
		{"law 4: longer than announced", 3, func() io.Reader { return strings.NewReader("longer") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			w := newWorld(t, optimized(), nil, func(c *proxy.Config) {
				for id := range c.Origins {
					c.Origins[id] = scripted(func(r *http.Request) (*http.Response, error) {
						n++
						return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: tt.length, Body: io.NopCloser(tt.body()), Request: r}, nil
					})
				}
			})
			for range 2 {
				if g := w.do("/a"); g.err == nil {
					t.Errorf("got %q without an error: it looks whole", g.body)
				}
			}
			if n != 2 {
				t.Errorf("the origin got %d requests, want 2: the first was stored", n)
			}
		})
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestInvalidation(t *testing.T) {
	build := 1
	content := func(rw http.ResponseWriter, r *http.Request) { fmt.Fprintf(rw, "build %d", build) }
	t.Run("INV-01: what is covered is a miss, the rest a hit; a path that matched nothing says so", func(t *testing.T) {
		build = 1
		w := newWorld(t, optimized(), content)
		w.do("/a")
		w.do("/b")
		build = 2
		_, report, err := w.edge.Invalidate("", "/a", "/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Items[0].Covered) != 1 || len(report.Items[1].Covered) != 0 {
			t.Errorf("report: got %+v, want one key for /a and none for /nowhere", report)
		}
		w.want(w.do("/a"), cachepolicy.Miss, "build 2")
		w.want(w.do("/b"), cachepolicy.Hit, "build 1")
	})
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("T6: a fill from before the invalidation, kept: %v", keep), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				build = 1
				release := make(chan struct{})
				d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].Terms.Emulation.KeepLateFills = keep })
				w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) {
					b := build
					if b == 1 {
						<-release
					}
					fmt.Fprintf(rw, "build %d", b)
				})
				var early got
				var wg sync.WaitGroup
				wg.Go(func() { early = w.do("/a") })
				synctest.Wait()
				build = 2
				w.edge.Invalidate("", "/*")
				close(release)
				wg.Wait()
				w.want(early, cachepolicy.Miss, "build 1")
				if keep {
					w.want(w.do("/a"), cachepolicy.Hit, "build 1")
				} else {
					w.want(w.do("/a"), cachepolicy.Miss, "build 2")
				}
			})
		})
	}
	t.Run("INV-21: with a delay it takes effect later", func(t *testing.T) {
		build = 1
		w := newWorld(t, optimized(), content, func(c *proxy.Config) { c.InvalidationDelay = 5 * time.Second })
		w.do("/a")
		build = 2
		w.edge.Invalidate("", "/a")
		w.advance(4 * time.Second)
		w.want(w.do("/a"), cachepolicy.Hit, "build 1")
		w.advance(time.Second)
		w.want(w.do("/a"), cachepolicy.Miss, "build 2")
	})
}

func TestStaleWhileRevalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			n++
			rw.Header().Set("Cache-Control", "max-age=60, stale-while-revalidate=600")
			if n > 1 {
				time.Sleep(5 * time.Second) // the bubble's time: a slow origin
			}
			fmt.Fprintf(rw, "version %d", n)
		})
		w.do("/a")
		w.advance(61 * time.Second)
		began := time.Now()
		g := w.do("/a")
		w.want(g, cachepolicy.Hit, "version 1")
		if time.Since(began) != 0 || g.header.Get("Age") != "61" {
			t.Errorf("STALE-01: waited %s, Age %s; want no wait and 61", time.Since(began), g.header.Get("Age"))
		}
		w.want(w.do("/a"), cachepolicy.Hit, "version 1") // and no second refresh
		time.Sleep(6 * time.Second)
		synctest.Wait()
		w.want(w.do("/a"), cachepolicy.Hit, "version 2") // [STALE-02]
		w.wantFetched(2)
	})
}

func TestTiers(t *testing.T) {
	network := func(t *testing.T, n int, regional bool) (*world, *proxy.Network) {
		w := &world{t: t, now: epoch}
		d := optimized()
		nw, err := proxy.NewNetwork(proxy.Config{
			Distributions: []*distribution.Distribution{d}, AnyHost: true, Now: w.time, MemoryBytes: 8 << 20,
			Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				w.fetched.Add(1)
				io.WriteString(rw, "hello")
			}))},
		}, n, regional)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nw.Close() })
		return w, nw
	}
	at := func(w *world, nw *proxy.Network, pop string) got {
		r := httptest.NewRequest(http.MethodGet, "http://d.example/a", nil)
		r.Header.Set(proxy.POPHeader, pop)
		res, err := nw.RoundTrip(r)
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		return got{status: res.StatusCode, body: string(b), header: res.Header, err: err}
	}
	t.Run("KEY-25: each edge location has its own objects", func(t *testing.T) {
		w, nw := network(t, 2, false)
		w.want(at(w, nw, "1"), cachepolicy.Miss, "hello")
		w.want(at(w, nw, "2"), cachepolicy.Miss, "hello")
		w.want(at(w, nw, "2"), cachepolicy.Hit, "hello")
		w.wantFetched(2)
	})
	t.Run("TIER-01, TIER-02: behind a regional cache the second location does not ask the origin", func(t *testing.T) {
		w, nw := network(t, 2, true)
		w.want(at(w, nw, "1"), cachepolicy.Miss, "hello")
		w.want(at(w, nw, "2"), cachepolicy.Miss, "hello")
		w.wantFetched(1)
	})
	t.Run("TIER-11: one lifetime for both tiers", func(t *testing.T) {
		w, nw := network(t, 2, true)
		at(w, nw, "1")
		w.advance(12 * time.Hour)
		at(w, nw, "2")
		w.advance(12*time.Hour - time.Second)
		g := at(w, nw, "2")
		w.want(g, cachepolicy.Hit, "hello")
		if g.header.Get("Age") != "86399" {
			t.Errorf("got Age %s, want 86399", g.header.Get("Age"))
		}
		w.advance(time.Second)
		at(w, nw, "2")
		w.wantFetched(2)
	})
	t.Run("INV-26: an invalidation clears both", func(t *testing.T) {
		w, nw := network(t, 1, true)
		at(w, nw, "1")
		if _, _, err := nw.Invalidate("", "/*"); err != nil {
			t.Fatal(err)
		}
		w.want(at(w, nw, "1"), cachepolicy.Miss, "hello")
		w.wantFetched(2)
	})
}
