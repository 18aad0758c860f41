package prove

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy"
)

// TestTracesOnAnEdge replays the traces of K1, K2, K5 and K7 on a real edge, from
// nothing but their JSON: visitors ask, servers answer at once or when the trace
// says so, steps are done. Whoever is shown the wrong bytes in the trace must be
// shown them by the edge.
func TestTracesOnAnEdge(t *testing.T) {
	replayed := 0
	for _, n := range []int{1, 2, 5, 7} {
		for i, row := range grids[n]().Cells {
			for j, c := range row {
				d := Deploy{Strategy: Strategies()[i], Mode: Modes()[j], CDN: K(n)}
				for _, v := range c.Verdicts {
					if v.Status != Refuted || v.Property == Binding || slices.ContainsFunc(v.Trace.Events, func(e Event) bool { return e.Actor == "others" }) {
						continue
					}
					replayed++
					text, err := json.Marshal(v.Trace)
					if err != nil {
						t.Fatal(err)
					}
					var problem string
					synctest.Test(t, func(t *testing.T) { problem = newReplay(t, d).play(text) })
					if problem != "" {
						t.Errorf("K%d %s / %s, %s %s sticky=%v: %s\n%s", n, c.Strategy, c.Mode, v.Property, v.Class, v.Sticky, problem, tell(v.Trace))
					}
				}
			}
		}
	}
	if replayed < 500 {
		t.Errorf("replayed %d traces", replayed)
	}
	t.Logf("replayed %d traces", replayed)
}

// replay is a trace under way on a real edge.
type replay struct {
	t       *testing.T
	edge    *proxy.Edge
	dist    string
	servers *Servers

	mu     sync.Mutex
	now    time.Time
	server string           // who gets the next request
	gates  []*replayGate    // requests that have not been answered
	views  map[string]*view // the last request of each visitor

	first   map[string]string        // by URL: the bytes of release 1
	workers map[string]*replayWorker // by visitor
}

type replayGate struct {
	path  string
	takes Encodings
	open  chan struct{}
}

type view struct {
	status int
	body   string
	done   bool
}

func newReplay(t *testing.T, d Deploy) *replay {
	r := &replay{t: t, now: epoch, views: map[string]*view{}, first: map[string]string{}, workers: map[string]*replayWorker{}}
	var err error
	if r.servers, err = NewServers(d); err != nil {
		t.Fatal(err)
	}
	e, dist := newEdge(t, d.CDN, proxy.Config{Now: func() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.now }}, r)
	r.edge, r.dist = e, dist.ID
	builds, err := d.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range builds[0].Files {
		r.first[f.url()] = f.Body
	}
	return r
}

// RoundTrip is the servers: the one that the trace names reads its answer when the
// request comes.
func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	server := r.server
	if server == "" {
		server = "s1"
	}
	status, header, body, err := r.servers.Answer(server, req.URL.EscapedPath(), req.URL.RawQuery, Encodings(req.Header.Get("Accept-Encoding")))
	g := &replayGate{strings.TrimSuffix(req.URL.EscapedPath()+"?"+req.URL.RawQuery, "?"), Encodings(req.Header.Get("Accept-Encoding")), make(chan struct{})}
	r.gates = append(r.gates, g)
	r.mu.Unlock()
	<-g.open
	if err != nil {
		return nil, err
	}
	res := httptest.NewRecorder()
	for name, values := range header {
		res.Header()[name] = values
	}
	if tag := req.Header.Get("If-None-Match"); tag != "" && sameTag(tag, header.Get("Etag")) {
		res.WriteHeader(http.StatusNotModified)
		return res.Result(), nil
	}
	res.WriteHeader(status)
	io.WriteString(res, body+padding(&reply{header: header}, body))
	return res.Result(), nil
}

func (r *replay) play(text []byte) string {
	defer r.close()
	var tr Trace
	if err := json.Unmarshal(text, &tr); err != nil {
		return err.Error()
	}
	for i := range tr.Events {
		if problem := r.event(&tr.Events[i]); problem != "" {
			return fmt.Sprintf("event %d: %s", i+1, problem)
		}
	}
	return ""
}

func (r *replay) event(e *Event) string {
	switch e.Kind {
	case Deployed:
		if err := r.servers.Do(e.Step); err != nil {
			return err.Error()
		}
	case Invalidated:
		if err := r.servers.Do(e.Step); err != nil {
			return err.Error()
		}
		if _, _, err := r.edge.Invalidate(r.dist, e.Items...); err != nil {
			return err.Error()
		}
	case Evicted:
		uri, _, _ := strings.Cut(strings.TrimPrefix(e.Key, "site "), "\n")
		r.edge.Forget(uri)
	case Advanced:
		r.mu.Lock()
		r.now = r.now.Add(time.Duration(e.Seconds) * time.Second)
		r.mu.Unlock()
	case Navigated, Requested:
		if problem, local := r.worker(e).answer(e); local {
			return problem
		}
		return r.request(e)
	case WorkerChecked, WorkerFetched:
		problem := r.request(e)
		r.worker(e).note(e)
		return problem
	case Failed, Recovered:
		r.servers.Fail(e.Server, e.Kind == Failed)
	case Restored:
		if v := r.views[e.Actor]; v == nil || !v.done {
			return e.Actor + " has no page to come back to"
		}
	case Landed:
		r.openGate(e)
		for _, visitor := range e.For {
			if problem := r.shown(visitor, e); problem != "" {
				return problem
			}
			if w := r.workers[visitor]; w != nil {
				w.note(e)
			}
		}
	}
	return ""
}

// replayWorker is a service worker: the bytes that it has by URL, and those of a
// release that it installs.
type replayWorker struct{ active, next map[string]string }

func (r *replay) worker(e *Event) *replayWorker {
	if !e.Visitor.HasWorker() {
		return nil
	}
	if r.workers[e.Actor] == nil {
		r.workers[e.Actor] = &replayWorker{active: maps.Clone(r.first), next: map[string]string{}}
	}
	return r.workers[e.Actor]
}

// note takes in what the network gave.
func (w *replayWorker) note(e *Event) {
	switch {
	case e.Worker == WorkerRefused:
		clear(w.next)
	case e.Worker != "" && e.Worker != WorkerKept && e.Kind != WorkerChecked:
		w.next[e.URL] = e.Body
	}
	if e.Worker == WorkerWaits {
		w.next["waits"] = ""
	} else if e.Worker == WorkerActive {
		maps.Copy(w.active, w.next)
		clear(w.next)
	}
}

// answer is what a worker does about a request, if it answers it.
func (w *replayWorker) answer(e *Event) (problem string, local bool) {
	if w == nil {
		return "", false
	}
	if _, waits := w.next["waits"]; waits && e.Kind == Navigated {
		maps.Copy(w.active, w.next)
		clear(w.next)
	}
	if e.From == "browser" && w.active[e.URL] != e.Body {
		problem = fmt.Sprintf("the worker has %q for %s, want %q", w.active[e.URL], e.URL, e.Body)
	}
	return problem, e.From == "browser"
}

// request lets a visitor ask the edge; the answer comes now unless the trace
// leaves it under way.
func (r *replay) request(e *Event) string {
	r.server = e.Server
	v := &view{}
	r.views[e.Actor] = v
	go func() {
		res, err := r.edge.RoundTrip(asking(e.URL, e.Takes))
		if err != nil {
			return
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		*v = view{res.StatusCode, strings.TrimRight(decoded(string(b), res.Header.Get("Content-Encoding")), " "), true}
	}()
	synctest.Wait()
	if e.From == "flight" {
		if v.done {
			return "the edge has answered already"
		}
		return ""
	}
	r.openGate(e)
	return r.shown(e.Actor, e)
}

// openGate answers the oldest request for the URL of an event, if there is one, rather
// one that takes what the event says.
func (r *replay) openGate(e *Event) {
	path, _, _ := strings.Cut(e.URL, "?")
	best := -1
	for i, g := range r.gates {
		if (g.path == e.URL || g.path == path) && (best < 0 || !r.gates[best].takes.Alike(e.Takes) && g.takes.Alike(e.Takes)) {
			best = i
		}
	}
	if best >= 0 {
		close(r.gates[best].open)
		r.gates = slices.Delete(r.gates, best, best+1)
	}
	synctest.Wait()
}

func (r *replay) shown(visitor string, e *Event) string {
	if v := r.views[visitor]; !v.done || v.status != e.Status || v.body != e.Body {
		return fmt.Sprintf("%s was shown %+v, want %d %q", visitor, *v, e.Status, e.Body)
	}
	return ""
}

func (r *replay) close() {
	for synctest.Wait(); len(r.gates) > 0; synctest.Wait() {
		for _, g := range r.gates {
			close(g.open)
		}
		r.gates = nil
	}
	if err := r.edge.Close(); err != nil {
		r.t.Error(err)
	}
	synctest.Wait()
}
