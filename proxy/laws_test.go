package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gregjones/httpcache"
	"pgregory.net/rapid"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
	"staleproof/proxy/front/fronttest"
)

// deed is one thing that happens in a random story.
type deed struct {
	kind string // get, head, advance, deploy, invalidate, forget, reset, break, mend
	path string
	by   time.Duration
}

func (d deed) String() string { return strings.TrimSpace(d.kind + " " + d.path + " " + d.by.String()) }

var (
	lawPaths = []string{"/a", "/a?v=1", "/b/c", "/b/d"}
	lawItems = []string{"/a", "/b/*", "/*", "/nothing"}
)

func drawStory(t *rapid.T) []deed {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) deed {
		d := deed{kind: rapid.SampledFrom([]string{"get", "get", "get", "head", "advance", "deploy", "invalidate", "forget", "reset", "break", "mend"}).Draw(t, "kind")}
		switch d.kind {
		case "get", "head":
			d.path = rapid.SampledFrom(lawPaths).Draw(t, "path")
		case "invalidate", "forget":
			d.path = rapid.SampledFrom(lawItems).Draw(t, "item")
		case "advance":
			d.by = time.Duration(rapid.SampledFrom([]int{1, 5, 30, 60, 3600}).Draw(t, "seconds")) * time.Second
		}
		return d
	}), 1, 40).Draw(t, "story")
}

// lawWorld plays a story and writes down every answer.
type lawWorld struct {
	way        http.RoundTripper // of the viewers
	end        func()
	invalidate func(item string) error
	forget     func(item string)
	reset      func() error
	build      int
	broken     bool
	mu         sync.Mutex
	now        time.Time     // guarded by mu
	events     []proxy.Event // guarded by mu
	quiet      func()
	transcript strings.Builder
}

// newLawWorld makes an edge, with a store behind its memory or nil, whose viewers come
// through a front: "" for none.
func newLawWorld(fail func(args ...any), behind httpcache.Cache, regional bool, through string) *lawWorld {
	w := &lawWorld{now: epoch, build: 1}
	d := optimized(policy(func(p *cachepolicy.Policy) {
		p.MinTTL, p.DefaultTTL, p.MaxTTL = 0, time.Minute, time.Hour
	}))
	c := proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, Seed: "laws", Store: behind, MemoryBytes: 8 << 20,
		Now: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now
		},
		Observe: func(ev proxy.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, ev)
		},
		Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w.broken {
				http.Error(rw, "broken", http.StatusInternalServerError)
				return
			}
			etag := `"` + strconv.Itoa(w.build) + `"`
			rw.Header().Set("Etag", etag)
			if r.Header.Get("If-None-Match") == etag {
				rw.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprintf(rw, "%d", w.build)
		}))},
	}
	nw, err := proxy.NewNetwork(c, 1, regional)
	if err != nil {
		fail(err)
	}
	w.way, w.end = nw, func() { nw.Close() }
	if through != "" {
		way, end := fronttest.Way(&front.Server{Hitter: nw, Handler: nw, Refuse: nw.Refuse, NetHTTP: through == "net/http"}, false)
		w.way, w.end = way, func() { end(); nw.Close() }
	}
	w.invalidate = func(item string) error { _, _, err := nw.Invalidate("", item); return err }
	w.reset = nw.Reset
	w.quiet = func() {
		for i := range nw.Edges() {
			nw.Edges()[len(nw.Edges())-1-i].Quiet() // the regional one last
		}
	}
	w.forget = func(item string) {
		for _, e := range nw.Edges() {
			e.Forget(item)
		}
	}
	return w
}

// seen is one answer in a story.
type seen struct {
	deed
	status, build int
	age           int // -1: none
	date, result  string
}

func (w *lawWorld) play(d deed) (seen, error) {
	s := seen{deed: d, age: -1}
	switch d.kind {
	case "advance":
		w.mu.Lock()
		w.now = w.now.Add(d.by)
		w.mu.Unlock()
	case "deploy":
		w.build++
	case "invalidate":
		return s, w.invalidate(d.path)
	case "forget":
		w.forget(d.path)
	case "reset":
		return s, w.reset()
	case "break":
		w.broken = true
	case "mend":
		w.broken = false
	default:
		r := httptest.NewRequest(strings.ToUpper(d.kind), "http://d.example"+d.path, nil)
		res, err := w.way.RoundTrip(r)
		if err != nil {
			return s, err
		}
		b, err := io.ReadAll(res.Body)
		if err != nil {
			return s, err
		}
		s.status, s.date, s.result = res.StatusCode, res.Header.Get("Date"), res.Header.Get("X-Cache")
		s.build, _ = strconv.Atoi(string(b))
		if a := res.Header.Get("Age"); a != "" {
			s.age, _ = strconv.Atoi(a)
		}
		w.quiet()
		res.Header.Write(&w.transcript)
		fmt.Fprintf(&w.transcript, "%s %d %s\n", d, res.StatusCode, b)
	}
	return s, nil
}

func TestLaws(t *testing.T) {
	for _, regional := range []bool{false, true} {
		t.Run(fmt.Sprintf("regional %v", regional), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { checkLaws(t, regional) })
		})
	}
}

func checkLaws(t *rapid.T, regional bool) {
	story := drawStory(t)
	w := newLawWorld(t.Fatal, nil, regional, "")
	defer w.end()
	others := map[string]*lawWorld{
		"with a store behind":    newLawWorld(t.Fatal, httpcache.NewMemoryCache(), regional, ""),
		"through our front":      newLawWorld(t.Fatal, nil, regional, "own"),
		"through net/http alone": newLawWorld(t.Fatal, nil, regional, "net/http"),
	}
	for _, other := range others {
		defer other.end()
	}

	oldest := map[string]int{} // law 3: the oldest build that may still be seen
	ages := map[string]seen{}  // law 6: the last hit by path
	replaced := map[string]bool{}
	answers := 0
	for _, d := range story {
		s, err := w.play(d)
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		for how, other := range others {
			if _, err := other.play(d); err != nil {
				t.Fatalf("%s, %s: %v", d, how, err)
			}
		}
		path, _, _ := strings.Cut(d.path, "?")
		switch d.kind {
		case "reset":
			for _, p := range lawPaths {
				p, _, _ := strings.Cut(p, "?")
				oldest[p], replaced[p] = w.build, true
			}
		case "invalidate":
			for _, p := range lawPaths {
				p, _, _ := strings.Cut(p, "?")
				if cachepolicy.CoversItem(d.path, &cachepolicy.Stored{URI: p}) {
					oldest[p] = w.build
				}
			}
		case "get":
			if s.status == http.StatusOK && s.build < oldest[path] {
				t.Fatalf("law 3: %s got build %d, but an invalidation covered all before %d", d, s.build, oldest[path])
			}
		}
		if d.kind == "get" || d.kind == "head" {
			answers++
			last, hit := ages[path]
			if s.age >= 0 && hit && last.date == s.date && s.status == last.status && !replaced[path] && s.age < last.age {
				t.Fatalf("law 6: the age of %s went from %d to %d", path, last.age, s.age)
			}
			replaced[path] = s.age < 0
			if s.age >= 0 {
				ages[path] = s
			}
		}
	}
	for how, other := range others {
		if a, b := w.transcript.String(), other.transcript.String(); a != b {
			t.Fatalf("law 1: the same story, called on memory alone, and %s:\n%s\n---\n%s", how, a, b)
		}
	}
	told := 0
	for _, ev := range w.events {
		if ev.Kind == proxy.Answered && ev.POP != "regional" {
			told++
			if ev.Result == "" || ev.Reason == "" {
				t.Fatalf("law 2: an answer without result or reason: %+v", ev)
			}
		}
	}
	if told != answers {
		t.Fatalf("law 2: %d answers, %d told of", answers, told)
	}
}
