package origin

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy/distribution"
)

const two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// socketOrigin answers each connection by do, with its number from 1, on a loopback
// socket, since only a socket can be looked at before it is used again.
func socketOrigin(t *testing.T, do func(c net.Conn, n int)) (tr *Transport, conns func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var n int
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			n++
			go do(c, n)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() { l.Close() })
	tr, err = New(distribution.Origin{ID: "web", URL: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr, func() int { mu.Lock(); defer mu.Unlock(); return n }
}

func readRequest(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err == nil {
		_, err = io.Copy(io.Discard, req.Body)
	}
	return err
}

func TestIdleLinks(t *testing.T) {
	for _, row := range []struct {
		name  string
		after string // what the origin does behind its first answer
		say   string
		conns int
	}{
		{"kept open, it is used again", "", "", 1},
		{"closed by the origin, the request goes out on another one", "close", "", 2},
		{"said something unasked, that is no answer to the next request", "", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			ready := make(chan bool)
			tr, conns := socketOrigin(t, func(c net.Conn, n int) {
				defer c.Close()
				r := bufio.NewReader(c)
				for readRequest(r) == nil {
					io.WriteString(c, two)
					if n > 1 {
						continue
					}
					<-ready
					io.WriteString(c, row.say)
					if row.after == "close" {
						c.Close()
					}
					ready <- true
				}
			})
			get := func() {
				t.Helper()
				res, err := tr.RoundTrip(request("GET", "/", ""))
				if err != nil {
					t.Fatal(err)
				}
				if b, err := io.ReadAll(res.Body); err != nil || string(b) != "ok" {
					t.Errorf("got %q, %v, want ok", b, err)
				}
			}
			get()
			ready <- true
			<-ready
			go func() { ready <- true; <-ready }() // if it is asked again
			get()
			if got := conns(); got != row.conns {
				t.Errorf("%d connections, want %d", got, row.conns)
			}
		})
	}
}

// What is behind an answer makes the link unusable, and is nobody's answer.
func TestMoreThanAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := saying(0, false, two+"more")
		tr := transport(t, p, distribution.Origin{})
		defer p.running.Wait()
		defer tr.CloseIdleConnections()
		for range 3 {
			if got := fetched(tr, p, request("GET", "/", "")); got.status != 200 || got.body != "ok" {
				t.Errorf("got %+v, want 200 ok", got)
			}
		}
		if p.conns != 3 {
			t.Errorf("%d connections, want one for each request", p.conns)
		}
	})
}

// gathering sends nothing until it is told to, and then all at once.
type gathering struct {
	net.Conn
	gathers bool
	all     []byte
}

func (c *gathering) Write(p []byte) (int, error) {
	if !c.gathers {
		return c.Conn.Write(p)
	}
	c.all = append(c.all, p...)
	return len(p), nil
}

// Over TLS what is behind an answer may have left the socket together with it. It is
// nobody's answer either.
func TestMoreThanAnnouncedOverTLS(t *testing.T) {
	cert, pool := certificate(t, "origin.example.com", time.Now().Add(time.Hour))
	for _, row := range []struct{ name, method, answer string }{
		{"a body that is longer than its length", "GET", two},
		{"a HEAD with a body", "HEAD", two[:len(two)-len("ok")]},
		{"a 304 with a body", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n"},
		{"chunks and more", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			tr, conns := socketOrigin(t, func(c net.Conn, n int) {
				defer c.Close()
				g := &gathering{Conn: c}
				s := tls.Server(g, &tls.Config{Certificates: []tls.Certificate{cert}})
				for r := bufio.NewReader(s); readRequest(r) == nil; {
					if n > 1 {
						io.WriteString(s, two)
						continue
					}
					g.gathers = true
					io.WriteString(s, row.answer) // a record each
					io.WriteString(s, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
					c.Write(g.all)
				}
			})
			tr.target.Scheme, tr.origin.Domain, tr.RootCAs = "https", "origin.example.com", pool
			for _, method := range []string{row.method, "GET"} {
				res, err := tr.RoundTrip(request(method, "/", ""))
				if err != nil {
					t.Fatal(err)
				}
				if b, err := io.ReadAll(res.Body); err != nil || string(b) != "ok" && len(b) > 0 {
					t.Errorf("%s: got %q, %v, want ok or nothing", method, b, err)
				}
			}
			if got := conns(); got != 2 {
				t.Errorf("%d connections, want 2", got)
			}
		})
	}
}

// A link over TLS that is quiet is used again.
func TestQuietLinksOverTLS(t *testing.T) {
	cert, pool := certificate(t, "origin.example.com", time.Now().Add(time.Hour))
	tr, conns := socketOrigin(t, func(c net.Conn, _ int) {
		defer c.Close()
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
		for r := bufio.NewReader(s); readRequest(r) == nil; {
			io.WriteString(s, two)
		}
	})
	tr.target.Scheme, tr.origin.Domain, tr.RootCAs = "https", "origin.example.com", pool
	for range 3 {
		res, err := tr.RoundTrip(request("GET", "/", ""))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); err != nil || string(b) != "ok" {
			t.Errorf("got %q, %v, want ok", b, err)
		}
	}
	if got := conns(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

func TestSomeoneWhoWaitsGetsTheLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := saying(time.Second, false, two)
		tr := transport(t, p, distribution.Origin{})
		defer p.running.Wait()
		defer tr.CloseIdleConnections()
		var all sync.WaitGroup
		began := time.Now()
		for range 3 * maxConns {
			all.Go(func() { fetched(tr, p, request("GET", "/", "")) })
		}
		all.Wait()
		if took := time.Since(began); p.conns != maxConns || took != 3*time.Second {
			t.Errorf("%d connections, %v; want %d and three rounds of a second", p.conns, took, maxConns)
		}
		if n := len(tr.links.idle); n != maxIdleConns || tr.links.count != n {
			t.Errorf("%d links are idle and %d counted, want %d", n, tr.links.count, maxIdleConns)
		}
	})
}

// A request that an origin answers by closing the connection is sent once more, however
// many links are idle, and also when they are all there may be.
func TestClosedAgainAndAgain(t *testing.T) {
	for _, links := range []int{1, 20, maxConns} {
		synctest.Test(t, func(t *testing.T) {
			p := &play{}
			p.do = func(c net.Conn, _ int) {
				for r := bufio.NewReader(c); p.read(r); {
					if strings.HasPrefix(p.last(), "GET /close") {
						return
					}
					time.Sleep(time.Second) // of the bubble
					io.WriteString(c, two)
				}
			}
			tr := transport(t, p, distribution.Origin{})
			defer p.running.Wait()
			defer tr.CloseIdleConnections()
			var all sync.WaitGroup
			for range links {
				all.Go(func() { fetched(tr, p, request("GET", "/", "")) })
			}
			all.Wait()
			want := outcome{status: 502, phase: "read head", detail: "OriginReadError", asked: links + 2}
			if got := fetched(tr, p, request("GET", "/close", "")); got != want {
				t.Errorf("%d links: got %+v, want %+v", links, got, want)
			}
		})
	}
}

func TestWhoGivesUpWaitingIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := saying(time.Minute, false, two)
		tr := transport(t, p, distribution.Origin{ReadTimeout: time.Hour})
		defer p.running.Wait()
		defer tr.CloseIdleConnections()
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range maxConns {
			all.Go(func() { fetched(tr, p, request("GET", "/", "")) })
		}
		synctest.Wait()
		for range 10 {
			all.Go(func() { fetched(tr, p, request("GET", "/", "").WithContext(ctx)) })
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if n := len(tr.links.waiting); n != 0 {
			t.Errorf("%d still wait, want none", n)
		}
		all.Wait()
		if p.requests() != maxConns {
			t.Errorf("%d requests, want %d", p.requests(), maxConns)
		}
	})
}

func TestLinksOfOtherNamesMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened int
		p := &pool{keepAlive: time.Minute, patience: time.Minute}
		p.open = func(_ context.Context, server string) (*link, error) {
			opened++
			c, _ := net.Pipe()
			return newLink(c, server, time.Second), nil
		}
		var taken []*link
		for range maxConns {
			l, _ := p.take(t.Context(), "a", false)
			taken = append(taken, l)
		}
		p.put(taken[0])
		if l, err := p.take(t.Context(), "b", false); err != nil || l.server != "b" || p.count != maxConns {
			t.Errorf("got %+v, %v with %d open, want one to b and %d", l, err, p.count, maxConns)
		}
		done := make(chan *link)
		go func() { l, _ := p.take(t.Context(), "c", false); done <- l }()
		synctest.Wait()
		p.put(taken[1])
		if l := <-done; l.server != "c" {
			t.Errorf("who waits for c got a link to %q", l.server)
		}
		go func() { l, _ := p.take(t.Context(), "a", true); done <- l }()
		synctest.Wait()
		p.put(taken[2])
		if l := <-done; l.server != "a" || l == taken[2] || p.count != maxConns {
			t.Errorf("who waits for a fresh link got the used one, or %d are counted", p.count)
		}
	})
}
