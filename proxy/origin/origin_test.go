package origin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"staleproof/proxy/distribution"
)

// play is an origin in memory: what it does with its nth connection, from 1, and
// the requests it read, as they came over the wire.
type play struct {
	do      func(c net.Conn, n int)
	running sync.WaitGroup // its connections

	mu    sync.Mutex // guards what follows
	conns int
	heads []string
}

func (p *play) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	p.mu.Lock()
	p.conns++
	n := p.conns
	p.mu.Unlock()
	p.running.Go(func() {
		defer far.Close()
		p.do(far, n)
	})
	return near, nil
}

// read takes the head of one request, false at the end of the connection.
func (p *play) read(r *bufio.Reader) bool {
	var head strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == "\r\n" {
			break
		}
		head.WriteString(strings.TrimSuffix(line, "\r\n") + "\n")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heads = append(p.heads, head.String())
	return true
}

// last is the head of the last request that was read.
func (p *play) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heads[len(p.heads)-1]
}

func (p *play) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.heads)
}

// saying answers every request of every connection with the parts, each after a
// pause of the given length, and then closes if so told.
func saying(pause time.Duration, shut bool, parts ...string) *play {
	p := &play{}
	p.do = func(c net.Conn, _ int) {
		r := bufio.NewReader(c)
		for p.read(r) {
			for _, part := range parts {
				time.Sleep(pause) // of the bubble
				if _, err := io.WriteString(c, part); err != nil {
					return
				}
			}
			if shut {
				return
			}
		}
	}
	return p
}

// silent reads requests and says nothing, until the other side leaves.
func silent() *play { return saying(0, false) }

func transport(t *testing.T, p *play, o distribution.Origin) *Transport {
	t.Helper()
	if o.Domain == "" {
		o.Domain = "origin.example.com"
	}
	o.ID = "web"
	tr, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	tr.Dial = p.dial
	return tr
}

func request(method, path string, body string) *http.Request {
	u := &url.URL{Scheme: "http", RawPath: path}
	u.Path, _ = url.PathUnescape(path)
	req := &http.Request{Method: method, URL: u, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}
	if body != "" {
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	return req
}

// outcome is what came of one request, for comparison.
type outcome struct {
	status  int
	body    string
	phase   string // of the error, "" for none
	timeout bool
	detail  string
	took    time.Duration
	asked   int // requests the origin read
}

func fetched(tr *Transport, p *play, req *http.Request) outcome {
	began := time.Now()
	res, err := tr.RoundTrip(req)
	var got outcome
	if err == nil {
		var b []byte
		b, err = io.ReadAll(res.Body)
		res.Body.Close()
		got.status, got.body = res.StatusCode, string(b)
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			e = &Error{Err: fmt.Errorf("not an *Error: %w", err)}
		}
		got.phase, got.timeout = e.Phase.String(), e.Timeout
		if e.Phase != Body {
			got.status = Status(err)
		}
		got.detail = AnswerTo(err).Detail
	}
	got.took, got.asked = time.Since(began), p.requests()
	return got
}

func TestInTime(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	second := distribution.Origin{ConnectionAttempts: 3, ReadTimeout: time.Second}
	for _, row := range []struct {
		name   string
		origin distribution.Origin
		play   *play
		method string
		body   string
		want   outcome
	}{
		{"a plain answer", second, saying(0, false, ok), "GET", "",
			outcome{status: 200, body: "hello", asked: 1}},
		{"ORG-14: silence before the head, 30 s by default", distribution.Origin{ConnectionAttempts: 1}, silent(), "GET", "",
			outcome{status: 504, phase: "read head", timeout: true, detail: "OriginCommError", took: 30 * time.Second, asked: 1}},
		{"ORG-15, LIM-08: GET is sent three times, 504 after 3 s", second, silent(), "GET", "",
			outcome{status: 504, phase: "read head", timeout: true, detail: "OriginCommError", took: 3 * time.Second, asked: 3}},
		{"ORG-15: HEAD, too", second, silent(), "HEAD", "",
			outcome{status: 504, phase: "read head", timeout: true, detail: "OriginCommError", took: 3 * time.Second, asked: 3}},
		{"ORG-16, LIM-08: POST is sent once", second, silent(), "POST", "x",
			outcome{status: 504, phase: "read head", timeout: true, detail: "OriginCommError", took: time.Second, asked: 1}},
		{"ORG-16: DELETE without a body is sent once", second, silent(), "DELETE", "",
			outcome{status: 504, phase: "read head", timeout: true, detail: "OriginCommError", took: time.Second, asked: 1}},
		{"ORG-14: between packets of the head the count starts anew", second,
			saying(900*time.Millisecond, false, "HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "\r\nhello"), "GET", "",
			outcome{status: 200, body: "hello", took: 2700 * time.Millisecond, asked: 1}},
		{"ORG-14: between packets of the body, too", second,
			saying(900*time.Millisecond, false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "he", "llo"), "GET", "",
			outcome{status: 200, body: "hello", took: 2700 * time.Millisecond, asked: 1}},
		{"ORG-14: silence within the body", second,
			saying(0, false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), "GET", "",
			outcome{status: 200, body: "he", phase: "read body", timeout: true, detail: "OriginCommError", took: time.Second, asked: 1}},
		{"ORG-21: a Content-Length that is not reached", second,
			saying(0, true, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), "GET", "",
			outcome{status: 200, body: "he", phase: "read body", detail: "OriginReadError", asked: 1}},
		{"ORG-21: chunks without their end", second,
			saying(0, true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n"), "GET", "",
			outcome{status: 200, body: "he", phase: "read body", detail: "OriginReadError", asked: 1}},
		{"ORG-21: chunks that are none", second,
			saying(0, true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nzz\r\n"), "GET", "",
			outcome{status: 200, body: "he", phase: "read body", detail: "OriginReadError", asked: 1}},
		{"COND-12: a body that ends with the connection just ends", second,
			saying(0, true, "HTTP/1.1 200 OK\r\n\r\nhe"), "GET", "",
			outcome{status: 200, body: "he", asked: 1}},
		{"ORG-24: closed without a word", second, saying(0, true), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginReadError", asked: 1}},
		{"ORG-24: closed within the head", second, saying(0, true, "HTTP/1.1 200 OK\r\n"), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginReadError", asked: 1}},
		{"ORG-23: not HTTP", second, saying(0, true, "SSH-2.0-OpenSSH_9.2\r\n\r\n"), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: a status that is no number", second, saying(0, true, "HTTP/1.1 abc OK\r\n\r\n"), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: a broken header", second, saying(0, true, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: two lengths that differ", second, saying(0, true, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: a space before the colon", second, saying(0, false, "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello"), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: a space before the colon, to a POST", second, saying(0, false, "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello"), "POST", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: another protocol that nobody asked for", second, saying(0, false, switching), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-23: another protocol that nobody asked for, to a POST", second, saying(0, false, switching), "POST", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"LIM-06 (requests): heads of 1xx together", second, saying(0, false, strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 1000)+ok), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginHeaderTooBigError", asked: 1}},
		{"LIM-06 (requests): heads of 1xx together, to a POST", second, saying(0, false, strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 1000)+ok), "POST", "",
			outcome{status: 502, phase: "read head", detail: "OriginHeaderTooBigError", asked: 1}},
		{"LIM-03, LIM-06 (requests): headers of 32,768 bytes", second, saying(0, false, headOf(32768)), "GET", "",
			outcome{status: 200, asked: 1}},
		{"LIM-03, LIM-06 (requests): one more", second, saying(0, false, headOf(32769)), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginHeaderTooBigError", asked: 1}},
		{"PROT-06: one 100 Continue is passed over", second, saying(0, false, "HTTP/1.1 100 Continue\r\n\r\n"+ok), "GET", "",
			outcome{status: 200, body: "hello", asked: 1}},
		{"PROT-06: two are an error", second, saying(0, true, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"+ok), "GET", "",
			outcome{status: 502, phase: "read head", detail: "OriginInvalidResponseError", asked: 1}},
		{"ORG-20: a redirect is not followed", second, saying(0, false, "HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"), "GET", "",
			outcome{status: 301, asked: 1}},
		{"an origin that takes no request", distribution.Origin{ReadTimeout: time.Second}, deaf(), "POST", strings.Repeat("x", 100000),
			outcome{status: 504, phase: "read head", timeout: true, detail: "OriginWriteError", took: time.Second}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := transport(t, row.play, row.origin)
				defer row.play.running.Wait()
				defer tr.CloseIdleConnections()
				if got := fetched(tr, row.play, request(row.method, "/", row.body)); got != row.want {
					t.Errorf("%s /\n got %+v\nwant %+v", row.method, got, row.want)
				}
			})
		})
	}
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"

// headOf is a response whose head has n bytes.
func headOf(n int) string {
	const frame = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: \r\n\r\n"
	return strings.Replace(frame, "X: ", "X: "+strings.Repeat("a", n-len(frame)), 1)
}

// slowReader gives its text after a pause.
type slowReader struct {
	pause time.Duration
	text  string
}

func (s *slowReader) Read(p []byte) (int, error) {
	if s.text == "" {
		return 0, io.EOF
	}
	time.Sleep(s.pause)
	n := copy(p, s.text)
	s.text = s.text[n:]
	return n, nil
}

func TestSlowViewers(t *testing.T) {
	second := distribution.Origin{ReadTimeout: time.Second}
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	t.Run("ORG-14: a viewer who is slow to send is not the origin's silence", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := &play{}
			p.do = func(c net.Conn, _ int) {
				if r := bufio.NewReader(c); p.read(r) {
					r.ReadByte()
					io.WriteString(c, ok)
				}
			}
			tr := transport(t, p, second)
			defer p.running.Wait()
			req := request("POST", "/", "x")
			req.Body = io.NopCloser(&slowReader{10 * time.Second, "x"})
			want := outcome{status: 200, body: "hello", took: 10 * time.Second, asked: 1}
			if got := fetched(tr, p, req); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	})
	t.Run("ERR-18: a body that cannot be read is not the origin's failure", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := early()
			tr := transport(t, p, second)
			defer p.running.Wait()
			req := request("POST", "/", "x")
			req.Body, req.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(errors.New("malformed chunked encoding")))), -1
			want := outcome{status: 400, phase: "read head", detail: "InvalidRequest"}
			if got := fetched(tr, p, req); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	})
	t.Run("ORG-14: nor one who is slow to read, even if the answer came before the end of the request", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := early()
			tr := transport(t, p, second)
			defer p.running.Wait()
			res, err := tr.RoundTrip(request("POST", "/", strings.Repeat("x", 100000)))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			time.Sleep(5 * time.Second)
			if b, err := io.ReadAll(res.Body); err != nil || string(b) != "hello" {
				t.Errorf("got %q, %v, want hello", b, err)
			}
		})
	})
}

// early answers when it has read a part of the request only.
func early() *play {
	p := &play{}
	p.do = func(c net.Conn, _ int) {
		io.ReadFull(c, make([]byte, 1000))
		io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
		p.running.Go(func() { io.Copy(io.Discard, c) })
		io.WriteString(c, "hello")
	}
	return p
}

// deaf accepts connections and reads nothing.
func deaf() *play {
	return &play{do: func(net.Conn, int) { time.Sleep(time.Minute) }}
}
