package front

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// h2Handler does in turn what a handler can do.
var h2Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/short":
		io.WriteString(w, "short")
	case "/long":
		w.Header().Set("Content-Type", "text/x")
		w.Write(bytes.Repeat([]byte("x"), 300_000))
	case "/flush":
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		io.WriteString(w, "b")
	case "/given":
		giveHeader(w, r)
	case "/length":
		w.Header().Set("Content-Length", "2")
		io.WriteString(w, "ok")
	case "/tooshort":
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "ok")
	case "/toolong":
		w.Header().Set("Content-Length", "1")
		if _, err := io.WriteString(w, "ok"); err == nil {
			panic("no error")
		}
	case "/204":
		w.WriteHeader(204)
	case "/304":
		w.Header().Set("Etag", `"1"`)
		w.Header().Set("Content-Type", "text/x")
		w.WriteHeader(304)
	case "/hints":
		w.Header().Set("Link", "</a>")
		w.WriteHeader(103)
		w.WriteHeader(404)
	case "/panic":
		panic(http.ErrAbortHandler)
	case "/cut":
		w.Write(bytes.Repeat([]byte("x"), 50_000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "/nothing":
	case "/odd":
		w.Header()["Connection"] = []string{"close"}
		w.Header()["X-Many"] = []string{"1", "2", "a\nb"}
		w.Header()["Content-Type"] = nil
		w.WriteHeader(299)
		io.WriteString(w, "<html>")
	case "/echo":
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d bytes, length %d, %v: ", len(b), r.ContentLength, err)
		w.Write(b)
	case "/deaf":
		io.WriteString(w, "no thanks")
	case "/request":
		fmt.Fprintln(w, r.Method, r.URL, r.RequestURI, r.Proto, r.Host, r.Header, r.TLS != nil)
	}
})

// h2Fetch is what a client gets.
func h2Fetch(c *http.Client, method, url, body string) string {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, url, in)
	if err != nil {
		return err.Error()
	}
	r.Header.Set("X-Some", "thing")
	r.Header["Cookie"] = []string{"a=1; b=2"}
	res, err := c.Do(r)
	if err != nil {
		return "no response"
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if _, ok := res.Header["Date"]; !ok {
		return "no Date"
	}
	delete(res.Header, "Date")
	return fmt.Sprintf("%s %s %v length %d, %d bytes %.300q cut: %t", res.Proto, res.Status, res.Header, res.ContentLength, len(b), b, err != nil)
}

// TestHTTP2AnswersAsNetHTTPDoes: what a Handler says looks the same from outside.
func TestHTTP2AnswersAsNetHTTPDoes(t *testing.T) {
	theirs := httptest.NewUnstartedServer(h2Handler)
	theirs.EnableHTTP2 = true
	theirs.Config.ErrorLog = quiet
	theirs.StartTLS()
	defer theirs.Close()
	ours := serveTLS(t, &Server{Handler: h2Handler, ErrorLog: quiet})
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, DisableCompression: true}
	defer tr.CloseIdleConnections()
	c := &http.Client{Transport: tr}
	large := strings.Repeat("0123456789", 300_000)
	for _, row := range []struct{ method, path, body string }{
		{"GET", "/short", ""}, {"HEAD", "/short", ""}, {"GET", "/long", ""}, {"HEAD", "/long", ""}, {"GET", "/flush", ""},
		{"GET", "/given", ""}, {"GET", "/length", ""}, {"HEAD", "/length", ""}, {"GET", "/tooshort", ""}, {"GET", "/toolong", ""}, {"GET", "/204", ""},
		{"GET", "/304", ""}, {"GET", "/hints", ""}, {"GET", "/panic", ""}, {"GET", "/cut", ""}, {"GET", "/nothing", ""},
		{"GET", "/odd", ""}, {"POST", "/echo", "hello"}, {"POST", "/echo", large}, {"PUT", "/deaf", large}, {"GET", "/request?a=b%20|", ""},
		{"DELETE", "/request", ""}, {"OPTIONS", "/a%2fb", ""}, {"POST", "/request", "x"},
	} {
		name := row.method + " " + row.path
		got := h2Fetch(c, row.method, "https://"+ours+row.path, row.body)
		want := h2Fetch(c, row.method, theirs.URL+row.path, row.body)
		got = strings.ReplaceAll(got, ours, "HOST")
		want = strings.ReplaceAll(want, strings.TrimPrefix(theirs.URL, "https://"), "HOST")
		if got != want {
			t.Errorf("%s\n   ours %.600s\ntheirs %.600s", name, got, want)
		}
	}
}

// TestHTTP2Hits: many at once, larger than the windows.
func TestHTTP2Hits(t *testing.T) {
	const hits = 51
	tell := make(chan string, hits)
	body := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	hitter := hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
		if r.Proto != "HTTP/2.0" || !r.TLS || r.Host == "" || r.Header["X-Some"] == nil {
			t.Errorf("got %+v", r)
		}
		r.Note = r.Path
		return append(dst, "HTTP/1.1 200 OK\r\nContent-Length: 320000\r\nX-A:  b\r\nConnection: odd\r\nDate: today\r\n"...), body, true
	})
	ours := serveTLS(t, &Server{Hitter: finishing{hitter, func(what any, n int64, err error) {
		tell <- fmt.Sprint(what, n > 320_000, err)
	}}})
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, DisableCompression: true}
	defer tr.CloseIdleConnections()
	var all sync.WaitGroup
	for range hits - 1 {
		all.Go(func() {
			got := h2Fetch(&http.Client{Transport: tr}, "GET", "https://"+ours+"/a", "")
			if want := fmt.Sprintf("HTTP/2.0 200 OK map[Content-Length:[320000] X-A:[b]] length 320000, 320000 bytes %.300q cut: false", body); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
	all.Wait()
	if got := h2Fetch(&http.Client{Transport: tr}, "HEAD", "https://"+ours+"/head", ""); !strings.Contains(got, "length 320000, 0 bytes") {
		t.Errorf("HEAD: got %s", got)
	}
	var told []string
	for range hits { // not before the viewer has the answer
		told = append(told, <-tell)
	}
	if want := append(slices.Repeat([]string{"/atrue <nil>"}, hits-1), "/headfalse <nil>"); !slices.Equal(told, want) {
		t.Errorf("LOG-20: told of %q, want 50 whole answers and a head", told)
	}
}

// finishing is a Finisher of two funcs.
type finishing struct {
	hitFunc
	sent func(any, int64, error)
}

func (f finishing) Sent(note any, n int64, err error) { f.sent(note, n, err) }

// h2Viewer speaks frames to a server in a bubble, over a pipe and without TLS.
type h2Viewer struct {
	*http2.Framer
	t    *testing.T
	conn net.Conn
	done chan struct{}
	h    *h2
	enc  *hpack.Encoder
	buf  bytes.Buffer
}

func newH2Viewer(t *testing.T, s *Server) *h2Viewer {
	t.Helper()
	near, far := net.Pipe()
	return newH2ViewerOn(t, s, near, far)
}

// newH2ViewerOn is newH2Viewer on two ends of a connection.
func newH2ViewerOn(t *testing.T, s *Server, near, far net.Conn) *h2Viewer {
	t.Helper()
	s.once.Do(func() { s.prepare(address("a")) })
	out := &wire{Conn: far, patience: s.writeTimeout(), slack: slack(s.writeTimeout())}
	c := &conn{server: s, out: out, rwc: out, remote: "v", tls: &tls.ConnectionState{}}
	v := &h2Viewer{t: t, conn: near, done: make(chan struct{}), h: newH2(c)}
	v.Framer = http2.NewFramer(near, near)
	v.Framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	v.enc = hpack.NewEncoder(&v.buf)
	go func() { v.h.serve(); close(v.done) }()
	io.WriteString(near, http2.ClientPreface)
	var wrote sync.WaitGroup
	wrote.Go(func() { v.WriteSettings() })
	for range 3 { // settings, window, and then that ours were seen
		v.next()
	}
	wrote.Wait()
	return v
}

func (v *h2Viewer) end() {
	v.conn.Close()
	<-v.done
	for _, o := range v.h.c.server.others() {
		o.Close()
		o.run.Wait()
	}
}

func (v *h2Viewer) next() http2.Frame {
	v.t.Helper()
	f, err := v.ReadFrame()
	if err != nil {
		v.t.Fatalf("read a frame: %v", err)
	}
	return f
}

// ask sends a request, a GET unless the first field is another method.
func (v *h2Viewer) ask(id uint32, end bool, fields ...string) {
	if len(fields) == 0 || !strings.HasPrefix(fields[0], ":method: ") {
		fields = append([]string{":method: GET"}, fields...)
	}
	v.say(id, end, append([]string{":scheme: https", ":authority: a"}, fields...)...)
}

// say sends a header block.
func (v *h2Viewer) say(id uint32, end bool, fields ...string) {
	v.buf.Reset()
	for _, f := range fields {
		i := strings.LastIndex(f, ": ")
		v.enc.WriteField(hpack.HeaderField{Name: f[:i], Value: f[i+2:]})
	}
	v.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: v.buf.Bytes(), EndHeaders: true, EndStream: end})
}

// goAway reads until the server sends the viewer away.
func (v *h2Viewer) goAway() http2.ErrCode {
	v.t.Helper()
	for {
		if g, ok := v.next().(*http2.GoAwayFrame); ok {
			return g.ErrCode
		}
	}
}

func TestHTTP2Limits(t *testing.T) {
	stuck := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, row := range []struct {
		name string
		do   func(v *h2Viewer)
		code http2.ErrCode
	}{
		{"streams that are opened and reset, again and again", func(v *h2Viewer) {
			for id := uint32(1); id < 3*h2Resets; id += 2 {
				v.ask(id, true, ":path: /")
				v.WriteRSTStream(id, http2.ErrCodeCancel)
			}
		}, http2.ErrCodeEnhanceYourCalm},
		{"hits that wait and are reset, again and again", func(v *h2Viewer) {
			v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			for id := uint32(1); id < 3*h2Resets; id += 2 {
				v.ask(id, true, ":path: /hit")
				v.WriteRSTStream(id, http2.ErrCodeCancel)
			}
		}, http2.ErrCodeEnhanceYourCalm},
		{"a header block without end", func(v *h2Viewer) {
			v.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: nil})
			piece := strings.Repeat("\x00\x01a\x7e"+strings.Repeat("b", 126), 100)
			for range 100 {
				if v.WriteContinuation(1, false, []byte(piece)) != nil {
					return
				}
			}
		}, http2.ErrCodeProtocol},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Hitter: hitFunc(hits), Handler: stuck, ErrorLog: quiet})
				defer v.end()
				var writes sync.WaitGroup
				writes.Go(func() { row.do(v) })
				if got := v.goAway(); got != row.code {
					t.Errorf("sent away with %v, want %v", got, row.code)
				}
				v.conn.Close()
				writes.Wait()
			})
		})
	}
}

func TestHTTP2MoreThanTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		v := newH2Viewer(t, &Server{Handler: stuck})
		defer v.end()
		go func() {
			v.ask(1, false, ":path: /")
			for range h2StreamWindow/h2MaxFrame + 1 {
				v.WriteData(1, false, make([]byte, h2MaxFrame))
			}
		}()
		for {
			if f, ok := v.next().(*http2.RSTStreamFrame); ok {
				if f.ErrCode != http2.ErrCodeFlowControl {
					t.Errorf("got %v, want FLOW_CONTROL_ERROR", f)
				}
				return
			}
		}
	})
}

func TestHTTP2TooManyStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		v := newH2Viewer(t, &Server{Handler: stuck})
		defer v.end()
		for i := range uint32(h2Streams) {
			v.ask(2*i+1, true, ":path: /")
		}
		go v.ask(2*h2Streams+1, true, ":path: /")
		if f, ok := v.next().(*http2.RSTStreamFrame); !ok || f.ErrCode != http2.ErrCodeRefusedStream || f.StreamID != 2*h2Streams+1 {
			t.Errorf("got %v, want that the stream after the last is refused", f)
		}
	})
}

func TestHTTP2TooLargeHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: miss})
		defer v.end()
		fields := append([]string{":path: /"}, slices.Repeat([]string{"x: " + strings.Repeat("a", 3000)}, 12)...)
		go v.ask(1, true, fields...) // in a block of 3 kB
		f, ok := v.next().(*http2.MetaHeadersFrame)
		if !ok || f.PseudoValue("status") != "494" {
			t.Errorf("LIM-04: got %v, want 494", f)
		}
	})
}

// TestHTTP2Time: who takes nothing, or asks nothing, is let go.
func TestHTTP2Time(t *testing.T) {
	large := make([]byte, 1<<20)
	hitter := hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
		return append(dst, "HTTP/1.1 200 OK\r\n"...), large, r.Path == "/hit"
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(large) })
	for _, row := range []struct {
		name string
		path string
		want time.Duration
	}{
		{"a hit that is not taken", "/hit", 30 * time.Second},
		{"an answer that is not taken", "/miss", 30 * time.Second},
		{"no request", "", 60 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Hitter: hitter, Handler: handler, ErrorLog: quiet})
				defer v.end()
				began := time.Now()
				if row.path != "" {
					go v.ask(1, true, ":path: "+row.path)
				}
				if code := v.goAway(); code != http2.ErrCodeNo {
					t.Errorf("sent away with %v", code)
				}
				if took := time.Since(began); took > row.want || took < row.want-time.Second {
					t.Errorf("let go after %v, want %v", took, row.want)
				}
			})
		})
	}
}

// TestHTTP2Fields: what is no request of HTTP/2 is refused.
func TestHTTP2Fields(t *testing.T) {
	for _, row := range []struct {
		name   string
		fields []string
		fine   bool
	}{
		{"a path", []string{":path: /"}, true},
		{"a field of the connection", []string{":path: /", "connection: close"}, false},
		{"a coding", []string{":path: /", "transfer-encoding: chunked"}, false},
		{"te other than trailers", []string{":path: /", "te: gzip"}, false},
		{"te: trailers", []string{":path: /", "te: trailers"}, true},
		{"no path", nil, false},
		{"a space in the path", []string{":path: /a b"}, false},
		{"a broken escape in the path", []string{":path: /%zz"}, false},
		{"an absolute path", []string{":path: http://a/"}, false},
		{"a length without a body", []string{":path: /", "content-length: 1"}, false},
		{"a length without a body, to a hit", []string{":path: /hit", "content-length: 1"}, false},
		{"a length of nothing, to a hit", []string{":path: /hit", "content-length: 0"}, true},
		{"a length that is none", []string{":path: /", "content-length: x"}, false},
		{"a pseudo-header field of a tunnel", []string{":path: /", ":protocol: websocket"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Hitter: hitFunc(hits), Handler: miss})
				defer v.end()
				go v.ask(1, true, row.fields...)
				f := v.next()
				r, reset := f.(*http2.RSTStreamFrame)
				if reset == row.fine || reset && r.ErrCode != http2.ErrCodeProtocol {
					t.Errorf("got %v, fine: %t", f, row.fine)
				}
			})
		})
	}
}

// TestHTTP2Authority: ERR-18: a request has one host, as over HTTP/1.1.
func TestHTTP2Authority(t *testing.T) {
	for _, row := range []struct {
		name   string
		fields []string
		status string
	}{
		{"one", []string{":authority: a:8443"}, "200"},
		{"a Host alone", []string{"host: a"}, "200"},
		{"the same twice", []string{":authority: A:443", "host: a"}, "200"},
		{"none", nil, "400"},
		{"an empty one", []string{":authority: "}, "400"},
		{"two that differ", []string{":authority: a", "host: b"}, "400"},
		{"two ports", []string{":authority: a:80", "host: a"}, "400"},
		{"two Hosts", []string{"host: a", "host: a"}, "400"},
		{"one with a user", []string{":authority: u@a"}, "400"},
		{"one with a space", []string{":authority: a b"}, "400"},
		{"one with a path", []string{"host: a/b"}, "400"},
	} {
		for _, path := range []string{"/hit", "/x"} {
			t.Run(row.name+" "+path, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					v := newH2Viewer(t, &Server{Hitter: hitFunc(hits), Handler: miss})
					defer v.end()
					go v.say(1, true, append([]string{":method: GET", ":scheme: https", ":path: " + path}, row.fields...)...)
					if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || f.PseudoValue("status") != row.status {
						t.Errorf("got %v, want %s", f, row.status)
					}
				})
			})
		}
	}
}
