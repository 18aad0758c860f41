package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/store"
)

// resettable is a network of one edge location and a regional one, on a clock of
// its own.
func resettable(t *testing.T, clock *proxy.Clock, h http.HandlerFunc, change ...func(*proxy.Config)) live {
	t.Helper()
	c := proxy.Config{
		Distributions: []*distribution.Distribution{optimized()}, AnyHost: true, MemoryBytes: 8 << 20, Now: clock.Now,
		Origins: map[string]http.RoundTripper{optimized().Origins[0].ID: proxy.Handler(h)},
	}
	for _, f := range change {
		f(&c)
	}
	nw, err := proxy.NewNetwork(c, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	return live{t, nw}
}

func (l live) reset() {
	l.Helper()
	if err := l.Reset(); err != nil {
		l.Fatal(err)
	}
}

func TestResetForgetsEverything(t *testing.T) {
	var resets atomic.Int64 // events; those of a flight may come after its answer
	l := resettable(t, &proxy.Clock{}, page("x"), func(c *proxy.Config) {
		c.Observe = func(ev proxy.Event) {
			if ev.Kind == proxy.Reset {
				resets.Add(1)
			}
		}
	})
	defer l.Close()
	l.want("http://any/a", "OK Miss x")
	if _, err := l.Send(proxy.Batch{Items: []string{"/b"}, CallerReference: "r"}); err != nil {
		t.Fatal(err)
	}
	l.reset()
	if n := resets.Load(); n != 2 {
		t.Errorf("%d events tell of a reset, want one for each tier", n)
	}
	for _, e := range l.Edges() {
		if n := len(e.Stored()); n != 0 || e.StoredBytes() != 0 {
			t.Errorf("%s still stores %d", e.POP(), n)
		}
	}
	if got := sums(l.Counts()); got != "" {
		t.Errorf("still counted: %s", got)
	}
	if n := l.OriginRequests()["origin"]; n != 0 {
		t.Errorf("%d origin requests are still counted", n)
	}
	if list := l.Invalidations(); len(list) != 0 || l.Bill(time.Now()).Paths != 0 {
		t.Errorf("invalidations: %v", list)
	}
	if p, err := l.Send(proxy.Batch{Items: []string{"/c"}, CallerReference: "r"}); err != nil || p.Items[0] != "/c" {
		t.Errorf("the caller reference is not free again: %v", err)
	}
	l.want("http://any/a", "OK Miss x")
	l.want("http://any/a", "OK Hit x")
}

// What was asked for before a reset is not kept after it, and nobody who comes
// after it waits for it; where late fills are kept [emulation: keepLateFills] neither.
func TestResetWhileUnderWay(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("late fills kept: %v", keep), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				body := "old"
				l := resettable(t, &proxy.Clock{}, func(w http.ResponseWriter, r *http.Request) {
					said := body
					if said == "old" {
						<-release
					}
					io.WriteString(w, said)
				}, func(c *proxy.Config) { c.Distributions[0].Behaviors[0].Terms.Emulation.KeepLateFills = keep })
				defer l.Close()
				answers := make(chan string)
				go func() { answers <- l.get("http://any/a") }()
				synctest.Wait()
				body = "new"
				l.reset()
				l.want("http://any/a", "OK Miss new")
				close(release)
				if got := <-answers; got != "OK Miss old" {
					t.Errorf("who asked before the reset got %q", got)
				}
				l.want("http://any/a", "OK Hit new")
			})
		})
	}
}

// An invalidation that was on its way when all was reset takes no effect.
func TestResetEndsPendingInvalidations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &proxy.Clock{}
		l := resettable(t, clock, page("x"), func(c *proxy.Config) { c.InvalidationDelay = time.Minute })
		defer l.Close()
		if _, err := l.Send(proxy.Batch{Items: []string{"/*"}}); err != nil {
			t.Fatal(err)
		}
		l.reset()
		l.want("http://any/a", "OK Miss x")
		clock.Advance(2 * time.Minute)
		l.want("http://any/a", "OK Hit x")
		if _, err := l.Send(proxy.Batch{Items: []string{"/*"}}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(2 * time.Minute)
		l.want("http://any/a", "OK Miss x")
	})
}

// After a restart on the same store what was reset stays forgotten.
func TestResetOutlivesARestart(t *testing.T) {
	behind := httpcache.NewMemoryCache()
	stored := func(c *proxy.Config) { c.Store = behind }
	l := resettable(t, &proxy.Clock{}, page("x"), stored)
	l.want("http://any/a", "OK Miss x")
	if _, err := l.Send(proxy.Batch{Items: []string{"/b"}}); err != nil {
		t.Fatal(err)
	}
	l.reset()
	l.Close()
	l = resettable(t, &proxy.Clock{}, page("y"), stored)
	defer l.Close()
	if list := l.Invalidations(); len(list) != 0 {
		t.Errorf("invalidations from before the reset: %v", list)
	}
	l.want("http://any/a", "OK Miss y")
}

// A version before this one noted a reset in the list of invalidations. What it kept is
// read as it was meant, and a mark stays the position it was.
func TestResetOfTheVersionBefore(t *testing.T) {
	behind := httpcache.NewMemoryCache()
	s, err := store.New(store.Options{Behind: behind})
	if err != nil {
		t.Fatal(err)
	}
	d := optimized()
	for _, r := range []store.Record{
		{Invalidation: cachepolicy.Invalidation{ID: "I1", Items: []string{"/x"}}, Scope: d.Domain, Sent: []string{"/x"}},
		{Invalidation: cachepolicy.Invalidation{Items: []string{"*"}}, Scope: "*"},
		{Invalidation: cachepolicy.Invalidation{ID: "I2", Items: []string{"/y"}}, Scope: d.Domain, Sent: []string{"/y"}},
	} {
		if _, err := s.AppendInvalidation(r); err != nil {
			t.Fatal(err)
		}
	}
	for path, mark := range map[string]uint64{"/before": 1, "/y": 2, "/after": 2, "/last": 3} {
		key := string(d.Behaviors[0].Terms.AppendKey(nil, d.Domain, &cachepolicy.Request{Method: http.MethodGet, Path: path}))
		s.Set(store.NewResponse(&cachepolicy.Stored{
			Key: key, URI: path, Status: http.StatusOK, Mark: mark, Received: time.Now(), Freshness: cachepolicy.Freshness{Lifetime: time.Hour},
		}, store.BytesBody([]byte("kept"))))
	}
	s.Close()
	l := resettable(t, &proxy.Clock{}, page("new"), func(c *proxy.Config) { c.Store = behind })
	defer l.Close()
	if list := l.Invalidations(); len(list) != 1 || list[0].ID != "I2" {
		t.Errorf("invalidations: %v, want what came after the reset", list)
	}
	for path, want := range map[string]string{"/before": "new", "/y": "new", "/after": "kept", "/last": "kept"} {
		l.want("http://any"+path, "OK Miss "+want) // what is kept is in the regional tier
	}
}

func TestResetRefusesWhatIsShared(t *testing.T) {
	l := resettable(t, &proxy.Clock{}, page("x"), func(c *proxy.Config) { c.Store = newShelf() })
	defer l.Close()
	l.want("http://any/a", "OK Miss x")
	if err := l.Reset(); err == nil || !strings.Contains(err.Error(), "other programs use this store") {
		t.Errorf("got %v", err)
	}
	l.want("http://any/a", "OK Hit x")
}

// A hazard is said again after a reset.
func TestResetForgetsWhatWasSaid(t *testing.T) {
	said := 0
	l := resettable(t, &proxy.Clock{}, page("<p>", "Content-Type: text/html"), func(c *proxy.Config) { c.Warn = func(proxy.Event) { said++ } })
	defer l.Close()
	l.get("http://any/app.js")
	before := said
	l.reset()
	l.get("http://any/app.js")
	if before == 0 || said != 2*before {
		t.Errorf("said %d times, after a reset %d in all", before, said)
	}
}
