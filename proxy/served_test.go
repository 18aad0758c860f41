package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// live is a network whose distributions are replaced.
type live struct {
	*testing.T
	*proxy.Network
}

// newLive is a network of one edge location and a regional one in front of h.
func newLive(t *testing.T, h http.HandlerFunc, ds ...*distribution.Distribution) live {
	t.Helper()
	nw, err := proxy.NewNetwork(proxy.Config{
		Distributions: ds, AnyHost: true, MemoryBytes: 8 << 20, Now: func() time.Time { return epoch },
		Origins: map[string]http.RoundTripper{optimized().Origins[0].ID: proxy.Handler(h)},
	}, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nw.Close() })
	return live{t, nw}
}

// get is result and body of a request.
func (l live) get(url string) string {
	l.Helper()
	res, err := l.RoundTrip(httptest.NewRequest(http.MethodGet, url, nil))
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatal(err)
	}
	return http.StatusText(res.StatusCode) + " " + got{header: res.Header}.cache() + " " + string(b)
}

func (l live) serve(ds ...*distribution.Distribution) {
	l.Helper()
	if err := l.Serve(ds); err != nil {
		l.Fatal(err)
	}
}

func (l live) want(url, want string) {
	l.Helper()
	if got := l.get(url); got != want {
		l.Errorf("%s: %q, want %q", url, got, want)
	}
}

// keyed is a distribution with the whole query string in the cache key.
func keyed(id string) *distribution.Distribution {
	return optimized(func(d *distribution.Distribution) { d.ID = id }, policy(func(p *cachepolicy.Policy) {
		p.QueryStrings = cachepolicy.Selection{Mode: cachepolicy.All}
	}))
}

func TestServeReplacesDistributions(t *testing.T) {
	l := newLive(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.RequestURI()) }, optimized())
	l.want("http://any/a", "OK Miss /a")
	l.want("http://any/b?v=1", "OK Miss /b")
	l.serve(keyed(optimized().ID))
	l.want("http://any/a", "OK Hit /a") // what is stored stays
	l.want("http://any/b?v=1", "OK Miss /b?v=1")
	l.want("http://any/b?v=1", "OK Hit /b?v=1")
	if ds := l.Distributions(); len(ds) != 1 || ds[0].Behaviors[0].Terms.Policy.QueryStrings.Mode != cachepolicy.All {
		t.Errorf("served are %v", ds)
	}
}

func TestServeNone(t *testing.T) {
	l := newLive(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") })
	if got := l.get("http://any/"); got[:15] != "Forbidden Error" { // [HOST-03]
		t.Errorf("with no distribution: %q", got)
	}
	if _, err := l.Send(proxy.Batch{Items: []string{"/*"}}); err == nil || err.Error() != "no distribution is served" {
		t.Errorf("invalidate with no distribution: %v", err)
	}
	l.serve(optimized())
	l.want("http://any/", "OK Miss x")
	l.serve()
	if got := l.get("http://any/"); got[:15] != "Forbidden Error" {
		t.Errorf("after the last distribution went: %q", got)
	}
}

func TestServeAllOrNothing(t *testing.T) {
	l := newLive(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") }, optimized())
	bad := optimized(func(d *distribution.Distribution) {
		d.Origins = append(d.Origins, distribution.Origin{ID: "other", URL: "ftp://nowhere"})
	})
	before := l.Distributions()
	if err := l.Serve([]*distribution.Distribution{keyed("E2"), bad}); err == nil {
		t.Fatal("an origin with an ftp URL was taken")
	}
	for _, e := range l.Edges() {
		if got := e.Distributions(); len(got) != 1 || got[0] != before[0] {
			t.Errorf("%s serves %v after a refusal", e.POP(), got)
		}
	}
}

// What began with one set of distributions ends with it, through both tiers.
func TestServeWhileUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		l := newLive(t, func(w http.ResponseWriter, r *http.Request) {
			<-release
			io.WriteString(w, "slow")
		}, optimized())
		answers := make(chan string)
		go func() { answers <- l.get("http://any/slow") }()
		synctest.Wait()
		l.serve(keyed("E2"))
		l.serve()
		close(release)
		if got := <-answers; got != "OK Miss slow" {
			t.Errorf("a request under way got %q", got)
		}
		l.serve(optimized())
		l.want("http://any/slow", "OK Hit slow")
	})
}

// An exchange that reaches its origin request after two replacements finds a door.
func TestServeBeforeTheOriginIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		var l live
		d := optimized(policy(func(p *cachepolicy.Policy) { *p = cachepolicy.Policy{} })) // caching disabled: no flight
		nw, err := proxy.NewNetwork(proxy.Config{
			Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 8 << 20, Now: func() time.Time { return epoch },
			Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "late")
			}))},
			ViewerRequest: func(*distribution.Behavior, *cachepolicy.Request) *proxy.Generated {
				<-hold
				return nil
			},
		}, 1, false)
		if err != nil {
			t.Fatal(err)
		}
		defer nw.Close()
		l = live{t, nw}
		answers := make(chan string)
		go func() { answers <- l.get("http://any/late") }()
		synctest.Wait()
		l.serve()
		close(hold)
		if got := <-answers; got != "OK Miss late" {
			t.Errorf("a request under way got %q", got)
		}
	})
}

// An origin that stayed as it was keeps its door, one that changed its count.
func TestServeKeepsCounts(t *testing.T) {
	l := newLive(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") }, optimized())
	l.get("http://any/1")
	l.serve(keyed(optimized().ID))
	l.get("http://any/2")
	changed := optimized(func(d *distribution.Distribution) { d.Origins[0].ReadTimeout = time.Minute })
	l.serve(changed)
	l.get("http://any/3")
	if got := l.OriginRequests()[changed.Origins[0].ID]; got != 3 {
		t.Errorf("the origin was asked %d times, want 3", got)
	}
}
