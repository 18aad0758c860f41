package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// Response is what a page was given for a request.
type Response struct {
	URL    string
	Status int
	Header map[string]string // names in lower case
	Body   []byte            // nil with a status that is not 200
	Page   bool              // it is the document itself
	Source Source
	Err    error // the response did not come, or its body cannot be had
}

// Source says who gave a response.
type Source string

const (
	Network       Source = "network"
	DiskCache     Source = "disk cache"
	MemoryCache   Source = "memory cache"
	ServiceWorker Source = "service worker"
)

// Tab is a tab of a browser.
type Tab struct {
	heard   func(Response)
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup // every goroutine of this tab
	log     *log
	workers *workers
	held    *hold // nil: requests do not wait
}

// Tab opens a tab. heard is called for each response that its pages are given, when
// its body is whole, one after the other and in the order in which they ended.
func (b *Browser) Tab(ctx context.Context, heard func(Response)) (*Tab, error) {
	return b.tab(ctx, heard)
}

// Stranger opens a tab in a profile of its own, which is kept in memory and shares
// nothing with that of the browser: no cookies, no caches, no service workers. It is
// much cheaper than a browser.
func (b *Browser) Stranger(ctx context.Context, heard func(Response)) (*Tab, error) {
	return b.tab(ctx, heard, chromedp.WithNewBrowserContext())
}

func (b *Browser) tab(ctx context.Context, heard func(Response), options ...chromedp.ContextOption) (*Tab, error) {
	t := &Tab{heard: heard, log: newLog(), workers: newWorkers()}
	t.ctx, t.cancel = chromedp.NewContext(b.ctx, options...)
	stop := context.AfterFunc(ctx, t.cancel)
	defer stop()
	err := chromedp.Listen(t.ctx, func(ev any) { t.log.event(ev); t.workers.event(ev) })
	if err == nil {
		_, err = chromedp.Call(t.ctx, network.Enable, network.EnableParams{})
	}
	if err == nil {
		_, err = chromedp.Call(t.ctx, serviceworker.Enable, cdp.Empty{})
	}
	if err == nil {
		_, err = chromedp.Call(t.ctx, page.Enable, page.EnableParams{})
	}
	if err != nil {
		t.cancel()
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	t.running.Go(t.tell)
	return t, nil
}

// Accept says what the pages of the tab send as Accept-Encoding from now on, instead of
// what the browser has of its own. A response in another coding is then an error.
func (t *Tab) Accept(encodings string) error {
	h := network.Headers{"Accept-Encoding": encodings}
	if _, err := chromedp.Call(t.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: h}); err != nil {
		return fmt.Errorf("take %s: %w", encodings, err)
	}
	return nil
}

// Open goes to a URL as one does who types it: by way of an empty page, so that the
// same URL again is no reload. It returns when the response has begun.
func (t *Tab) Open(url string) error {
	if err := t.Leave(); err != nil {
		return err
	}
	return t.navigate(url)
}

// Leave goes to an empty page, so that no page of a site is open.
func (t *Tab) Leave() error { return t.navigate("about:blank") }

func (t *Tab) navigate(url string) error {
	r, err := chromedp.Call(t.ctx, page.Navigate, page.NavigateParams{URL: url})
	if err == nil && r.ErrorText != "" {
		err = errors.New(r.ErrorText)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", url, err)
	}
	return nil
}

// Back leaves the page for another one and comes back by the back button. A page that
// the browser has not kept and loads anew is an error that says why.
func (t *Tab) Back(ctx context.Context, away string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.ctx, cancel)()
	home, err := t.Run("location.href")
	if err != nil {
		return err
	}
	if err := t.navigate(away); err != nil {
		return err
	}
	back := make(chan *page.EventFrameNavigated, 1)
	var mu sync.Mutex // guards reasons
	var reasons []string
	listening, done := context.WithCancel(t.ctx)
	defer done()
	err = chromedp.Listen(listening, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *page.EventBackForwardCacheNotUsed:
			for _, x := range e.NotRestoredExplanations {
				reasons = append(reasons, string(x.Reason))
			}
		case *page.EventFrameNavigated:
			if address, _ := json.Marshal(e.Frame.URL); string(address) == home && e.Frame.ParentID == "" {
				select {
				case back <- e:
				default:
				}
			}
		}
	})
	if err != nil {
		return fmt.Errorf("go back: %w", err)
	}
	if _, err := t.Run("history.back()"); err != nil {
		return err
	}
	select {
	case e := <-back:
		mu.Lock()
		defer mu.Unlock()
		if e.Type != page.NavigationTypeBackForwardCacheRestore {
			return fmt.Errorf("go back: the page was loaded anew (%s)", strings.Join(reasons, ", "))
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("go back: %w", ctx.Err())
	}
}

// Run evaluates an expression in the page and waits for it if it is a promise. The
// result is decoded as JSON.
func (t *Tab) Run(expression string) (result string, err error) {
	yes := true
	r, err := chromedp.Call(t.ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, AwaitPromise: &yes, ReturnByValue: &yes, UserGesture: &yes,
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("run in the page: %w", err)
	case r.ExceptionDetails != nil:
		return "", fmt.Errorf("run in the page: %s", exception(r.ExceptionDetails))
	case r.Result == nil:
		return "", nil
	}
	return string(r.Result.Value), nil
}

// Close closes the tab, and forgets the profile of a stranger.
func (t *Tab) Close() error {
	t.cancel()
	t.running.Wait()
	return nil
}

func exception(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}
