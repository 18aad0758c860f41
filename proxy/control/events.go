package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
)

// A listener hears something every heartbeat, and is given up when he takes nothing
// for writeTimeout. Both in network time.
const (
	heartbeat    = 15 * time.Second
	writeTimeout = 10 * time.Second
)

// events streams what happens as server-sent events, until the viewer leaves or the
// edge stops. The first line comes when the listening has begun.
func (d *Door) events(w http.ResponseWriter, r *http.Request) {
	want, err := d.readFilter(r)
	if err != nil {
		refuse(w, err)
		return
	}
	if d.Feed == nil {
		refuse(w, errors.New("this edge was made without a feed of events"))
		return
	}
	l, err := d.Feed.Listen(want.wants)
	if err != nil {
		refuse(w, refusal{http.StatusServiceUnavailable, err})
		return
	}
	defer l.End()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s := stream{w: w, control: http.NewResponseController(w)}
	err = s.send(": listening\n\n")
	var events []proxy.Event
	for err == nil {
		events, err = s.next(r.Context(), l, events)
	}
}

// stream is a listener's connection.
type stream struct {
	w       io.Writer
	control *http.ResponseController
	buf     strings.Builder
}

// next waits for events and sends them, or a heartbeat. The error says that it is
// over.
func (s *stream) next(ctx context.Context, l *proxy.Listener, into []proxy.Event) ([]proxy.Event, error) {
	patience, cancel := context.WithTimeout(ctx, heartbeat)
	events, lost, err := l.Next(patience, into)
	cancel()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return into, s.send(": still here\n\n")
	case err != nil:
		return nil, err
	}
	s.buf.Reset()
	for i := range events {
		s.add(string(events[i].Kind), eventOf(&events[i]))
	}
	if lost > 0 {
		s.add("dropped", Dropped{lost})
	}
	return events, s.send(s.buf.String())
}

func (s *stream) add(kind string, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		panic(err) // strings and numbers only
	}
	fmt.Fprintf(&s.buf, "event: %s\ndata: %s\n\n", kind, b)
}

func (s *stream) send(text string) error {
	s.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.control.Flush()
}

// kinds are the kinds of events that a listener may ask for.
var kinds = []proxy.EventKind{
	proxy.Arrived, proxy.Joined, proxy.Fetching, proxy.Replied, proxy.Kept, proxy.Refused, proxy.Answered, proxy.Warned, proxy.Invalidated,
	proxy.Lost, proxy.Reset,
}

// results are those of answers.
var results = []cachepolicy.Result{
	cachepolicy.Hit, cachepolicy.RefreshHit, cachepolicy.Miss, cachepolicy.Error, cachepolicy.Redirect,
	cachepolicy.FunctionGenerated, cachepolicy.LimitExceeded,
}

// filter is what a listener wants; what is empty wants all.
type filter struct {
	kinds             []proxy.EventKind
	distribution, pop string
	result            cachepolicy.Result
	url               string // pattern with * and ?; with a leading slash of path and query, else of the host, too
}

func (d *Door) readFilter(r *http.Request) (f filter, err error) {
	q := r.URL.Query()
	f = filter{distribution: q.Get("distribution"), result: cachepolicy.Result(q.Get("result")), url: q.Get("url")}
	if f.result != "" && !slices.Contains(results, f.result) {
		return f, fmt.Errorf("result: %q is none of %s", f.result, strings.Trim(fmt.Sprint(results), "[]"))
	}
	if pop := q.Get("pop"); pop != "" {
		edges, err := d.Network.Named(pop)
		if err != nil {
			return f, fmt.Errorf("pop: %w", err)
		}
		f.pop = edges[0].POP()
	}
	for _, list := range q["kind"] {
		for kind := range strings.SplitSeq(list, ",") {
			if !slices.Contains(kinds, proxy.EventKind(kind)) {
				return f, fmt.Errorf("kind: %q is none of %s", kind, strings.Trim(fmt.Sprint(kinds), "[]"))
			}
			f.kinds = append(f.kinds, proxy.EventKind(kind))
		}
	}
	return f, nil
}

// wants is called by the edge for each event.
func (f *filter) wants(ev *proxy.Event) bool {
	if len(f.kinds) > 0 && !slices.Contains(f.kinds, ev.Kind) || f.distribution != "" && f.distribution != ev.Distribution ||
		f.pop != "" && f.pop != ev.POP || f.result != "" && f.result != ev.Result {
		return false
	}
	if f.url == "" {
		return true
	}
	url := ev.URL
	if strings.HasPrefix(f.url, "/") {
		url = url[max(0, strings.IndexByte(url, '/')):]
	}
	return cachepolicy.MatchWildcard(f.url, url)
}
