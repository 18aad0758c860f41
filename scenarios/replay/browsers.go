package replay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"staleproof/proxy"
	"staleproof/proxy/front"
	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// host is the name of the edge for browsers. What is under localhost is a secure
// context, so that service workers are allowed without certificates.
const host = "site.localhost"

// startPatience is how long a browser may take to start.
const startPatience = time.Minute

// Browsers are the browsers of visitors. A visitor whose browser keeps things between
// views has one with a profile on disk; all others share one, in which each has a
// profile of his own in memory.
type Browsers struct {
	// Program is the Chromium to start, as browser.Find takes it.
	Program string

	shared  *browser.Browser
	checked bool // it has a cache and service workers
}

// Close ends them.
func (b *Browsers) Close() error {
	if b.shared == nil {
		return nil
	}
	return b.shared.Close()
}

func (b *Browsers) start(ctx context.Context) (*browser.Browser, error) {
	x, err := browser.Start(ctx, browser.Options{Program: b.Program, Hosts: map[string]string{host: "127.0.0.1"}})
	if errors.Is(err, browser.ErrNone) {
		return nil, inexpressible(err.Error())
	}
	return x, err
}

// open opens a tab; end closes it, and what was started for it. A browser that lacks
// what check looks for is refused.
func (b *Browsers) open(ctx context.Context, keeps bool, heard func(browser.Response), check func(*browser.Tab) error) (t *browser.Tab, end func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	if keeps {
		own, err := b.start(ctx)
		if err != nil {
			return nil, nil, err
		}
		if t, err = own.Tab(ctx, heard); err != nil {
			return nil, nil, errors.Join(err, own.Close())
		}
		end = func() error { return errors.Join(t.Close(), own.Close()) }
		if err := check(t); err != nil {
			return nil, nil, errors.Join(err, end())
		}
		return t, end, nil
	}
	if b.shared == nil {
		if b.shared, err = b.start(ctx); err != nil {
			return nil, nil, err
		}
	}
	if t, err = b.shared.Stranger(ctx, heard); err != nil {
		return nil, nil, err
	}
	if !b.checked {
		if err := check(t); err != nil {
			return nil, nil, errors.Join(err, t.Close())
		}
		b.checked = true
	}
	return t, t.Close, nil
}

// browsing is how a stage is put together with browsers as visitors: as [sockets].
type browsing struct {
	*sockets
	browsers *Browsers
	check    browser.Check

	mu      sync.Mutex
	keepers map[string]*keeper // by visitor; guarded by mu
}

// keeper answers what a visitor's browser asks for his service worker.
func (b *browsing) keeper(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	k := b.keepers[r.PathValue("visitor")]
	b.mu.Unlock()
	if k == nil {
		http.NotFound(w, r)
		return
	}
	k.ServeHTTP(w, r)
}

// listen answers beside the edge what browsers ask for by themselves.
func (b *browsing) listen(name string, e *proxy.Edge) error {
	beside := http.NewServeMux()
	beside.Handle(browser.CheckPath, &b.check)
	beside.HandleFunc(workersPath+"{visitor}/{what}", b.keeper)
	beside.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	beside.Handle("/", e)
	address, err := b.serve(&front.Server{Hitter: e, Handler: beside, Refuse: e.Refuse, SayKeepAlive: true})
	b.edges[name] = address
	return err
}

func (b *browsing) visitor(ctx context.Context, st *stage, name string, kind prove.Kind, at string) (visitor, error) {
	switch {
	case name == "others", kind == prove.Crawler: // neither has a browser
		return b.sockets.visitor(ctx, st, name, kind, at)
	case b.edges[at] == "":
		return nil, inexpressible("no edge " + at)
	case kind == prove.Returning && movesTime(st.story):
		return nil, inexpressible("time that passes for what a browser keeps: its clock cannot be moved")
	case !kind.HasWorker() && !slices.Contains([]prove.Kind{prove.Fresh, prove.OldTab, prove.Twice, prove.BehindProxy, prove.Returning, prove.BackButton}, kind):
		return nil, inexpressible(fmt.Sprintf("a visitor of the kind %q", kind))
	}
	accept, err := accepted(st.story, name)
	if err != nil {
		return nil, err
	}
	if kind.HasWorker() && slices.ContainsFunc(st.story.Trace.Events, func(e prove.Event) bool { return e.Takes != "" }) {
		return nil, inexpressible("encodings that a service worker takes: it sends the browser's own Accept-Encoding")
	}
	if kind.HasWorker() && st.bodies.own != nil {
		return nil, inexpressible("a service worker before the builds' own pages, which register none of the prover's")
	}
	v := &surfer{name: name, kind: kind, accept: accept, st: st, of: b, site: "http://" + host + b.edges[at][strings.LastIndex(b.edges[at], ":"):]}
	v.ctx, v.stop = context.WithCancel(context.Background())
	if kind.HasWorker() {
		v.edge, v.keeper = b.reach(at), newKeeper(v)
		b.mu.Lock()
		b.keepers[name] = v.keeper
		b.mu.Unlock()
	}
	return v, v.start(ctx)
}

// accepted is the Accept-Encoding that a browser has to send for a visitor; "": its own.
func accepted(s *Story, visitor string) (string, error) {
	takes := s.takesOf(visitor)
	for i := range s.Trace.Events {
		for _, a := range Told(&s.Trace.Events[i]) {
			if a.Visitor == visitor && a.Coding != "" && !takes.Takes(a.Coding) {
				return "", inexpressible("an answer in a coding that was not asked for: a browser refuses it, and nobody sees its bytes")
			}
		}
	}
	verbatim := slices.ContainsFunc(s.Deploy.CDN.Behaviors, func(b prove.Behavior) bool {
		return slices.Contains(b.Terms.Policy.Headers.Names, "Accept-Encoding")
	})
	switch {
	case !slices.ContainsFunc(s.Trace.Events, func(e prove.Event) bool { return e.Takes != "" }), takes.Alike("br,gzip") && !verbatim:
		return "", nil
	case takes != "":
		return string(takes), nil
	case verbatim:
		return "", inexpressible("one who sends no Accept-Encoding, where the cache key has that header as it is sent: a browser always sends one")
	}
	return "identity", nil
}

// movesTime reports whether a story moves the time of caches.
func movesTime(s *Story) bool {
	return slices.ContainsFunc(s.Trace.Events, func(e prove.Event) bool {
		i := slices.IndexFunc(s.Deploy.Mode.Steps, func(st prove.Step) bool { return st.Name == e.Step })
		return e.Kind == prove.Advanced || i >= 0 && s.Deploy.Mode.Steps[i].Do == prove.Wait
	})
}

// surfer is a visitor with a browser.
type surfer struct {
	name    string
	site    string // "http://site.localhost:8080"
	kind    prove.Kind
	accept  string // Accept-Encoding; "": the browser's own
	st      *stage
	of      *browsing
	tab     *browser.Tab
	end     func() error // closes it
	views   int
	running sync.WaitGroup
	keeper  *keeper           // nil: he has no service worker
	edge    http.RoundTripper // where his browser asks for its script
	ctx     context.Context   // ends with him
	stop    context.CancelFunc

	mu   sync.Mutex
	want string // the URL he waits for; guarded by mu
}

// start opens his tab.
func (v *surfer) start(ctx context.Context) (err error) {
	check := func(t *browser.Tab) error { return v.of.check.Run(t, v.site) }
	if v.tab, v.end, err = v.of.browsers.open(ctx, v.kind == prove.Returning, v.heard, check); err != nil {
		return err
	}
	if v.accept != "" {
		if err := v.tab.Accept(v.accept); err != nil {
			return err
		}
	}
	if v.ownPages() {
		return v.hold()
	}
	if v.keeper != nil {
		return v.keeper.begin(v.tab)
	}
	return nil
}

// installs: his browser has a service worker if his kind has one.
func (v *surfer) installs() bool { return v.keeper != nil }

// ask begins a view, or makes the page load what it refers to, or lets his browser do
// something for its service worker.
func (v *surfer) ask(ctx context.Context, e *prove.Event) {
	url := v.site + e.URL
	v.mu.Lock()
	if v.want = url; e.Kind == prove.WorkerChecked || e.Kind == prove.WorkerFetched {
		v.want = "" // no page is given that
	}
	v.mu.Unlock()
	v.running.Go(func() { // ends with the browser at the latest
		var a Answer
		var err error
		switch e.Kind {
		case prove.WorkerChecked:
			a, err = v.keeper.check(v.ctx, e.URL)
		case prove.WorkerFetched:
			a, err = v.keeper.fetch(v.ctx, e.URL)
		case prove.Navigated:
			err = v.view(ctx, url)
		default:
			err = v.load(ctx, url)
		}
		if err != nil || a.Status != 0 {
			v.answered(a, err)
		}
	})
}

// load makes the page load what it refers to.
func (v *surfer) load(ctx context.Context, url string) error {
	if v.ownPages() {
		return v.loadOwn(ctx, url)
	}
	found, err := v.tab.Run(fmt.Sprintf("ask(%q)", url))
	if err == nil && found != "true" {
		err = fmt.Errorf("nothing on the page refers to %s", url)
	}
	return err
}

func (v *surfer) view(ctx context.Context, url string) error {
	if v.views++; v.views > 1 && v.kind == prove.Twice { // nothing is kept between his views
		if err := v.end(); err != nil {
			return err
		}
		if err := v.start(ctx); err != nil {
			return err
		}
	}
	if v.keeper != nil {
		if err := v.tab.Leave(); err != nil {
			return err
		}
		if err := v.keeper.closed(v.ctx); err != nil {
			return err
		}
	}
	if v.ownPages() {
		return v.openOwn(url)
	}
	return v.tab.Open(url)
}

// back leaves his page for another one and comes back to it. His browser has to
// restore it, as the prover's does.
func (v *surfer) back(ctx context.Context) error {
	if v.ownPages() {
		if err := v.tab.Drop(); err != nil {
			return err
		}
	}
	if err := v.tab.Back(ctx, v.site+browser.CheckPath); err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	return nil
}

// heard is called for each response that his pages were given.
func (v *surfer) heard(r browser.Response) {
	v.mu.Lock()
	wanted := r.URL == v.want && !(v.ownPages() && r.Err != nil && r.Err.Error() == "net::ERR_ABORTED") // that a page before gave up
	if wanted {
		v.want = ""
	}
	v.mu.Unlock()
	if !wanted {
		return // the look at the browser, or an icon
	}
	a := Answer{Visitor: v.name, Status: r.Status, Result: strings.TrimSuffix(r.Header["x-cache"], " from cloudfront")}
	a.Coding = r.Header["content-encoding"]
	err := r.Err
	if r.Source != browser.Network {
		a.From = fromBrowser
	}
	if err == nil && r.Status == http.StatusOK {
		var ok bool
		if a.Body, ok = v.st.bodies.identity(r.Body, a.Coding, r.Header[strings.ToLower(markHeader)]); !ok {
			err = fmt.Errorf("%s: bytes that no server has: %.60q", r.URL, r.Body)
		}
	}
	v.answered(a, err)
}

func (v *surfer) answered(a Answer, err error) {
	if err != nil {
		err = fmt.Errorf("%s: %w", v.name, err)
	}
	v.st.signals.send(signal{kind: answered, visitor: v.name, answer: a, err: err})
}

func (v *surfer) close() error {
	v.stop()
	var err error
	if v.tab != nil {
		err = v.end()
	}
	v.running.Wait()
	return err
}
