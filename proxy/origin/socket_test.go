package origin

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What a real socket says of an origin, on a new link and on one that was idle.
func TestSocketsThatFail(t *testing.T) {
	reset := func(c net.Conn) {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	for _, row := range []struct {
		name    string
		then    func(c net.Conn) // once the last request has come
		want    error
		timeout bool
		conns   int // for two requests, of which the first is answered
	}{
		{"ORG-24: it closes without an answer", func(c net.Conn) { c.Close() }, ErrClosed, false, 2},
		{"ORG-24: it resets", reset, ErrClosed, false, 2},
		{"ORG-14: it is silent", func(net.Conn) {}, errSilent, true, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			tr, conns := socketOrigin(t, func(c net.Conn, n int) {
				t.Cleanup(func() { c.Close() })
				r := bufio.NewReader(c)
				for i := 1; readRequest(r) == nil; i++ {
					if n > 1 || i > 1 {
						row.then(c)
					} else {
						io.WriteString(c, two)
					}
				}
			})
			tr.origin.ConnectionAttempts = 1
			if res, err := tr.RoundTrip(request("GET", "/", "")); err != nil {
				t.Fatal(err)
			} else {
				io.Copy(io.Discard, res.Body)
			}
			if row.timeout {
				for _, l := range tr.links.idle {
					l.limit = time.Millisecond
				}
			}
			_, err := tr.RoundTrip(request("GET", "/", ""))
			var e *Error
			if !errors.As(err, &e) || e.Phase != Head || e.Timeout != row.timeout || !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v while the head is read", err, row.want)
			}
			if got := conns(); got != row.conns {
				t.Errorf("%d connections, want %d", got, row.conns)
			}
		})
	}
}

// A request that the socket does not take at once goes out all the same.
func TestRequestLargerThanTheSocketTakes(t *testing.T) {
	large := strings.Repeat("x", 256<<10)
	reads := make(chan bool)
	tr, _ := socketOrigin(t, func(c net.Conn, _ int) {
		defer c.Close()
		r := bufio.NewReader(c)
		for range reads {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			if req.Header.Get("X-Large") != large {
				t.Error("the origin got something else")
			}
			io.WriteString(c, two)
		}
	})
	defer close(reads)
	tr.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			c.(*net.TCPConn).SetWriteBuffer(4 << 10)
		}
		return c, err
	}
	for _, attempt := range []string{"first", "second"} {
		go func() { reads <- true }()
		req := request("GET", "/", "")
		req.Header.Set("X-Large", large)
		res, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatalf("%s: %v", attempt, err)
		}
		if b, err := io.ReadAll(res.Body); err != nil || string(b) != "ok" {
			t.Errorf("%s: got %q, %v, want ok", attempt, b, err)
		}
	}
}

func TestViewerLeavesWhileASocketIsRead(t *testing.T) {
	asked := make(chan bool)
	tr, _ := socketOrigin(t, func(c net.Conn, _ int) {
		t.Cleanup(func() { c.Close() })
		readRequest(bufio.NewReader(c))
		asked <- true
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	began := time.Now()
	_, err := tr.RoundTrip(request("GET", "/", "").WithContext(ctx))
	if took := time.Since(began); !errors.Is(err, context.Canceled) || took >= tr.origin.ReadTimeout {
		t.Errorf("after %v: %v, want that the viewer left before the origin was silent for too long", took, err)
	}
}
