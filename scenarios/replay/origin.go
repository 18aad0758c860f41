package replay

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"staleproof/scenarios/prove"
)

// origin is the servers of a deploy. A request reads its answer when it comes, and
// is held until the trace says that it lands.
type origin struct {
	bodies  *bodies
	now     func() time.Time
	signals *signals
	count   int // of servers

	mu      sync.Mutex
	servers *prove.Servers // guarded by mu
	server  string         // who gets the next request; guarded by mu
	held    []*gate        // requests not answered yet, oldest first; guarded by mu
	open    bool           // nothing is held any more; guarded by mu
}

// gate is a request that the servers have read and not answered.
type gate struct {
	url   string
	takes prove.Encodings
	open  chan struct{}
}

// do does a step of the deploy on the servers.
func (o *origin) do(step string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.servers.Do(step)
}

// fail makes a server stop working, or work again.
func (o *origin) fail(server string, down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.servers.Fail(server, down)
}

// next says which server gets the next requests; "": the first.
func (o *origin) next(server string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.server = server; server == "" {
		o.server = "s1"
	}
}

func (o *origin) chosen() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.server
}

// answer is what a server answers, when its time has come.
func (o *origin) answer(server string, r *http.Request) (status int, header http.Header, body []byte, err error) {
	o.mu.Lock()
	takes := prove.Encodings(r.Header.Get("Accept-Encoding"))
	status, header, id, err := o.servers.Answer(server, r.URL.EscapedPath(), r.URL.RawQuery, takes)
	g := &gate{url: r.URL.RequestURI(), takes: takes, open: make(chan struct{})}
	if o.open {
		close(g.open)
	} else {
		o.held = append(o.held, g)
	}
	o.mu.Unlock()
	o.signals.send(signal{kind: arrived, gate: g})
	select {
	case <-g.open:
	case <-r.Context().Done():
		return 0, nil, nil, r.Context().Err()
	}
	if err != nil {
		return 0, nil, nil, err
	}
	m := o.bodies.byID[id]
	header.Set("Date", o.now().UTC().Format(http.TimeFormat))
	header.Del("Content-Length")                                                                                // of a model of the bytes
	if tag := r.Header.Get("If-None-Match"); tag != "" && strings.TrimPrefix(tag, "W/") == header.Get("Etag") { // an edge that compresses weakens tags [CMP-08]
		return http.StatusNotModified, header, nil, nil
	}
	if body, err = o.bodies.in(id, header.Get("Content-Encoding")); err != nil {
		return 0, nil, nil, err
	}
	if mark := o.bodies.mark(id); mark != "" {
		header.Set(markHeader, mark)
	}
	header.Set("Content-Type", m.media)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return status, header, body, nil
}

// release answers the oldest request held for a URL, of which the query string may
// have been lost on the way, as may what is taken: one that takes the same comes first.
func (o *origin) release(url string, takes prove.Encodings) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	path, _, _ := strings.Cut(url, "?")
	for _, fits := range []func(g *gate) bool{
		func(g *gate) bool { return g.url == url && g.takes.Alike(takes) },
		func(g *gate) bool { return g.url == path && g.takes.Alike(takes) },
		func(g *gate) bool { return g.url == url },
		func(g *gate) bool { return g.url == path },
	} {
		if i := slices.IndexFunc(o.held, fits); i >= 0 {
			close(o.held[i].open)
			o.held = slices.Delete(o.held, i, i+1)
			return true
		}
	}
	return false
}

// let answers one request.
func (o *origin) let(g *gate) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.Index(o.held, g); i >= 0 {
		close(g.open)
		o.held = slices.Delete(o.held, i, i+1)
	}
}

// releaseAll answers all, from now on at once.
func (o *origin) releaseAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open = true
	for _, g := range o.held {
		close(g.open)
	}
	o.held = nil
}

// server is one of the servers as a handler.
func (o *origin) handler(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, header, body, err := o.answer(name, r)
		if err != nil {
			panic(http.ErrAbortHandler) // who asked has left, or the server is none of the deploy's
		}
		for field, values := range header {
			w.Header()[field] = values
		}
		w.WriteHeader(status)
		w.Write(body)
	})
}
