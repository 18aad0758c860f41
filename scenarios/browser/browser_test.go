package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// TestLog has what the network of a page tells, and what is made of it.
func TestLog(t *testing.T) {
	sent := &network.EventRequestWillBeSent{RequestID: "1", Request: &network.Request{URL: "http://site/css"}}
	got := &network.Response{Status: 200, Headers: network.Headers{"X-Cache": "Hit from cloudfront"}}
	with := func(change func(*network.Response)) *network.Response {
		r := *got
		change(&r)
		return &r
	}
	rows := []struct {
		name   string
		events []any
		want   string
	}{
		{"over the network", []any{sent, &network.EventResponseReceived{RequestID: "1", Response: got}, &network.EventLoadingFinished{RequestID: "1"}}, "200 network Hit from cloudfront"},
		{"from disk", []any{sent, &network.EventResponseReceived{RequestID: "1", Response: with(func(r *network.Response) { r.FromDiskCache = true })}, &network.EventLoadingFinished{RequestID: "1"}}, "200 disk cache Hit from cloudfront"},
		{"from memory", []any{sent, &network.EventRequestServedFromCache{RequestID: "1"}, &network.EventResponseReceived{RequestID: "1", Response: got}, &network.EventLoadingFinished{RequestID: "1"}}, "200 memory cache Hit from cloudfront"},
		{"by a service worker", []any{sent, &network.EventResponseReceived{RequestID: "1", Response: with(func(r *network.Response) { r.FromServiceWorker = true })}, &network.EventLoadingFinished{RequestID: "1"}}, "200 service worker Hit from cloudfront"},
		{"never", []any{sent, &network.EventLoadingFailed{RequestID: "1", ErrorText: "net::ERR_FAILED"}}, "0 network  net::ERR_FAILED"},
		{"refused by the page after it came", []any{sent, &network.EventResponseReceived{RequestID: "1", Response: got}, &network.EventLoadingFailed{RequestID: "1", ErrorText: "x"}}, "200 network Hit from cloudfront"},
		{"still under way", []any{sent}, "nothing"},
		{"of a request from before", []any{&network.EventLoadingFinished{RequestID: "0"}}, "nothing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l := newLog()
			for _, e := range row.events {
				l.event(e)
			}
			text := "nothing"
			if x := l.take(); x != nil {
				text = fmt.Sprintf("%d %s %s", x.response.Status, x.response.Source, x.response.Header["x-cache"])
				if x.response.Err != nil {
					text += " " + x.response.Err.Error()
				}
			}
			if text != row.want {
				t.Errorf("%s, want %s", text, row.want)
			}
		})
	}
}

// site is a server that counts, and changes its style sheet after it was asked once.
type site struct {
	*httptest.Server
	check Check

	mu    sync.Mutex
	asked map[string]int // by path; guarded by mu
}

func newSite(t *testing.T) *site {
	s := &site{asked: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Server.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked[r.URL.Path]++
	n := s.asked[r.URL.Path]
	s.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, CheckPath) {
		s.check.ServeHTTP(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, ".css") {
		w.Header().Set("Content-Type", "text/css")
		switch r.URL.Path {
		case "/heuristic.css":
			w.Header().Set("Last-Modified", time.Now().Add(-1000*time.Hour).UTC().Format(http.TimeFormat))
		case "/tagged.css":
			w.Header().Set("Etag", fmt.Sprintf(`"%d"`, n))
		case "/year.css":
			w.Header().Set("Cache-Control", "max-age=31536000")
		}
		fmt.Fprintf(w, "p { order: %d }", n)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Cache-Control", "no-cache")
	io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><link rel="stylesheet" href="/heuristic.css">
<link rel="stylesheet" href="/tagged.css"><link rel="stylesheet" href="/year.css"><p>page`)
}

// counts are how often each file was asked for.
func (s *site) counts() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("page %d, heuristic %d, tagged %d, year %d", s.asked["/"], s.asked["/heuristic.css"], s.asked["/tagged.css"], s.asked["/year.css"])
}

// TestWhatBrowsersDo holds docs/REPLAY.md's table of differences against Chromium.
func TestWhatBrowsersDo(t *testing.T) {
	if _, err := Find(""); err != nil {
		t.Skip(err)
	}
	s := newSite(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	b, err := Start(t.Context(), Options{Hosts: map[string]string{"site.localhost": "127.0.0.1", "site.test": "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	pages := make(chan Response, 10)
	tab, err := b.Tab(t.Context(), func(r Response) {
		if r.Page {
			pages <- r
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	home := "http://site.localhost:" + port + "/"
	steps := []struct {
		what, run string // run: in the page, when it is not opened
		loads     bool
		want      string
	}{
		{"the first view asks for everything", "", true, "page 1, heuristic 1, tagged 1, year 1"},
		{"a second view: Last-Modified is kept, an entity tag alone is not", "", true, "page 2, heuristic 1, tagged 2, year 1"},
		{"a reload asks for the document and what has no lifetime", "location.reload()", true, "page 3, heuristic 1, tagged 3, year 1"},
	}
	for _, step := range steps {
		if step.run == "" {
			err = tab.Open(home)
		} else {
			_, err = tab.Run(step.run)
		}
		if err != nil {
			t.Fatal(err)
		}
		if r := <-pages; r.Err != nil {
			t.Fatal(r.Err)
		}
		if got := s.counts(); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
	t.Run("a stranger shares nothing", func(t *testing.T) {
		stranger, err := b.Stranger(t.Context(), func(r Response) {
			if r.Page {
				pages <- r
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		if err := stranger.Open(home); err != nil {
			t.Fatal(err)
		}
		<-pages
		if got, want := s.counts(), "page 4, heuristic 2, tagged 4, year 2"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
	t.Run("back restores a page that is no-cache, and asks nobody", func(t *testing.T) {
		if err := tab.navigate(home); err != nil {
			t.Fatal(err)
		}
		<-pages
		want := s.counts()
		if err := tab.Back(t.Context(), strings.TrimSuffix(home, "/")+CheckPath); err != nil {
			t.Error(err)
		}
		<-pages
		if got := s.counts(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
	t.Run("the look at a browser", func(t *testing.T) {
		if err := s.check.Run(tab, strings.TrimSuffix(home, "/")); err != nil {
			t.Error(err)
		}
		err := s.check.Run(tab, "http://site.test:"+port) // no secure context
		if err == nil || !strings.Contains(err.Error(), "service workers of this browser are off: \"there are none\"") {
			t.Error(err)
		}
	})
}
