package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestHold: what a page asks for waits until it is let go, in whatever order, and is
// given up when the page is left.
func TestHold(t *testing.T) {
	program, err := Find("")
	if err != nil {
		t.Skip(err)
	}
	var mu sync.Mutex
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.Path)
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(`<!doctype html><link rel=icon href=data:,><link rel=stylesheet href=a.css><script src=b.js onerror="new Image().src = 'late.svg'"></script><img src=c.svg>`))
		case "/next", "/free":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(`<!doctype html><link rel=icon href=data:,>`))
		case "/c.svg":
			w.Header().Set("Content-Type", "image/svg+xml")
			w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		}
	}))
	defer srv.Close()
	b, err := Start(t.Context(), Options{Program: program})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	heard := make(chan Response, 20)
	tab, err := b.Stranger(t.Context(), func(r Response) { heard <- r })
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if err := tab.Hold(func(url string) bool { return strings.HasSuffix(url, "/free") }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	wants := func(what string) {
		t.Helper()
		for {
			select {
			case r := <-heard:
				if r.Err != nil { // given up
					continue
				}
				if r.URL != srv.URL+what {
					t.Errorf("given %s, want %s", r.URL, what)
				}
			case <-ctx.Done():
				t.Fatalf("%s did not come", what)
			}
			return
		}
	}
	open := func(what string) {
		t.Helper()
		if err := tab.Open(srv.URL + what); err != nil {
			t.Fatal(err)
		}
		wants(what)
	}
	tab.Let(srv.URL + "/")
	open("/")
	for _, what := range []string{"/c.svg", "/a.css"} { // not in the order of the page
		select {
		case <-tab.Let(srv.URL + what):
			wants(what)
		case <-ctx.Done():
			t.Fatalf("the page does not ask for %s", what)
		}
	}
	if err := tab.Drop(); err != nil {
		t.Fatal(err)
	}
	open("/free")
	tab.Let(srv.URL + "/next")
	open("/next")
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"/", "/c.svg", "/a.css", "/free", "/next"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}
