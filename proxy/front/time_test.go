package front

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble runs test in fake time, with a server whose connections are pipes. When
// the test returns the server is closed, and every goroutine must have ended.
func inBubble(t *testing.T, s *Server, test func(t *testing.T, connect func() *viewer)) {
	synctest.Test(t, func(t *testing.T) {
		l := newChannelListener()
		done := make(chan error)
		go func() { done <- s.Serve(l) }()
		test(t, func() *viewer {
			near, far := net.Pipe()
			l.conns <- far
			return &viewer{t, near, bufio.NewReader(near)}
		})
		s.Close()
		if err := <-done; err != http.ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
	})
}

// lasts measures how long it takes until the server closes v.
func (v *viewer) lasts() time.Duration {
	begin := time.Now()
	io.Copy(io.Discard, v.r)
	return time.Since(begin)
}

func between(t *testing.T, what string, got, low, high time.Duration) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s: got %v, want %v to %v", what, got, low, high)
	}
}

// TestIdleEnds: an idle connection is closed after IdleTimeout, the slack early at
// most, a new one too.
func TestIdleEnds(t *testing.T) {
	for _, before := range []int{0, 1, 50} {
		inBubble(t, &Server{Hitter: hitFunc(hits), Handler: miss}, func(t *testing.T, connect func() *viewer) {
			v := connect()
			for range before {
				v.send(get("/hit"))
				v.answer("GET")
				time.Sleep(100 * time.Millisecond) // of the bubble
			}
			between(t, "an idle connection", v.lasts(), 58*time.Second, 60*time.Second)
		})
	}
}

const posted = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"

// TestSlowHead: a head has ReadHeaderTimeout from its first byte, and gets no more
// by trickling.
func TestSlowHead(t *testing.T) {
	for _, row := range []struct {
		name   string
		before string
		every  time.Duration
	}{
		{"at once", "", time.Hour},
		{"trickling", "", 700 * time.Millisecond},
		{"after a hit", get("/hit"), 700 * time.Millisecond},
		{"behind a hit in the same segment", get("/hit") + "GE", time.Hour},
		{"after a body", posted, 700 * time.Millisecond},
		{"behind a body in the same segment", posted + "GE", time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			inBubble(t, &Server{Hitter: hitFunc(hits), Handler: miss}, func(t *testing.T, connect func() *viewer) {
				v := connect()
				if row.before != "" {
					go v.send(row.before)
					v.answer("GET")
				}
				begin := time.Now()
				closed := make(chan struct{})
				go func() {
					v.lasts()
					close(closed)
				}()
				for open := true; open; {
					go io.WriteString(v, "A")
					select {
					case <-time.After(row.every):
					case <-closed:
						open = false
					}
				}
				between(t, "a slow head", time.Since(begin), 10*time.Second, 10*time.Second)
				v.Close()
			})
		})
	}
}

// TestSlowHeads: a head that begins in the segment that ends a slow one has its own
// time.
func TestSlowHeads(t *testing.T) {
	inBubble(t, &Server{Hitter: hitFunc(hits), Handler: miss}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send("GE")
		time.Sleep(5 * time.Second)
		go v.send(get("/hit")[2:] + "GE")
		v.answer("GET")
		between(t, "the second head", v.lasts(), 10*time.Second, 10*time.Second)
	})
}

// TestSlowReader: a viewer who takes nothing, or next to nothing, is let go; one who
// takes a little now and then gets everything, from the Hitter, the Handler and
// net/http alike.
func TestSlowReader(t *testing.T) {
	giant := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		w.Write(large)
	})
	for _, row := range []struct{ name, request string }{
		{"a hit", get("/large")},
		{"a handler", get("/x")},
		{"net/http", "DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n"},
	} {
		t.Run(row.name+" stuck", func(t *testing.T) {
			inBubble(t, &Server{Hitter: hitFunc(hits), Handler: giant}, func(t *testing.T, connect func() *viewer) {
				v := connect()
				v.send(row.request)
				time.Sleep(62 * time.Second)
				if n, err := io.Copy(io.Discard, v.r); n > 64<<10 || err != nil {
					t.Errorf("got %d bytes more after the timeout, error %v, want a closed connection", n, err)
				}
			})
		})
		t.Run(row.name+" trickling", func(t *testing.T) {
			inBubble(t, &Server{Hitter: hitFunc(hits), Handler: giant}, func(t *testing.T, connect func() *viewer) {
				v := connect()
				v.send(row.request)
				began := time.Now()
				v.r = bufio.NewReaderSize(slow{v, 25 * time.Second}, 4000) // 160 bytes a second
				if n, _ := io.Copy(io.Discard, v.r); n >= int64(len(large)) {
					t.Errorf("got all %d bytes", n)
				}
				between(t, "a trickling reader", time.Since(began), 50*time.Second, 75*time.Second)
			})
		})
		t.Run(row.name+" slow", func(t *testing.T) {
			inBubble(t, &Server{Hitter: hitFunc(hits), Handler: giant}, func(t *testing.T, connect func() *viewer) {
				v := connect()
				v.send(row.request)
				v.r = bufio.NewReaderSize(slow{v, 25 * time.Second}, 20000) // 800 bytes a second
				_, body := v.answer("GET")
				if body != string(large) {
					t.Errorf("got %d bytes, want %d", len(body), len(large))
				}
				v.Close()
			})
		})
	}
}

// slow reads up to 20,000 bytes at a time, and pauses.
type slow struct {
	io.Reader
	pause time.Duration
}

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(s.pause)
	return io.ReadFull(s.Reader, p[:min(len(p), 20000)])
}

// TestViewerLeaves: the handler's context ends soon after its viewer has left, and
// not because the viewer has sent the next request.
func TestViewerLeaves(t *testing.T) {
	var took time.Duration
	var cause error
	ended := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		select {
		case <-r.Context().Done():
			cause = r.Context().Err()
		case <-time.After(3 * time.Second):
		}
		took = time.Since(begin)
		io.WriteString(w, "done")
		close(ended)
	})
	inBubble(t, &Server{Handler: h}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send(get("/x"))
		time.Sleep(time.Second)
		v.Close()
		<-ended
		between(t, "a handler whose viewer left", took, time.Second, time.Second+watchAfter)
		if !errors.Is(cause, context.Canceled) {
			t.Errorf("got %v, want the context cancelled", cause)
		}
	})
	ended = make(chan struct{})
	inBubble(t, &Server{Hitter: hitFunc(hits), Handler: h}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send(get("/x"))
		time.Sleep(time.Second)
		go v.send(get("/hit"))
		if _, body := v.answer("GET"); body != "done" {
			t.Errorf("got %q", body)
		}
		if _, body := v.answer("GET"); body != "hit /hit" {
			t.Errorf("the next request: got %q", body)
		}
		between(t, "a handler whose viewer stays", took, 3*time.Second, 3*time.Second)
		v.Close()
	})
}

// TestViewerLeavesLater is a viewer who leaves during the third request of his
// connection, after a quick one and a slow one.
func TestViewerLeavesLater(t *testing.T) {
	ended := make(chan time.Duration, 1)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		wait := map[string]time.Duration{"/quick": watchAfter / 2, "/slow": 2 * watchAfter, "/long": time.Minute}[r.URL.Path]
		select {
		case <-r.Context().Done():
		case <-time.After(wait):
		}
		io.WriteString(w, "done")
		if r.URL.Path == "/long" {
			ended <- time.Since(begin)
		}
	})
	inBubble(t, &Server{Handler: h}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		for _, path := range []string{"/quick", "/slow", "/quick"} {
			v.send(get(path))
			if _, body := v.answer("GET"); body != "done" {
				t.Errorf("%s: got %q", path, body)
			}
		}
		v.send(get("/long"))
		time.Sleep(time.Second)
		v.Close()
		between(t, "a handler whose viewer left", <-ended, time.Second, time.Second+watchAfter)
	})
}

// TestShutdown: idle connections are closed at once, a request in flight is
// answered and told to close, and then Shutdown returns.
func TestShutdown(t *testing.T) {
	for _, row := range []struct{ name, request string }{
		{"ours", get("/x")},
		{"ours, with a whole answer", get("/x?whole")},
		{"net/http's", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(20 * time.Second)
				if a, ok := w.(Answerer); ok && r.URL.RawQuery == "whole" {
					a.Answer(append(a.Room(), "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n"...), []byte("miss /x"))
					return
				}
				miss(w, r)
			})
			s := &Server{Hitter: hitFunc(hits), Handler: h}
			inBubble(t, s, func(t *testing.T, connect func() *viewer) {
				idle, unused, inFlight := connect(), connect(), connect()
				idle.send(get("/hit"))
				idle.answer("GET")
				inFlight.send(row.request)
				synctest.Wait()
				begin := time.Now()
				done := make(chan error)
				go func() { done <- s.Shutdown(t.Context()) }()
				between(t, "an idle connection", idle.lasts(), 0, 0)
				between(t, "an unused connection", unused.lasts(), 0, 0)
				res, body := inFlight.answer("GET")
				if !strings.HasPrefix(body, "miss /x") || !res.Close {
					t.Errorf("in flight: got %q, close %v, want an answer and the end", body, res.Close)
				}
				inFlight.ended()
				if err := <-done; err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				between(t, "Shutdown", time.Since(begin), 20*time.Second, 21*time.Second)
			})
		})
	}
}

// TestShutdownAfterTheHead: an answer that began before Shutdown did not say that
// it is the last one, and is all the same.
func TestShutdownAfterTheHead(t *testing.T) {
	s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		flush(w)
		time.Sleep(20 * time.Second)
	})}
	inBubble(t, s, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send(get("/x"))
		synctest.Wait()
		done := make(chan error)
		go func() { done <- s.Shutdown(t.Context()) }()
		if res, _ := v.answer("GET"); res.Close {
			t.Error("the head says close, want it sent before Shutdown")
		}
		between(t, "the connection after it", v.lasts(), 0, 0)
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// TestShutdownGivesUp: Shutdown returns with its context, and Close ends the rest.
func TestShutdownGivesUp(t *testing.T) {
	s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}
	inBubble(t, s, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send(get("/x"))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: got %v, want the context's error", err)
		}
	})
}
