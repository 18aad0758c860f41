package front

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// malformed are streams with one request that is refused. Where net/http accepts
// it, the row says why we do not.
var malformed = []struct {
	name, stream string
	status       int
	stricter     bool // than net/http
}{
	{"a line that ends in LF alone", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, true},
	{"a field that ends in LF alone", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, true},
	{"a field between others that ends in LF alone", "GET / HTTP/1.1\r\nHost: a\r\nX: yz\nY: z\r\n\r\n", 400, true},
	{"an empty line of LF alone", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, true},
	{"a bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, false},
	{"a bare CR in the request line", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"a space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400, false},
	{"a length with a space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\n", 400, false},
	{"a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, true},
	{"a first field that is folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, false},
	{"a field without a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400, false},
	{"a field without a name", "GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", 400, false},
	{"a name that is no token", "GET / HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n", 400, false},
	{"a control byte in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: long enough \x01 for eight\r\n\r\n", 400, false},
	{"a DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", 400, false},
	{"a DEL among many", "GET / HTTP/1.1\r\nHost: a\r\nX: 1234567\x7f90\r\n\r\n", 400, false},
	{"a NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: 12345678\x00\r\n\r\n", 400, false},
	{"a control byte in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"a tab in the target", "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"two spaces after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"a space at the end of the line", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, false},
	{"a bad escape in the path", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"half an escape in the path", "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"a target that is no path", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"an asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
	{"a URL that is not http", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
	{"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
	{"HTTP/0.9", "GET /\r\n\r\n", 400, false},
	{"no version", "GET / HTTP\r\nHost: a\r\n\r\n", 400, false},
	{"a version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, false},
	{"HTTP/2.0 without its preface", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, false},
	{"HTTP/3.1", "GET / HTTP/3.1\r\nHost: a\r\n\r\n", 505, false},
	{"no Host", "GET / HTTP/1.1\r\n\r\n", 400, false},
	{"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, true},
	{"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, false},
	{"a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, false},
	{"a Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, false},
	{"no Host for CONNECT", "CONNECT a:443 HTTP/1.1\r\n\r\n", 400, true},
	{"differing lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, false},
	{"a list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na", 400, false},
	{"a negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, false},
	{"a length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400, false},
	{"an empty length", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400, false},
	{"a length that nobody can count", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 400, false},
	{"a length beside chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
	{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
	{"an unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, false},
	{"two transfer codings", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501, false},
	{"TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, false},
	{"LIM-01: a request line over the limit", "GET /" + strings.Repeat("a", 33<<10) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, true},
	{"LIM-04: fields over the limit", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: 0123456789\r\n", 3000) + "\r\n", 494, true},
}

// TestRefuse: ERR-11, ERR-18: a malformed request gets an error, reaches no
// handler, and neither does what comes after it.
func TestRefuse(t *testing.T) {
	p := newPair(t)
	for _, row := range malformed {
		t.Run(row.name, func(t *testing.T) {
			got, _, out := play(p.ours, p.seenOurs, []byte(row.stream+sound[0]))
			if len(got) > 0 {
				t.Errorf("stream %.200q\n got requests %+v\nwant none", row.stream, got)
			}
			res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out)), nil)
			if err != nil {
				t.Fatalf("stream %.200q\n got %q\nwant a response: %v", row.stream, out, err)
			}
			if res.StatusCode != row.status || !res.Close {
				t.Errorf("stream %.200q\n got %d, close %v\nwant %d, close true", row.stream, res.StatusCode, res.Close, row.status)
			}
			theirs, _, _ := play(p.theirs, p.seenIt, []byte(row.stream+sound[0]))
			if refused := len(theirs) == 0; refused == row.stricter {
				t.Errorf("stream %.200q\nnet/http refuses it: %v, we think it is stricter: %v", row.stream, refused, row.stricter)
			}
		})
	}
}

// TestRefuseBehindABody: ERR-11, ERR-18: what is refused as the first request of a
// connection is refused behind those that net/http has, with our answer.
func TestRefuseBehindABody(t *testing.T) {
	p := newPair(t)
	for _, before := range []string{
		"PUT /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"PUT /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n00\r\nX: y\r\n\r\n",
		"DELETE /p HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		for _, row := range malformed {
			stream := before + row.stream + sound[0]
			for _, cut := range []int{0, len(before), len(before) + 1, len(before) + len(row.stream)} {
				got, _, out := play(p.ours, p.seenOurs, []byte(stream[:cut]), []byte(stream[cut:]))
				if len(got) != 1 || got[0].URI != "/p" {
					t.Errorf("%s: stream %.300q cut after %d\n got requests %+v\nwant /p alone", row.name, stream, cut, got)
				}
				in := bufio.NewReader(strings.NewReader(out))
				for _, status := range []int{200, row.status} {
					res, err := http.ReadResponse(in, nil)
					if err != nil {
						t.Fatalf("%s: stream %.300q cut after %d\n got %q\nwant %d: %v", row.name, stream, cut, out, status, err)
					}
					if res.StatusCode != status || res.Close != (status != 200) {
						t.Errorf("%s: stream %.300q cut after %d\n got %d, close %v, want %d", row.name, stream, cut, res.StatusCode, res.Close, status)
					}
					io.Copy(io.Discard, res.Body)
				}
				if rest, _ := io.ReadAll(in); len(rest) > 0 {
					t.Errorf("%s: stream %.300q cut after %d\n got %q behind the refusal", row.name, stream, cut, rest)
				}
			}
		}
	}
}

// TestTrailersThatCannotBeRead: ERR-18: who reads them otherwise sees another request begin
// there, so the body in front of them is not whole, and nothing behind them is read.
func TestTrailersThatCannotBeRead(t *testing.T) {
	p := newPair(t)
	const chunks = "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
	for _, trailers := range []string{"X: y\n\r\n\r\n", "\n", "X: y\r\n\n", "X\ry: z\r\n\r\n", "0\r\n\r\n", "X : y\r\n\r\n", "X: y\r\n z\r\n\r\n", strings.Repeat("X: y\r\n", 6000) + "\r\n"} {
		got, _, out := play(p.ours, p.seenOurs, []byte(chunks+trailers+sound[0]))
		if len(got) != 1 || data(got[0].Body) != "x" || strings.HasSuffix(got[0].Body, " <nil>") || strings.Count(out, "HTTP/1.1 ") != 1 {
			t.Errorf("trailers %.100q\n got %+v\n%s\nwant one request with a body that breaks off", trailers, got, out)
		}
	}
}

// TestSound: what is in order is accepted, by us or by net/http behind us.
func TestSound(t *testing.T) {
	p := newPair(t)
	for _, stream := range sound {
		for cut := range len(stream) {
			p.check(t, []byte(stream), cut)
		}
		if got, _, _ := play(p.ours, p.seenOurs, []byte(stream)); len(got) != 1 {
			t.Errorf("stream %q\n got %+v\nwant 1", stream, got)
		}
	}
}

// TestHeadLimit: LIM-04: a head of exactly the limit is served.
func TestHeadLimit(t *testing.T) {
	p := newPair(t)
	const begin, end = "GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n"
	for _, row := range []struct{ bytes, requests int }{{32768, 1}, {32769, 0}} {
		stream := begin + strings.Repeat("x", row.bytes-len(begin)-len(end)) + end
		got, _, out := play(p.ours, p.seenOurs, []byte(stream))
		if len(got) != row.requests {
			t.Errorf("head of %d bytes: got %d requests, want %d; answer %.100q", row.bytes, len(got), row.requests, out)
		}
	}
}
