package browser

import (
	"context"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// hold is requests that the pages of a tab have made and that wait until they are let
// go. A page has a few.
type hold struct {
	free func(url string) bool

	mu      sync.Mutex
	waiting map[string][]fetch.RequestID // by URL; guarded by mu
	want    string                       // the next request for it is let go; guarded by mu
	gone    chan struct{}                // closed when it is; guarded by mu
	left    bool                         // what comes is given up; guarded by mu
	ended   []ended                      // to be told to the browser; guarded by mu
	ready   chan struct{}                // of one: ended is not empty
}

// ended is a request that waits no more.
type ended struct {
	id      fetch.RequestID
	givenUp bool
}

// Hold makes each request of the tab's pages wait from now on, before it is looked for
// in the browser's cache, until [Tab.Let] names its URL. Those that free says so about
// do not wait. What workers ask for is not held. It is called once.
func (t *Tab) Hold(free func(url string) bool) error {
	t.held = &hold{free: free, waiting: map[string][]fetch.RequestID{}, ready: make(chan struct{}, 1)}
	if err := chromedp.Listen(t.ctx, t.held.event); err != nil {
		return fmt.Errorf("hold requests: %w", err)
	}
	t.running.Go(func() { t.held.letGo(t.ctx) })
	if _, err := chromedp.Call(t.ctx, fetch.Enable, fetch.EnableParams{}); err != nil {
		return fmt.Errorf("hold requests: %w", err)
	}
	return nil
}

// Let lets one request for a URL go: one that waits, or the next that comes. The channel
// is closed then. One that was named before and has not come is not waited for any more.
func (t *Tab) Let(url string) <-chan struct{} {
	h := t.held
	h.mu.Lock()
	defer h.mu.Unlock()
	h.want, h.gone, h.left = url, make(chan struct{}), false
	if all := h.waiting[url]; len(all) > 0 {
		h.waiting[url] = all[1:]
		h.letWanted(all[0])
	}
	return h.gone
}

// Drop gives up all requests that wait, as a page does that is left, and those that come
// until the next Let. It returns when the page waits for nothing any more.
func (t *Tab) Drop() error {
	h := t.held
	h.mu.Lock()
	h.left = true
	for _, ids := range h.waiting {
		for _, id := range ids {
			h.end(id, true)
		}
	}
	h.waiting = map[string][]fetch.RequestID{}
	h.mu.Unlock()
	_, err := t.Run(loaded)
	return err
}

// event takes an event in; chromedp wants it not to wait for anything.
func (h *hold) event(ev any) {
	e, ok := ev.(*fetch.EventRequestPaused)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch url := e.Request.URL; {
	case url == h.want:
		h.letWanted(e.RequestID)
	case h.free(url), h.left:
		h.end(e.RequestID, !h.free(url))
	default:
		h.waiting[url] = append(h.waiting[url], e.RequestID)
	}
}

// letWanted lets the request go that is wanted; it is called with mu held.
func (h *hold) letWanted(id fetch.RequestID) {
	h.want = ""
	close(h.gone)
	h.end(id, false)
}

// end is called with mu held.
func (h *hold) end(id fetch.RequestID, givenUp bool) {
	h.ended = append(h.ended, ended{id, givenUp})
	select {
	case h.ready <- struct{}{}:
	default:
	}
}

// letGo tells the browser which requests go on or end, until the tab is closed.
func (h *hold) letGo(ctx context.Context) {
	for {
		h.mu.Lock()
		all := h.ended
		h.ended = nil
		h.mu.Unlock()
		for _, x := range all {
			// One whose page is gone is not known any more.
			if x.givenUp {
				_, _ = chromedp.Call(ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: x.id, ErrorReason: network.ErrorReasonAborted})
			} else {
				_, _ = chromedp.Call(ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: x.id})
			}
		}
		select {
		case <-h.ready:
		case <-ctx.Done():
			return
		}
	}
}
