package origin

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"staleproof/proxy/distribution"
)

// reading is what a viewer could notice of a response.
type reading struct {
	failed  bool
	code    int
	status  string
	header  string
	length  int64
	body    string
	cut     bool // the body broke off
	trailer string
}

func readingOf(res *http.Response, err error) reading {
	if err != nil {
		return reading{failed: true}
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	delete(res.Header, "Connection") // of the hop
	return reading{
		code: res.StatusCode, status: res.Status, header: fmt.Sprint(res.Header), length: res.ContentLength,
		body: string(b), cut: err != nil, trailer: fmt.Sprint(res.Trailer),
	}
}

// scripted is an origin that says text to its first request and then closes.
func scripted(text []byte, pieces int) func(context.Context, string, string) (net.Conn, error) {
	var dials atomic.Int32
	return func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			if dials.Add(1) > 1 {
				return
			}
			r := bufio.NewReader(far)
			for {
				if line, err := r.ReadString('\n'); err != nil || line == "\r\n" {
					break
				}
			}
			for part := range slices.Chunk(text, max(1, len(text)/pieces)) {
				if _, err := far.Write(part); err != nil {
					return
				}
			}
		}()
		return near, nil
	}
}

// both fetches text once over our own connections and once with net/http's.
func both(t *testing.T, method string, text []byte, pieces int) (ours, theirs reading) {
	t.Helper()
	for _, own := range []bool{true, false} {
		tr, err := New(distribution.Origin{ID: "web", Domain: "web.example", ConnectionAttempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		tr.Dial = scripted(text, pieces)
		tr.odd = !own
		got := readingOf(tr.RoundTrip(request(method, "/", "")))
		tr.CloseIdleConnections()
		if own {
			ours = got
		} else {
			theirs = got
		}
	}
	if theirs.code < 100 { // what is no status, we refuse
		theirs = reading{failed: true}
	}
	return ours, theirs
}

var responses = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"1\"\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-a: 1\r\nX-A:  2 \r\n\r\nhello and more",
	"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 \r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nhe\r\n0\r\nX-T: 1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
	"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 3\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\r\nto the end",
	"HTTP/1.0 200 OK\r\n\r\nto the end",
	"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n folded\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n: 1\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: \xff\xe4\tz\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 -20 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
	"ICY 200 OK\r\n\r\n",
	"HTTP/1.1 200 OK\r\nConnection: Close, X\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
}

func TestReadsAsNetHTTPDoes(t *testing.T) {
	for _, text := range responses {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			for _, pieces := range []int{1, 3, 1000} {
				ours, theirs := both(t, method, []byte(text), pieces)
				if ours != theirs {
					t.Errorf("%s in %d pieces: %q\n   ours %+v\ntheirs %+v", method, pieces, text, ours, theirs)
				}
			}
		}
	}
}

func FuzzReadsAsNetHTTPDoes(f *testing.F) {
	for _, text := range responses {
		f.Add([]byte(text), false, byte(1))
		f.Add([]byte(text), true, byte(2))
	}
	f.Fuzz(func(t *testing.T, text []byte, head bool, pieces byte) {
		if len(text) > 20000 {
			t.Skip("of a head that is too large net/http reads another part")
		}
		method := "GET"
		if head {
			method = "HEAD"
		}
		ours, theirs := both(t, method, text, 1+int(pieces%4))
		if ours != theirs {
			t.Errorf("%s %q\n   ours %+v\ntheirs %+v", method, text, ours, theirs)
		}
	})
}

// What goes out must be what net/http would send, byte for byte.
func TestSendsAsNetHTTPDoes(t *testing.T) {
	own := []distribution.Header{{Name: "X-Own", Value: "1"}, {Name: "user-agent", Value: "ours"}, {Name: "B", Value: "own"}}
	for _, row := range []struct {
		name   string
		origin distribution.Origin
		path   string
		query  string
		host   string
		header http.Header
	}{
		{"nothing", distribution.Origin{}, "/", "", "", nil},
		{"a browser's", distribution.Origin{Path: "/p"}, "/a%2fb", "x=1", "www.example.com", http.Header{
			"User-Agent": {"Mozilla"}, "Accept": {"a", "b"}, "Cookie": {"x=1"}, "Via": {"1.1 x"}, "X-Forwarded-For": {"1.2.3.4"},
			"Connection": {"close"}, "Content-Length": {"7"}, "Trailer": {"X"}, "Te": {"trailers"}}},
		{"with fields of the origin's", distribution.Origin{Headers: own}, "/a", "", "", http.Header{"B": {"1", "2"}, "A": {"1"}, "User-Agent": {"Mozilla"}}},
		{"an empty User-Agent", distribution.Origin{}, "/a", "", "", http.Header{"User-Agent": {""}}},
		{"values that need trimming", distribution.Origin{}, "/a", "", "", http.Header{"A": {" x "}, "B": {""}}},
		{"odd hosts", distribution.Origin{}, "/a", "", "a_b.example:8080", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var heads []string
			for _, odd := range []bool{false, true} {
				p := saying(0, false, empty)
				tr := transport(t, p, row.origin)
				tr.odd = odd
				req := request("GET", row.path, "")
				req.URL.RawQuery, req.Host = row.query, row.host
				if row.header != nil {
					req.Header = row.header.Clone()
				}
				if got := fetched(tr, p, req); got.status != 204 {
					t.Fatalf("got %+v, want 204", got)
				}
				tr.CloseIdleConnections()
				heads = append(heads, strings.Join(p.heads, "\n"))
			}
			if heads[0] != heads[1] {
				t.Errorf("ours %q\ntheirs %q", heads[0], heads[1])
			}
		})
	}
}
