package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// chain is edges one behind the other, the first in front, in the same process:
// an edge location, its regional cache, and as many shields as there are origins
// that have one.
type chain struct {
	t       *testing.T
	pop     *proxy.Edge
	through map[string][]string // methods of the requests that passed a tier, by its name
	mu      sync.Mutex
}

func (c *chain) saw(tier string) func(proxy.Event) {
	return func(ev proxy.Event) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if ev.Kind == proxy.Arrived {
			c.through[tier] = append(c.through[tier], ev.Method)
		}
	}
}

func (c *chain) edge(name string, d *distribution.Distribution, config proxy.Config) *proxy.Edge {
	config.Distributions, config.AnyHost, config.MemoryBytes = []*distribution.Distribution{d}, true, 8<<20
	config.POP, config.Observe = name, c.saw(name)
	e, err := proxy.New(config)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { e.Close() })
	return e
}

func (c *chain) do(what string) string {
	c.t.Helper()
	method, path := "GET", what
	if what[0] != '/' {
		for i := range what {
			if what[i] == ' ' {
				method, path = what[:i], what[i+1:]
			}
		}
	}
	res, err := c.pop.RoundTrip(httptest.NewRequest(method, "http://d.example"+path, nil))
	if err != nil {
		c.t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.Header.Get("X-Cache")
}

// shielded is an edge location in front of a regional cache in front of a shield.
func shielded(t *testing.T, d *distribution.Distribution, h http.HandlerFunc) *chain {
	c := &chain{t: t, through: map[string][]string{}}
	origins := map[string]http.RoundTripper{}
	for i := range d.Origins {
		id := d.Origins[i].ID
		shield := c.edge("shield of "+id, d, proxy.Config{Origins: map[string]http.RoundTripper{id: proxy.Handler(h)}})
		origins[id] = shield
	}
	regional := c.edge("regional", d, proxy.Config{Origins: origins})
	c.pop = c.edge("edge", d, proxy.Config{Behind: regional})
	return c
}

func TestWhatPassesWhichTier(t *testing.T) {
	off := policy(func(p *cachepolicy.Policy) { *p, _ = cachepolicy.ManagedPolicy("CachingDisabled") })
	tests := []struct {
		name, do         string
		d                *distribution.Distribution
		regional, shield int
	}{
		{"TIER-01, TIER-06: a GET passes the regional cache and the shield", "/a", optimized(), 1, 1},
		{"TIER-03, TIER-09: a POST skips the regional cache and passes the shield", "POST /a", optimized(), 0, 1},
		{"TIER-03: PUT", "PUT /a", optimized(), 0, 1},
		{"TIER-03: PATCH", "PATCH /a", optimized(), 0, 1},
		{"TIER-03: DELETE", "DELETE /a", optimized(), 0, 1},
		{"TIER-03: OPTIONS", "OPTIONS /a", optimized(), 0, 1},
		{"TIER-04, TIER-09: what is dynamic at request time skips it, too", "/a", optimized(off), 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := shielded(t, tt.d, page("hello"))
			c.do(tt.do)
			if r, s := len(c.through["regional"]), len(c.through["shield of origin"]); r != tt.regional || s != tt.shield {
				t.Errorf("%d passed the regional cache, %d the shield; want %d and %d", r, s, tt.regional, tt.shield)
			}
		})
	}
	t.Run("TIER-08: each origin of a group has its own shield, the primary first", func(t *testing.T) {
		d := optimized(func(d *distribution.Distribution) {
			second := d.Origins[0]
			second.ID = "second"
			d.Origins = append(d.Origins, second)
			d.OriginGroups = []distribution.OriginGroup{{ID: "both", Primary: "origin", Secondary: "second", Statuses: []int{500}}}
			d.Behaviors[0].TargetOriginID = "both"
		})
		n := 0
		c := shielded(t, d, func(rw http.ResponseWriter, r *http.Request) {
			if n++; n == 1 {
				rw.WriteHeader(500)
			}
		})
		c.do("/a")
		if a, b := len(c.through["shield of origin"]), len(c.through["shield of second"]); a != 1 || b != 1 {
			t.Errorf("%d passed the primary's shield, %d the secondary's; want one each", a, b)
		}
	})
	t.Run("XC-23: X-Cache speaks for the edge only", func(t *testing.T) {
		c := shielded(t, optimized(), page("hello"))
		c.do("/a")
		c.pop.Forget("/*")
		if x := c.do("/a"); x != "Miss from cloudfront" {
			t.Errorf("a hit of the regional cache: got %q, want a miss", x)
		}
		if n := len(c.through["shield of origin"]); n != 1 {
			t.Errorf("%d passed the shield, want 1: the regional cache had it", n)
		}
	})
	t.Run("TIER-06: requests of several regional caches are collapsed at the shield", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &chain{t: t, through: map[string][]string{}}
			release := make(chan struct{})
			n := 0
			d := optimized()
			shield := c.edge("shield", d, proxy.Config{Origins: map[string]http.RoundTripper{"origin": proxy.Handler(http.HandlerFunc(
				func(rw http.ResponseWriter, r *http.Request) {
					n++
					<-release
					io.WriteString(rw, "hello")
				}))}})
			var wg sync.WaitGroup
			for _, name := range []string{"one", "two"} {
				regional := c.edge("regional "+name, d, proxy.Config{Origins: map[string]http.RoundTripper{"origin": shield}})
				pop := c.edge("edge "+name, d, proxy.Config{Behind: regional})
				wg.Go(func() { (&chain{t: t, pop: pop}).do("/a") })
			}
			synctest.Wait()
			close(release)
			wg.Wait()
			if n != 1 {
				t.Errorf("the origin got %d requests, want 1", n)
			}
		})
	})
}
