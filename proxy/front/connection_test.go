package front

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// loopback serves s on a real socket and returns its address.
func loopback(t testing.TB, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, s, l)
	return l.Addr().String()
}

// viewer is a viewer's end of a connection.
type viewer struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *viewer {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &viewer{t, c, bufio.NewReader(c)}
}

func (v *viewer) send(s string) {
	v.t.Helper()
	if _, err := io.WriteString(v, s); err != nil {
		v.t.Fatalf("send %.80q: %v", s, err)
	}
}

// answer reads a response to a request with method.
func (v *viewer) answer(method string) (*http.Response, string) {
	v.t.Helper()
	res, err := http.ReadResponse(v.r, &http.Request{Method: method})
	if err != nil {
		v.t.Fatalf("read a response: %v", err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatalf("read a body: %v", err)
	}
	return res, string(body)
}

// ended wants the server to have closed the connection.
func (v *viewer) ended() {
	v.t.Helper()
	if b, err := v.r.ReadByte(); err == nil || errors.Is(err, context.DeadlineExceeded) {
		v.t.Errorf("got byte %q, error %v, want the end of the connection", b, err)
	}
}

func get(path string, fields ...string) string {
	s := "GET " + path + " HTTP/1.1\r\nHost: a\r\n"
	for _, f := range fields {
		s += f + "\r\n"
	}
	return s + "\r\n"
}

// hits answers /hit… with its path, and /large with a body of largeBytes.
func hits(dst []byte, r *Request) (head, body []byte, ok bool) {
	switch {
	case r.Path == "/large":
		body = large
	case strings.HasPrefix(r.Path, "/hit"):
		body = []byte("hit " + r.Path)
	default:
		return nil, nil, false
	}
	return fmt.Appendf(dst, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n", len(body)), body, true
}

var large = []byte(strings.Repeat("0123456789abcdef", 1<<16))

// miss is a Handler that echoes what it was asked.
var miss = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "miss %s %s", r.URL.Path, body)
})

// TestKeepAlive: hits and misses share a connection, in order, also pipelined, and
// large bodies and heads do not disturb it.
func TestKeepAlive(t *testing.T) {
	v := dial(t, loopback(t, &Server{Hitter: hitFunc(hits), Handler: miss}))
	wide := "X: " + strings.Repeat("x", 9000)
	stream := []struct{ request, body string }{
		{get("/hit1"), "hit /hit1"}, {get("/1"), "miss /1 "}, {get("/2", wide), "miss /2 "},
		{get("/hit2", wide), "hit /hit2"}, {get("/large"), string(large)}, {get("/hit3"), "hit /hit3"},
		{get("/large"), string(large)}, {get("/3"), "miss /3 "},
	}
	check := func(how, body, want string) {
		t.Helper()
		if body != want {
			t.Errorf("%s: got %.40q, want %.40q", how, body, want)
		}
	}
	for _, s := range stream {
		v.send(s.request)
		_, body := v.answer("GET")
		check("one by one", body, s.body)
	}
	var all string
	for _, s := range stream {
		all += s.request
	}
	go v.send(all)
	for _, s := range stream {
		_, body := v.answer("GET")
		check("pipelined", body, s.body)
	}
}

// TestCutAnywhere: two requests are answered alike wherever the stream is cut into
// segments.
func TestCutAnywhere(t *testing.T) {
	s := &Server{Hitter: hitFunc(hits), Handler: miss}
	l := newChannelListener()
	serveOn(t, s, l)
	run := func(pieces ...[]byte) string {
		c := newScripted(pieces...)
		l.conns <- c
		<-c.closed
		return dateless(c.output())
	}
	for _, stream := range []string{
		get("/hit1", "X: y") + get("/hit2", "X: y"), get("/1") + get("/hit2"), get("/hit1") + get("/2") + get("/hit3"),
	} {
		want := run([]byte(stream))
		if n := strings.Count(want, "200 OK"); n < 2 {
			t.Fatalf("stream %q: got %d answers", stream, n)
		}
		for i := range stream {
			if got := run([]byte(stream[:i]), []byte(stream[i:])); got != want {
				t.Fatalf("stream %q cut after %d bytes\n got %q\nwant %q", stream, i, got, want)
			}
		}
	}
}

// TestClose: what makes a connection end after an answer, and what the server says
// then.
func TestClose(t *testing.T) {
	for _, row := range []struct {
		name, request string
		say           bool
		connection    string
		ends          bool
	}{
		{"a hit goes on", get("/hit"), false, "", false},
		{"ERR-07: a hit says so if wanted", get("/hit"), true, "keep-alive", false},
		{"ERR-07: a miss says so if wanted", get("/x"), true, "keep-alive", false},
		{"a viewer closes after a hit", get("/hit", "Connection: close"), true, "close", true},
		{"a viewer closes after a miss", get("/x", "Connection: a, CLOSE"), true, "close", true},
		{"HTTP/1.0 ends", "GET /x HTTP/1.0\r\nHost: a\r\n\r\n", false, "close", true},
		{"a malformed request ends", "GET\r\n\r\n", false, "close", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := dial(t, loopback(t, &Server{Hitter: hitFunc(hits), Handler: miss, SayKeepAlive: row.say}))
			v.send(row.request)
			res, _ := v.answer("GET")
			got := res.Header.Get("Connection")
			if res.Close {
				got = "close" // http.ReadResponse takes it out
			}
			if got != row.connection {
				t.Errorf("request %q: got Connection %q, want %q", row.request, got, row.connection)
			}
			if row.ends {
				v.ended()
				return
			}
			v.send(get("/hit"))
			v.answer("GET")
		})
	}
}

// TestHeadHasNoBody: ERR-16: HEAD gets the head of GET, from both.
func TestHeadHasNoBody(t *testing.T) {
	v := dial(t, loopback(t, &Server{Hitter: hitFunc(hits), Handler: miss}))
	for _, path := range []string{"/hit", "/large", "/x"} {
		v.send(strings.Replace(get(path), "GET", "HEAD", 1) + get(path))
		head, none := v.answer("HEAD")
		whole, body := v.answer("GET")
		if none != "" || head.ContentLength != int64(len(body)) || head.Status != whole.Status {
			t.Errorf("HEAD %s: got %d bytes, length %d, want 0, %d", path, len(none), head.ContentLength, len(body))
		}
	}
}

// TestHandOn: net/http has what is not ours, on the same connection, and all that
// comes after it.
func TestHandOn(t *testing.T) {
	for _, row := range []struct{ name, request, body string }{
		{"a body with a length", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "miss /p abc"},
		{"chunks", "PUT /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "miss /p x"},
		{"METH-08: GET with a body", "GET /hit HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", "miss /hit {}"},
		{"a method without a body", "DELETE /p HTTP/1.1\r\nHost: a\r\n\r\n", "miss /p "},
		{"METH-04: an unknown method", "FOO /p HTTP/1.1\r\nHost: a\r\n\r\n", "miss /p "},
		{"absolute form", "GET http://b/hit HTTP/1.1\r\nHost: a\r\n\r\n", "miss /hit "},
		{"PROT-08: an upgrade", get("/hit", "Connection: Upgrade", "Upgrade: websocket"), "miss /hit "},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := dial(t, loopback(t, &Server{Hitter: hitFunc(hits), Handler: miss}))
			v.send(get("/hit") + row.request + get("/hit"))
			for _, want := range []string{"hit /hit", row.body, "miss /hit "} {
				if _, body := v.answer("GET"); body != want {
					t.Errorf("got %q, want %q", body, want)
				}
			}
		})
	}
}

// finishes writes down what it is told.
type finishes struct {
	hitFunc
	mu   sync.Mutex
	told []string // guarded by mu
	more chan struct{}
}

func (f *finishes) Sent(note any, bytes int64, err error) {
	f.mu.Lock()
	f.told = append(f.told, fmt.Sprint(note, " ", bytes, " ", err != nil))
	f.mu.Unlock()
	f.more <- struct{}{}
}

// TestSent: LOG-20: the Hitter learns how many bytes went, and that a viewer left.
func TestSent(t *testing.T) {
	f := &finishes{more: make(chan struct{})}
	f.hitFunc = func(dst []byte, r *Request) (head, body []byte, ok bool) {
		r.Note = strings.Clone(r.Path)
		if r.Path == "/endless" {
			return append(dst, "HTTP/1.1 200 OK\r\n"...), make([]byte, 64<<20), true
		}
		return hits(dst, r)
	}
	v := dial(t, loopback(t, &Server{Hitter: f, Handler: miss}))
	v.send(get("/hit"))
	v.answer("GET")
	<-f.more
	v.send(get("/endless"))
	v.Close()
	<-f.more
	f.mu.Lock()
	defer f.mu.Unlock()
	whole := fmt.Sprint("/hit ", len("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhit /hit"), " false")
	if f.told[0] != whole || !strings.HasSuffix(f.told[1], " true") {
		t.Errorf("got %q, want %q and one that was cut", f.told, whole)
	}
}

// TestHalfClose: a viewer who sends a request and no more gets the answer, and
// the connection is closed long before it would be as an idle one, also when the
// end came with the bytes of a later request.
func TestHalfClose(t *testing.T) {
	addr := loopback(t, &Server{Hitter: hitFunc(hits), Handler: miss, IdleTimeout: -1})
	for _, before := range []int{0, 1, 2} {
		t.Run(fmt.Sprint("after ", before, " requests"), func(t *testing.T) {
			v := dial(t, addr)
			for range before {
				v.send(get("/hit"))
				v.answer("GET")
			}
			v.send(get("/hit"))
			v.Conn.(*net.TCPConn).CloseWrite()
			v.answer("GET")
			v.ended()
		})
	}
}

// TestHitterPanics: a broken Hitter costs its viewer the connection, and nobody
// else.
func TestHitterPanics(t *testing.T) {
	s := &Server{Handler: miss, ErrorLog: quiet, Hitter: hitFunc(func(dst []byte, r *Request) (head, body []byte, ok bool) {
		if r.Path == "/panic" {
			panic("as the test wants")
		}
		return hits(dst, r)
	})}
	addr := loopback(t, s)
	v, other := dial(t, addr), dial(t, addr)
	v.send(get("/panic"))
	v.ended()
	other.send(get("/hit"))
	other.answer("GET")
}

// TestTimeoutsOnSockets: plain sockets keep the deadlines that pipes keep in
// TestIdleEnds, TestSlowHead and TestSlowReader.
func TestTimeoutsOnSockets(t *testing.T) {
	const short = 50 * time.Millisecond
	for _, row := range []struct {
		name    string
		server  *Server
		request string
	}{
		{"an idle connection", &Server{IdleTimeout: short}, ""},
		{"an idle connection after a hit", &Server{IdleTimeout: short}, get("/hit")},
		{"an idle connection after two hits", &Server{IdleTimeout: short}, get("/hit") + get("/hit")},
		{"a slow head", &Server{ReadHeaderTimeout: short}, "GET / HT"},
		{"a slow head after a hit", &Server{ReadHeaderTimeout: short}, get("/hit") + "GET / HT"},
		{"a slow reader", &Server{WriteTimeout: short}, strings.Repeat(get("/large"), 100)},
	} {
		t.Run(row.name, func(t *testing.T) {
			sent := make(chan error, 1000)
			row.server.Hitter, row.server.Handler = sentErr{hits, sent}, miss
			v := dial(t, loopback(t, row.server))
			v.send(row.request)
			if row.name == "a slow reader" {
				for err := range sent {
					if err != nil {
						return
					}
				}
			}
			io.Copy(io.Discard, v.r) // ends when the server closes
		})
	}
}

// sentErr is a Hitter that hands on the errors it is told.
type sentErr struct {
	hitFunc
	errs chan error
}

func (s sentErr) Sent(note any, bytes int64, err error) { s.errs <- err }

// TestEndBeforeTheBeginning: a server that is stopped before it serves never does.
func TestEndBeforeTheBeginning(t *testing.T) {
	for name, end := range map[string]func(*Server) error{
		"Close": (*Server).Close, "Shutdown": func(s *Server) error { return s.Shutdown(t.Context()) },
	} {
		s := &Server{}
		if err := end(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Serve(newChannelListener()); err != http.ErrServerClosed {
			t.Errorf("Serve after %s: %v, want %v", name, err, http.ErrServerClosed)
		}
	}
}
