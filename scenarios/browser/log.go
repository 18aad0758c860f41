package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// log is what the network did, as events come in: requests under way, and those that
// have ended and were not told of yet. A page has a few.
type log struct {
	mu    sync.Mutex
	open  map[network.RequestID]*entry // guarded by mu
	ended []*entry                     // guarded by mu
	ready chan struct{}                // of one: something has ended
}

// entry is one request.
type entry struct {
	id       network.RequestID
	response Response
}

func newLog() *log {
	return &log{open: map[network.RequestID]*entry{}, ready: make(chan struct{}, 1)}
}

// event takes an event in; chromedp wants it not to wait for anything.
func (l *log) event(ev any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		l.open[e.RequestID] = &entry{e.RequestID, Response{
			URL: e.Request.URL, Page: e.Type == network.ResourceTypeDocument, Source: Network,
		}}
	case *network.EventRequestServedFromCache:
		if x := l.open[e.RequestID]; x != nil {
			x.response.Source = MemoryCache
		}
	case *network.EventResponseReceived:
		if x := l.open[e.RequestID]; x != nil {
			x.response.take(e.Response)
		}
	case *network.EventLoadingFinished:
		l.end(e.RequestID, nil)
	case *network.EventLoadingFailed:
		l.end(e.RequestID, errors.New(e.ErrorText))
	}
}

// end is called with mu held.
func (l *log) end(id network.RequestID, err error) {
	x := l.open[id]
	if x == nil {
		return
	}
	delete(l.open, id)
	if x.response.Status == 0 {
		x.response.Err = err
	}
	l.ended = append(l.ended, x)
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

func (l *log) take() *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ended) == 0 {
		return nil
	}
	x := l.ended[0]
	l.ended = l.ended[1:]
	return x
}

// take notes the head of a response.
func (r *Response) take(got *network.Response) {
	r.Status, r.Header = int(got.Status), map[string]string{}
	for name, value := range got.Headers {
		r.Header[strings.ToLower(name)] = fmt.Sprint(value)
	}
	switch {
	case got.FromServiceWorker:
		r.Source = ServiceWorker
	case r.Source == Network && (got.FromDiskCache || got.FromPrefetchCache):
		r.Source = DiskCache
	}
}

// loaded is done when the page has loaded.
const loaded = `new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))`

// tell tells of responses that have ended, until the tab is closed.
func (t *Tab) tell() {
	for {
		x := t.log.take()
		if x == nil {
			select {
			case <-t.log.ready:
				continue
			case <-t.ctx.Done():
				return
			}
		}
		if !strings.HasPrefix(x.response.URL, "http") {
			continue // about:blank, data:
		}
		r := x.response
		if r.Err == nil && r.Status == http.StatusOK {
			r.Body, r.Err = t.body(t.ctx, x.id)
		}
		if r.Err == nil && r.Page && t.held == nil {
			// The page's own scripts have run when it is told of.
			_, r.Err = t.Run(loaded)
		}
		t.heard(r)
	}
}

func (t *Tab) body(ctx context.Context, id network.RequestID) ([]byte, error) {
	got, err := chromedp.Call(ctx, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	if err != nil {
		return nil, fmt.Errorf("the body cannot be had: %w", err)
	}
	return got.Body, nil
}
