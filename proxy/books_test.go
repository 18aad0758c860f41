package proxy_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// numbered are n paths, or wildcards with the suffix "*".
func numbered(n int, form string) []string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(form, i)
	}
	return items
}

// refusedAs fails unless err is AWS's, with that status and name.
func refusedAs(t *testing.T, err error, status int, code string) {
	t.Helper()
	var api *proxy.APIError
	if !errors.As(err, &api) || api.Status != status || api.Code != code {
		t.Errorf("got %v, want %d %s", err, status, code)
	}
}

func TestInvalidationQuotas(t *testing.T) {
	slow := func(c *proxy.Config) { c.InvalidationDelay = 20 * time.Second }
	send := func(t *testing.T, w *world, items ...string) {
		t.Helper()
		if _, err := w.edge.Send(proxy.Batch{Items: items}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("INV-17: 3,000 files may be in progress in any grouping, one more is refused until they are completed", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), slow)
		send(t, w, numbered(2000, "/a/%d")...)
		send(t, w, numbered(1000, "/b/%d")...)
		_, err := w.edge.Send(proxy.Batch{Items: []string{"/one"}})
		refusedAs(t, err, 400, "TooManyInvalidationsInProgress")
		send(t, w, "/wildcards/*") // are counted apart
		w.advance(20 * time.Second)
		send(t, w, "/one")
	})
	t.Run("INV-17: one batch over the limit is too large", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		send(t, w, numbered(3000, "/a/%d")...)
		_, err := w.edge.Send(proxy.Batch{Items: numbered(3001, "/a/%d")})
		refusedAs(t, err, 413, "BatchTooLarge")
	})
	t.Run("INV-18: 15 wildcards may be in progress, counted apart from files", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), slow)
		send(t, w, numbered(10, "/a%d*")...)
		send(t, w, numbered(5, "/b%d*")...)
		_, err := w.edge.Send(proxy.Batch{Items: []string{"/c*"}})
		refusedAs(t, err, 400, "TooManyInvalidationsInProgress")
		send(t, w, "/file")
		w.advance(20 * time.Second)
		send(t, w, "/c*")
	})
	t.Run("INV-32: tags count like paths, for the limit and for the price", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), slow)
		send(t, w, numbered(3000, "#tag-%d")...)
		_, err := w.edge.Send(proxy.Batch{Items: []string{"/one"}})
		refusedAs(t, err, 400, "TooManyInvalidationsInProgress")
		if b := w.edge.Bill(epoch); b.Paths != 3000 || b.Charged != 2000 {
			t.Errorf("got %+v, want 3,000 paths, 2,000 charged", b)
		}
	})
	t.Run("INV-17: distributions are counted apart", func(t *testing.T) {
		other := optimized()
		other.ID, other.Domain = "EOTHER", "dother.cloudfront.net"
		w := newWorld(t, optimized(), page("hello"), slow, func(c *proxy.Config) {
			c.Distributions = append(c.Distributions, other)
		})
		for _, d := range []string{optimized().ID, "EOTHER"} {
			if _, err := w.edge.Send(proxy.Batch{Distribution: d, Items: numbered(3000, "/a/%d")}); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestInvalidationBooks(t *testing.T) {
	t.Run("INV-19: InProgress, then Completed", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), func(c *proxy.Config) { c.InvalidationDelay = 20 * time.Second })
		p, err := w.edge.Send(proxy.Batch{Items: []string{"/a"}})
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Status(w.time()); s != "InProgress" {
			t.Errorf("at once: got %s", s)
		}
		w.advance(20 * time.Second)
		if p, err = w.edge.Progress(p.ID); err != nil || p.Status(w.time()) != "Completed" {
			t.Errorf("after 20 s: got %s, %v", p.Status(w.time()), err)
		}
	})
	t.Run("INV-20: the list keeps all of them, the youngest first", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		for _, path := range numbered(120, "/%d") {
			w.edge.Send(proxy.Batch{Items: []string{path}})
		}
		if all := w.edge.Invalidations(); len(all) != 120 || all[0].Items[0] != "/119" || all[119].Items[0] != "/0" {
			t.Errorf("got %d of them", len(all))
		}
	})
	again := []struct {
		name, reference string
		items           []string
		same            bool
		code            string
	}{
		{"INV-22: the same reference and paths give the earlier one", "r", []string{"/a", "/b"}, true, ""},
		{"INV-22: in another order, too", "r", []string{"/b", "/a"}, true, ""},
		{"INV-23: the same reference with other paths is refused", "r", []string{"/a"}, false, "InvalidationBatchAlreadyExists"},
		{"INV-22: another reference is a new one", "s", []string{"/a", "/b"}, false, ""},
	}
	for _, tt := range again {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, optimized(), page("hello"))
			first, err := w.edge.Send(proxy.Batch{CallerReference: "r", Items: []string{"/a", "/b"}})
			if err != nil {
				t.Fatal(err)
			}
			w.do("/a")
			second, err := w.edge.Send(proxy.Batch{CallerReference: tt.reference, Items: tt.items})
			if tt.code != "" {
				refusedAs(t, err, 400, tt.code)
			} else if err != nil || (first.ID == second.ID) != tt.same {
				t.Errorf("got %s after %s, %v", second.ID, first.ID, err)
			}
			if want := cachepolicy.Hit; tt.same {
				w.want(w.do("/a"), want, "hello") // nothing was invalidated again
			}
		})
	}
	refusals := []struct {
		name   string
		err    func(*world) error
		status int
		code   string
	}{
		{"INV-24: Quantity is not the number of items", func(*world) error {
			_, err := proxy.ReadBatch([]byte(`{"Paths": {"Quantity": 2, "Items": ["/a"]}, "CallerReference": "r"}`))
			return err
		}, 400, "InconsistentQuantities"},
		{"INV-24: no body", func(*world) error { _, err := proxy.ReadBatch(nil); return err }, 400, "MissingBody"},
		{"INV-24: an unknown distribution", func(w *world) error {
			_, err := w.edge.Send(proxy.Batch{Distribution: "ENONE", Items: []string{"/a"}})
			return err
		}, 404, "NoSuchDistribution"},
		{"INV-24: an unknown invalidation", func(w *world) error { _, err := w.edge.Progress("INONE"); return err }, 404, "NoSuchInvalidation"},
		{"INV-03, INV-12: a path that is none", func(w *world) error {
			_, err := w.edge.Send(proxy.Batch{Items: []string{"a"}})
			return err
		}, 400, "InvalidArgument"},
	}
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			refusedAs(t, tt.err(newWorld(t, optimized(), page("hello"))), tt.status, tt.code)
		})
	}
	t.Run("INV-25: the first 1,000 paths a month of all distributions are free, a wildcard is one, repetitions count", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"), func(c *proxy.Config) {
			for i := range 2 {
				d := optimized()
				d.ID, d.Domain = fmt.Sprintf("E%d", i), fmt.Sprintf("d%d.cloudfront.net", i)
				c.Distributions = append(c.Distributions, d)
			}
		})
		for _, d := range []string{optimized().ID, "E0", "E1"} {
			if _, err := w.edge.Send(proxy.Batch{Distribution: d, Items: append(numbered(598, "/a/%d"), "/a/0", "/b/*")}); err != nil {
				t.Fatal(err)
			}
		}
		if b := w.edge.Bill(epoch); b.Paths != 1800 || b.Charged != 800 || b.USD != 4 {
			t.Errorf("got %+v, want 1,800 paths, 800 charged, 4 USD", b)
		}
		w.advance(31 * 24 * time.Hour)
		if b := w.edge.Bill(w.time()); b != (proxy.Bill{}) {
			t.Errorf("a month later: got %+v, want nothing", b)
		}
	})
}

func TestInvalidationRows(t *testing.T) {
	root := func(apart bool) *distribution.Distribution {
		return optimized(func(d *distribution.Distribution) {
			d.DefaultRootObject = "index.html"
			d.Emulation.RootInvalidatedByName = apart
		})
	}
	for _, tt := range []struct {
		name, item string
		apart      bool
		want       cachepolicy.Result
	}{
		{"INV-09: the default root object by its name", "/index.html", false, cachepolicy.Miss},
		{"INV-09, unknown 17: or by /, which is the same entry", "/", false, cachepolicy.Miss},
		{"unknown 17: with the switch by its name alone", "/", true, cachepolicy.Hit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, root(tt.apart), page("hello"))
			w.do("/")
			w.edge.Invalidate("", tt.item)
			w.want(w.do("/"), tt.want, "hello")
		})
	}
	for _, on := range []bool{false, true} {
		t.Run(fmt.Sprintf("INV-14, D-11: %%7E in a path has effect: %v", on), func(t *testing.T) {
			d := optimized(func(d *distribution.Distribution) { d.Emulation.EncodedTildeInvalidates = on })
			w := newWorld(t, d, page("hello"))
			w.do("/%7Eme")
			if _, _, err := w.edge.Invalidate("", "/%7Eme"); err != nil {
				t.Fatal(err)
			}
			if g := w.do("/%7Eme"); (g.cache() == "Miss") != on {
				t.Errorf("got %s", g.cache())
			}
			_, _, err := w.edge.Invalidate("", "/~me")
			refusedAs(t, err, 400, "InvalidArgument")
		})
	}
	t.Run("INV-08: a signed URL goes by what is before the question mark", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello"))
		w.do("/a.jpg?Expires=1&Signature=s&Key-Pair-Id=k")
		w.edge.Invalidate("", "/a.jpg")
		w.want(w.do("/a.jpg?Expires=2&Signature=t&Key-Pair-Id=k"), cachepolicy.Miss, "hello")
	})
	t.Run("INV-27: a downstream cache keeps its copy", func(t *testing.T) {
		w := newWorld(t, optimized(), page("hello", "Cache-Control: max-age=3600"))
		visitor := httpcache.NewTransport(httpcache.NewMemoryCache())
		visitor.Transport = w.edge
		get := func() string {
			res, err := visitor.RoundTrip(httptest.NewRequest(http.MethodGet, "http://d.example/a", nil))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			io.Copy(io.Discard, res.Body)
			return res.Header.Get(httpcache.XFromCache)
		}
		w.now = time.Now() // the visitor's cache has no other clock
		get()
		w.edge.Invalidate("", "/*")
		if get() != "1" {
			t.Error("the visitor's copy is gone")
		}
		w.wantFetched(1)
	})
	t.Run("a report says what each path covered, and where the same bytes are still stored", func(t *testing.T) {
		d := optimized(policy(func(p *cachepolicy.Policy) { p.QueryStrings.Mode = cachepolicy.All }))
		w := newWorld(t, d, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/b" {
				io.WriteString(rw, "other")
				return
			}
			io.WriteString(rw, "hello")
		})
		for _, path := range []string{"/a", "/a?v=1", "/copy", "/b"} {
			w.do(path)
		}
		_, r, err := w.edge.Invalidate("", "/a", "/nothing")
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Items[0].Covered) != 1 || len(r.Items[1].Covered) != 0 {
			t.Errorf("covered: got %+v", r.Items)
		}
		var twins []string
		for _, tw := range r.Twins {
			if tw.SameAs != r.Items[0].Covered[0] {
				t.Errorf("%s is the same as %s, want the covered key", tw.Key, tw.SameAs)
			}
			twins = append(twins, tw.Key[strings.Index(tw.Key, " "):])
		}
		if len(twins) != 2 || !strings.Contains(twins[0], "/a?v=1") || !strings.Contains(twins[1], "/copy") {
			t.Errorf("twins: got %q, want /a?v=1 and /copy", twins)
		}
	})
}

// TestSendDoesNotLookAtWhatIsStored: its cost must not depend on it.
func TestSendDoesNotLookAtWhatIsStored(t *testing.T) {
	allocs := func(n int) float64 {
		w := newWorld(t, optimized(), page("hello"))
		for _, path := range numbered(n, "/%d") {
			w.do(path)
		}
		return testing.AllocsPerRun(20, func() {
			if _, err := w.edge.Send(proxy.Batch{Items: []string{"/*"}}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := allocs(1), allocs(2000); many > few+5 {
		t.Errorf("%v allocations with 2,000 objects stored, %v with one", many, few)
	}
}

func TestInvalidationOrder(t *testing.T) {
	network := func(t *testing.T, delays map[string]time.Duration) (*proxy.Network, func(pop string) string, func(time.Duration), *int) {
		w := &world{t: t, now: epoch}
		build := 1
		d := optimized()
		nw, err := proxy.NewNetwork(proxy.Config{
			Distributions: []*distribution.Distribution{d}, AnyHost: true, Now: w.time, MemoryBytes: 8 << 20, InvalidationDelays: delays,
			Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(rw, "build %d", build)
			}))},
		}, 2, true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nw.Close() })
		return nw, func(pop string) string {
			r := httptest.NewRequest(http.MethodGet, "http://d.example/a", nil)
			r.Header.Set(proxy.POPHeader, pop)
			res, err := nw.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			return string(b)
		}, w.advance, &build
	}
	t.Run("INV-21: each edge location has its own delay", func(t *testing.T) {
		nw, get, advance, build := network(t, map[string]time.Duration{"FRA56-P1": 2 * time.Second, "IAD89-C1": 5 * time.Second})
		get("1")
		get("2")
		*build = 2
		p, err := nw.Send(proxy.Batch{Items: []string{"/a"}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range 3 {
			got = append(got, get("1")+", "+get("2")+": "+p.Status(epoch))
			advance(3 * time.Second)
		}
		if !slices.Equal([]string{got[0][:16], got[1][:16], got[2][:16]}, []string{"build 1, build 1", "build 2, build 1", "build 2, build 2"}) {
			t.Errorf("got %q", got)
		}
		if p.Completed != epoch.Add(5*time.Second) {
			t.Errorf("completed at %s, want when the last location has it", p.Completed)
		}
	})
	t.Run("INV-26: a regional cache that is later fills the edge with what it had", func(t *testing.T) {
		nw, get, advance, build := network(t, map[string]time.Duration{"regional": 5 * time.Second})
		get("1")
		*build = 2
		if _, err := nw.Send(proxy.Batch{Items: []string{"/a"}}); err != nil {
			t.Fatal(err)
		}
		before := get("1")
		advance(6 * time.Second)
		if after := get("1"); before != "build 1" || after != "build 1" {
			t.Errorf("got %q, then %q; want the old object from behind, and its being kept", before, after)
		}
	})
}
