package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gregjones/httpcache"
	"pgregory.net/rapid"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// lasting is a network on a store that lasts, whatever becomes of the network.
type lasting struct {
	*rapid.T
	*proxy.Network
	behind   httpcache.Cache
	regional bool
	build    int
	hold     bool      // the next request to the origin waits
	held     chan bool // one waits
	release  chan bool
	asked    int
	late     chan int // the build that the one who waits for it gets
	latePath string   // "": nobody waits
	lateOpen bool     // nothing was invalidated since: others would wait, too
}

func (l *lasting) start() {
	d := optimized()
	nw, err := proxy.NewNetwork(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 8 << 20, Store: l.behind,
		Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			build := l.build
			l.asked++
			if l.hold {
				l.hold = false
				l.held <- true
				<-l.release
			}
			io.WriteString(w, strconv.Itoa(build))
		}))},
	}, 1, l.regional)
	if err != nil {
		l.Fatal(err)
	}
	l.Network = nw
}

// get is the build that a viewer sees.
func (l *lasting) get(ctx context.Context, path string) int {
	res, err := l.RoundTrip(httptest.NewRequestWithContext(ctx, http.MethodGet, "http://any"+path, nil))
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatal(err)
	}
	build, err := strconv.Atoi(string(b))
	if err != nil || res.StatusCode != http.StatusOK {
		l.Fatalf("%s: %d %s", path, res.StatusCode, b)
	}
	return build
}

// land lets the one who waits have his answer.
func (l *lasting) land() {
	if l.latePath != "" {
		l.release <- true
		<-l.late
		for _, e := range slices.Backward(l.Edges()) {
			e.Quiet()
		}
		l.latePath = ""
	}
}

// Law 3 over resets and restarts, with fills that come late: nobody who asks after an
// invalidation or a reset gets what is from before, and what neither concerns is not
// asked for again.
func TestLaw3OverRestarts(t *testing.T) {
	for _, regional := range []bool{false, true} {
		t.Run(fmt.Sprintf("regional %v", regional), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { checkRestarts(t, regional) })
		})
	}
}

func checkRestarts(t *rapid.T, regional bool) {
	l := &lasting{T: t, behind: httpcache.NewMemoryCache(), regional: regional, held: make(chan bool), release: make(chan bool), late: make(chan int)}
	l.start()
	defer func() { l.land(); l.Close() }()
	paths := []string{"/a", "/b/c", "/b/d"}
	oldest := map[string]int{}  // the least build that may be seen
	stored := map[string]bool{} // asked for since
	gone := func(item string) {
		for _, p := range paths {
			if cachepolicy.CoversItem(item, &cachepolicy.Stored{URI: p}) {
				oldest[p] = l.build
				delete(stored, p)
			}
		}
		l.lateOpen = false
	}
	t.Repeat(map[string]func(*rapid.T){
		"get": func(t *rapid.T) {
			path := rapid.SampledFrom(paths).Draw(t, "path")
			if path == l.latePath && l.lateOpen {
				t.Skip("he would wait, too")
			}
			before := l.asked
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // who waits so long has joined the one who is late
			defer cancel()
			got := l.get(ctx, path)
			if got < oldest[path] {
				t.Fatalf("%s: build %d, but all before %d is gone", path, got, oldest[path])
			}
			if stored[path] && l.asked != before {
				t.Fatalf("%s: asked for again, but nothing had made it unusable", path)
			}
			stored[path] = true
		},
		"get late": func(t *rapid.T) {
			path := rapid.SampledFrom(paths).Draw(t, "path")
			if l.latePath != "" || stored[path] {
				t.Skip("somebody waits, or nobody would")
			}
			l.hold = true
			go func() { l.late <- l.get(context.Background(), path) }()
			select {
			case <-l.held:
				l.latePath, l.lateOpen = path, true
			case got := <-l.late: // one who came late has stored it
				if l.hold = false; got < oldest[path] {
					t.Fatalf("%s: build %d, but all before %d is gone", path, got, oldest[path])
				}
			}
		},
		"land": func(*rapid.T) {
			path, kept := l.latePath, l.lateOpen
			if l.land(); kept && path != "" {
				stored[path] = true
			}
		},
		"deploy": func(*rapid.T) { l.build++ },
		"invalidate": func(t *rapid.T) {
			item := rapid.SampledFrom([]string{"/a", "/b/*", "/*", "/nothing"}).Draw(t, "item")
			if _, err := l.Send(proxy.Batch{Items: []string{item}}); err != nil {
				t.Fatal(err)
			}
			gone(item)
		},
		"reset": func(t *rapid.T) {
			if err := l.Reset(); err != nil {
				t.Fatal(err)
			}
			gone("/*")
		},
		"restart": func(t *rapid.T) {
			path, kept := l.latePath, l.lateOpen
			if l.land(); kept && path != "" {
				stored[path] = true
			}
			l.Close()
			l.start()
		},
	})
}
