package proxy_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// onSockets is an edge on a socket in front of an origin on another one. It tells of
// what is stored and refused.
type onSockets struct {
	url     string
	edge    *proxy.Edge
	fetched atomic.Int64
	kept    chan proxy.Event
	joined  chan proxy.Event
}

func newOnSockets(t *testing.T, h http.HandlerFunc) *onSockets {
	t.Helper()
	w := &onSockets{kept: make(chan proxy.Event, 100), joined: make(chan proxy.Event, 100)}
	origin := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.fetched.Add(1)
		h(rw, r)
	}))
	t.Cleanup(origin.Close)
	d, err := distribution.Simple(origin.URL, cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	w.edge, err = proxy.New(proxy.Config{Distributions: []*distribution.Distribution{d}, AnyHost: true, Observe: func(ev proxy.Event) {
		switch ev.Kind {
		case proxy.Kept, proxy.Refused:
			w.kept <- ev
		case proxy.Joined:
			w.joined <- ev
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &front.Server{Hitter: w.edge, Handler: w.edge}
	go s.Serve(l)
	t.Cleanup(func() { s.Close(); w.edge.Close() })
	w.url = "http://" + l.Addr().String()
	return w
}

func (w *onSockets) get(ctx context.Context, path string, headers ...string) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+path, nil)
	if err != nil {
		return nil, "", err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res, string(b), err
}

// A body that comes with its head is not spooled; nobody may notice.
func TestSmallAndLargeMissesLookAlike(t *testing.T) {
	w := newOnSockets(t, func(rw http.ResponseWriter, r *http.Request) {
		n := 1000
		if strings.HasPrefix(r.URL.Path, "/large") {
			n = 200_000
		}
		rw.Header().Set("Content-Type", "text/css")
		rw.Header().Set("Content-Length", fmt.Sprint(2*n))
		io.WriteString(rw, strings.Repeat("ab", n))
	})
	for _, coding := range []string{"identity", "gzip"} {
		seen := map[string]string{}
		for _, path := range []string{"/small", "/large"} {
			for _, cache := range []string{"Miss", "Hit"} {
				res, body, err := w.get(t.Context(), path+coding, "Accept-Encoding: "+coding)
				if err != nil {
					t.Fatal(err)
				}
				if coding == "gzip" {
					z, err := gzip.NewReader(strings.NewReader(body))
					if err != nil {
						t.Fatal(err)
					}
					b, err := io.ReadAll(z)
					if err != nil {
						t.Fatal(err)
					}
					body = string(b)
				}
				if strings.Trim(body, "ab") != "" || len(body) != map[string]int{"/small": 2000, "/large": 400_000}[path] {
					t.Errorf("%s, %s: a body of %d bytes that is not the origin's", path, coding, len(body))
				}
				framing := fmt.Sprint(res.TransferEncoding, res.ContentLength >= 0, res.Header["Content-Encoding"], res.Header["Vary"], res.Header.Get("X-Cache"))
				if !strings.Contains(framing, cache+" from cloudfront") {
					t.Errorf("%s, %s: got %s, want a %s", path, coding, framing, cache)
				}
				if seen[cache] == "" {
					seen[cache] = framing
				} else if seen[cache] != framing {
					t.Errorf("%s of a large object, %s: %s; of a small one: %s", cache, coding, framing, seen[cache])
				}
			}
		}
	}
}

// The viewer who began a flight runs it himself, and may leave all the same.
func TestTheFirstViewerOnASocketLeaves(t *testing.T) {
	for _, row := range []struct {
		name   string
		others int
	}{
		{"COND-10: others wait, and get the answer, which is stored", 3},
		{"COND-10: nobody waits, and the origin is left alone", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked, answer, ended := make(chan bool, 1), make(chan bool), make(chan bool, 1)
			w := newOnSockets(t, func(rw http.ResponseWriter, r *http.Request) {
				asked <- true
				select {
				case <-answer:
					io.WriteString(rw, "hello")
				case <-r.Context().Done():
					ended <- true
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			all.Go(func() {
				if _, _, err := w.get(ctx, "/a"); err == nil {
					t.Error("the one who left got an answer")
				}
			})
			<-asked
			for range row.others {
				all.Go(func() {
					if _, body, err := w.get(t.Context(), "/a"); err != nil || body != "hello" {
						t.Errorf("got %q, %v, want hello", body, err)
					}
				})
			}
			for range row.others {
				<-w.joined
			}
			cancel()
			if row.others == 0 {
				<-ended // the origin request was given up
				all.Wait()
				return
			}
			close(answer)
			all.Wait()
			if ev := <-w.kept; ev.Kind != proxy.Kept || w.fetched.Load() != 1 {
				t.Errorf("got %v after %d origin requests, want it stored after one", ev.Kind, w.fetched.Load())
			}
		})
	}
}

// Who waits for a small body gets a header of his own, and the one who began the flight
// changes nobody else's.
func TestEachViewerOfASmallBodyHasAHeaderOfHisOwn(t *testing.T) {
	const viewers = 8
	answer := make(chan bool)
	w := newOnSockets(t, func(rw http.ResponseWriter, r *http.Request) {
		<-answer
		rw.Header().Set("Via", "1.1 origin")
		io.WriteString(rw, "hello")
	})
	results, ids := make(chan string, viewers), make(chan string, viewers)
	var all sync.WaitGroup
	for range viewers {
		all.Go(func() {
			res, body, err := w.get(t.Context(), "/a")
			if err != nil || body != "hello" {
				t.Errorf("got %q, %v, want hello", body, err)
				return
			}
			if via := res.Header.Get("Via"); strings.Count(via, "CloudFront") != 1 || !strings.HasSuffix(via, ", 1.1 origin") || len(res.Header["X-Amz-Cf-Pop"]) != 1 {
				t.Errorf("got Via %q, X-Amz-Cf-Pop %q, want those of one answer", via, res.Header["X-Amz-Cf-Pop"])
			}
			results <- res.Header.Get("X-Cache")
			ids <- res.Header.Get("X-Amz-Cf-Id")
		})
	}
	for range viewers - 1 {
		<-w.joined
	}
	close(answer)
	all.Wait()
	close(results)
	close(ids)
	misses, seen := 0, map[string]bool{}
	for r := range results {
		if r == "Miss from cloudfront" {
			misses++
		}
	}
	for id := range ids {
		seen[id] = true
	}
	if misses != 1 || len(seen) != viewers {
		t.Errorf("%d misses and %d ids for %d viewers, want 1 and %d", misses, len(seen), viewers, viewers)
	}
}
