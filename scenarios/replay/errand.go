package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// skipPatience is how long a service worker that skips waiting may be installed and not
// active; then it waits.
const skipPatience = 5 * time.Second

// keeper is the service worker of a visitor with a browser, as the site sees it: the
// script is asked for here, and while it installs it is told what to fetch next.
type keeper struct {
	of      *surfer
	page    string // URL of the page whose bytes stand for the script
	version int    // of the worker that was installed last, or tried to be
	waits   bool

	mu      sync.Mutex
	allowed chan struct{} // closed while the script may be asked for; guarded by mu
	script  *scripted     // what it was answered with since then; guarded by mu

	ready chan struct{} // the worker asks what to fetch next
	order chan string   // the URL
	got   chan gotten   // what it was given
}

// scripted is an answer to a request for a script.
type scripted struct {
	once   sync.Once
	answer Answer
	media  string
	text   []byte
	err    error
}

// gotten is what a service worker was given for a file.
type gotten struct {
	status int
	body   []byte
	wrong  string // not "": it could not ask
}

func newKeeper(of *surfer) *keeper {
	return &keeper{of: of, allowed: make(chan struct{}), ready: make(chan struct{}), order: make(chan string), got: make(chan gotten)}
}

// door is where his worker asks what to fetch, and source is where its script is.
func (k *keeper) door() string   { return workersPath + url.PathEscape(k.of.name) }
func (k *keeper) source() string { return k.door() + "/worker.js" }

// begin gives a visitor the worker of release 1, which is there before anything is played.
func (k *keeper) begin(t *browser.Tab) error {
	st := k.of.st
	first := &scripted{media: "text/javascript", text: st.bodies.workerScript(k.of.kind, k.door(), st.manifests[0])}
	first.once.Do(func() {})
	k.allow(first)
	defer k.forbid()
	if err := t.Open(k.of.site + browser.CheckPath); err != nil {
		return err
	}
	_, err := t.Run(st.bodies.registerScript(k.source(), st.manifests[0]))
	w, _ := t.Newest()
	k.version = w.Version
	return err
}

// allow lets the browser ask for the script, and again: whoever asks is given the same.
// A check that the browser makes by itself waits until the trace has one.
func (k *keeper) allow(s *scripted) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.script = s
	close(k.allowed)
}

func (k *keeper) forbid() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.allowed = make(chan struct{})
}

// ServeHTTP answers what the browser of a visitor asks for his worker.
func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch r.PathValue("what") {
	case "worker.js":
		k.serveScript(w, r)
	case "next":
		select {
		case k.ready <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		select {
		case file := <-k.order:
			io.WriteString(w, file)
		case <-r.Context().Done():
		}
	case "got":
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		g := gotten{body: body, wrong: r.FormValue("wrong")}
		if err != nil {
			g.wrong = err.Error()
		}
		g.status, _ = strconv.Atoi(r.FormValue("status"))
		select {
		case k.got <- g:
		case <-r.Context().Done():
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (k *keeper) serveScript(w http.ResponseWriter, r *http.Request) {
	for {
		k.mu.Lock()
		allowed := k.allowed
		k.mu.Unlock()
		select {
		case <-allowed:
		case <-r.Context().Done():
			return
		}
		k.mu.Lock()
		s, still := k.script, k.allowed == allowed
		k.mu.Unlock()
		if !still {
			continue // too late: it was for the ones before
		}
		s.once.Do(func() { k.askFor(s) })
		if s.err != nil {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", s.media)
		w.Header().Set("Service-Worker-Allowed", "/")
		if s.answer.Status != 0 {
			w.WriteHeader(s.answer.Status)
		}
		w.Write(s.text)
		return
	}
}

// askFor asks the edge for the page that stands for the script.
func (k *keeper) askFor(s *scripted) {
	v := k.of
	r, err := http.NewRequest(http.MethodGet, "http://site"+k.page, nil)
	if err != nil {
		s.err = err
		return
	}
	res, err := v.edge.RoundTrip(r)
	if err != nil {
		s.err = err
		return
	}
	defer res.Body.Close()
	if s.text, s.err = io.ReadAll(io.LimitReader(res.Body, maxBody)); s.err != nil {
		return
	}
	s.media = res.Header.Get("Content-Type")
	s.answer = Answer{Visitor: v.name, Status: res.StatusCode}
	id, ok := v.st.bodies.identity(s.text, "", "")
	if !ok {
		s.err = fmt.Errorf("%s: bytes that no server has: %.60q", k.page, s.text)
		return
	}
	s.answer.Body = id
	if m := v.st.bodies.byID[id]; m.page && len(m.builds) > 0 && res.StatusCode == http.StatusOK {
		s.media, s.text = "text/javascript", v.st.bodies.workerScript(v.kind, k.door(), v.st.manifests[m.builds[0]-1])
	}
}

// check lets the browser look for a new script.
func (k *keeper) check(ctx context.Context, page string) (Answer, error) {
	k.page = page
	s := &scripted{}
	found, err := k.of.tab.Update(func() { k.allow(s) })
	k.forbid()
	switch {
	case err != nil:
		return Answer{}, err
	case s.err != nil:
		return Answer{}, s.err
	case s.answer.Status == 0:
		return Answer{}, errors.New("the browser has not asked for the script of its service worker")
	}
	a := s.answer
	a.Worker = prove.WorkerKept
	if found {
		a.Worker, err = k.became(ctx)
	}
	return a, err
}

// fetch lets the worker that is being installed fetch a file.
func (k *keeper) fetch(ctx context.Context, file string) (Answer, error) {
	select {
	case k.order <- file:
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("no service worker asks what to fetch: %w", ctx.Err())
	}
	a := Answer{Visitor: k.of.name}
	select {
	case g := <-k.got:
		if g.wrong != "" {
			return a, errors.New(g.wrong)
		}
		id, ok := k.of.st.bodies.identity(g.body, "", "")
		if !ok {
			return a, fmt.Errorf("%s: bytes that no server has: %.60q", file, g.body)
		}
		a.Status, a.Body = g.status, id
	case <-ctx.Done():
		return a, fmt.Errorf("the service worker says nothing of %s: %w", file, ctx.Err())
	}
	var err error
	a.Worker, err = k.became(ctx)
	return a, err
}

// became is what has become of the worker that is newer than the last: the browser says
// so, and the worker itself when it has more to fetch.
func (k *keeper) became(ctx context.Context) (string, error) {
	for skipping := (<-chan time.Time)(nil); ; {
		w, changed := k.of.tab.Newest()
		if w.Version > k.version {
			switch w.Status {
			case browser.Redundant:
				k.version = w.Version
				return prove.WorkerRefused, nil
			case browser.Activated:
				k.version = w.Version
				return prove.WorkerActive, nil
			case browser.Installed:
				if k.of.kind != prove.SkipWaitingWorker {
					k.version, k.waits = w.Version, true
					return prove.WorkerWaits, nil
				}
				if skipping == nil {
					skipping = time.After(skipPatience)
				}
			}
		}
		select {
		case <-changed:
		case <-k.ready:
			return prove.WorkerInstalls, nil
		case <-skipping:
			return prove.WorkerWaits, nil
		case <-ctx.Done():
			return "", fmt.Errorf("service worker %d is %s: %w", w.Version, w.Status, ctx.Err())
		}
	}
}

// closed waits until a worker that waits is active, since no page is open any more.
func (k *keeper) closed(ctx context.Context) error {
	for k.waits {
		w, changed := k.of.tab.Newest()
		if w.Version == k.version && w.Status == browser.Activated {
			k.waits = false
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("no page is open, and service worker %d is %s: %w", w.Version, w.Status, ctx.Err())
		}
	}
	return nil
}
