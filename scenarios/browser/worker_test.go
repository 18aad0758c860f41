package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/serviceworker"
)

// workerSite is a site with a service worker that keeps a file, in releases.
type workerSite struct{ release, scripts atomic.Int64 }

func (s *workerSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.release.Load()
	w.Header().Set("Cache-Control", "max-age=31536000")
	switch r.URL.Path {
	case "/worker.js":
		s.scripts.Add(1)
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, `
addEventListener('install', e => e.waitUntil(%d === 4 ? Promise.reject() : caches.open('%d').then(c => c.addAll(['/file']))))
addEventListener('fetch', e => { if (e.request.url.endsWith('/which')) e.respondWith(new Response('%d')) })
`, n, n, n)
	case "/file":
		fmt.Fprintf(w, "file of %d", n)
	default:
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><p>page`)
	}
}

// TestWhatServiceWorkersDo holds docs/REPLAY.md's table on service workers against
// Chromium.
func TestWhatServiceWorkersDo(t *testing.T) {
	if _, err := Find(""); err != nil {
		t.Skip(err)
	}
	s := &workerSite{}
	s.release.Store(1)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	home := "http://site.localhost:" + port + "/"
	b, err := Start(t.Context(), Options{Hosts: map[string]string{"site.localhost": "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	tab, err := b.Tab(t.Context(), func(Response) {})
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	run := func(expression, want string) {
		t.Helper()
		if got, err := tab.Run(expression); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", expression, got, err, want)
		}
	}
	open := func(how func(string) error) {
		t.Helper()
		if err := how(home); err != nil {
			t.Fatal(err)
		}
	}
	// is waits until worker n, from 1, is at a stage.
	is := func(n int, status serviceworker.VersionStatus) {
		t.Helper()
		for limit := time.After(time.Minute); ; {
			all, changed := tab.Workers()
			if len(all) >= n && all[n-1].Status == status {
				return
			}
			select {
			case <-changed:
			case <-limit:
				t.Fatalf("workers are %v, want number %d to be %s", all, n, status)
			}
		}
	}
	const which, ready = "fetch('/which').then(r => r.text())", "navigator.serviceWorker.ready.then(r => 1)"
	open(tab.Open)
	run("navigator.serviceWorker.register('/worker.js').then(() => 1)", "1")
	run(ready, "1")
	is(1, serviceworker.VersionStatusActivated)

	// After a navigation it looks for a new script by itself, which may be kept for a
	// year and is asked for anew; what it installs waits.
	s.release.Store(2)
	open(tab.Open)
	is(2, serviceworker.VersionStatusInstalled)
	if n := s.scripts.Load(); n != 2 {
		t.Errorf("the script was asked for %d times, want 2", n)
	}
	run(which, `"1"`)
	// addAll goes by way of the HTTP cache, fetch need not.
	run("caches.open('2').then(c => c.match('/file')).then(r => r.text())", `"file of 1"`)
	run("fetch('/file', {cache: 'no-store'}).then(r => r.text())", `"file of 2"`)
	// Another navigation in the same tab does not let it answer.
	open(tab.navigate)
	run(which, `"1"`)
	// When no page is open any more, it does.
	if err := tab.Leave(); err != nil {
		t.Fatal(err)
	}
	is(2, serviceworker.VersionStatusActivated)
	open(tab.Open)
	run(which, `"2"`)

	// One that is not installed leaves the one that waits where it is.
	s.release.Store(3)
	if found, err := tab.Update(func() {}); err != nil || !found {
		t.Errorf("found %v, %v", found, err)
	}
	is(3, serviceworker.VersionStatusInstalled)
	s.release.Store(4)
	if found, err := tab.Update(func() {}); err != nil || !found {
		t.Errorf("found %v, %v", found, err)
	}
	is(4, serviceworker.VersionStatusRedundant)
	run("navigator.serviceWorker.getRegistration().then(r => [r.installing, r.waiting, r.active].map(w => w?.state ?? ''))", `["","installed","activated"]`)
	if err := tab.Leave(); err != nil {
		t.Fatal(err)
	}
	is(3, serviceworker.VersionStatusActivated)
	open(tab.Open)
	run(which, `"3"`)
}
