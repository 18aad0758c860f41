package replay

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"staleproof/scenarios"
	"staleproof/scenarios/prove"
)

// httpVisitor is a visitor who speaks HTTP: with the private cache that stories have,
// or without.
type httpVisitor struct {
	name    string
	client  *http.Client
	door    *counting
	st      *stage
	running sync.WaitGroup
	stop    context.CancelFunc
	ctx     context.Context
}

// counting sees whether a request left the visitor at all.
type counting struct {
	http.RoundTripper
	n atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.RoundTripper.RoundTrip(r)
}

// newHTTPVisitor is a visitor who asks through rt.
func newHTTPVisitor(st *stage, name string, kind prove.Kind, rt http.RoundTripper) (visitor, error) {
	v := &httpVisitor{name: name, st: st, door: &counting{RoundTripper: rt}}
	v.ctx, v.stop = context.WithCancel(context.Background())
	switch kind {
	case prove.Returning:
		v.client = scenarios.NewVisitor(v.door, st.clock.now)
	case prove.Fresh, prove.OldTab, prove.Twice, prove.BehindProxy, prove.BackButton, prove.Crawler, prove.Worker, prove.UncheckedWorker, prove.SkipWaitingWorker:
		v.client = &http.Client{Transport: v.door}
	default:
		return nil, inexpressible(fmt.Sprintf("a visitor of the kind %q", kind))
	}
	return v, nil
}

// ask asks in a goroutine, which ends with the answer or with the visitor.
func (v *httpVisitor) ask(_ context.Context, e *prove.Event) {
	v.running.Go(func() {
		before := v.door.n.Load()
		a, err := v.get(e.URL, e.Takes)
		if v.door.n.Load() == before {
			a.From = fromBrowser
		}
		v.st.signals.send(signal{kind: answered, visitor: v.name, answer: a, err: err})
	})
}

func (v *httpVisitor) get(url string, takes prove.Encodings) (Answer, error) {
	r, err := http.NewRequestWithContext(v.ctx, http.MethodGet, "http://site"+url, nil)
	if err != nil {
		return Answer{}, err
	}
	if takes != "" {
		r.Header.Set("Accept-Encoding", string(takes))
	}
	res, err := v.client.Do(r)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", v.name, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return Answer{}, fmt.Errorf("%s: read %s: %w", v.name, url, err)
	}
	coding := res.Header.Get("Content-Encoding")
	id, ok := v.st.bodies.identity(text, coding, res.Header.Get(markHeader))
	if !ok {
		return Answer{}, fmt.Errorf("%s: %s: bytes that no server has: %.60q", v.name, url, text)
	}
	return Answer{
		Visitor: v.name, Status: res.StatusCode, Body: id, Coding: coding,
		Result: strings.TrimSuffix(res.Header.Get("X-Cache"), " from cloudfront"),
	}, nil
}

// maxBody is more than any body has.
const maxBody = MaxOwnBytes + 1<<20

func (v *httpVisitor) close() error {
	v.stop()
	v.running.Wait()
	return nil
}
