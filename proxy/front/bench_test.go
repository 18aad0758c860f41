package front

import (
	"bytes"
	"net/http"
	"testing"
)

// replay is a connection on which the same requests come n times.
type replay struct {
	*scripted
	requests []byte
	at       int // in requests
	n        int
}

func (c *replay) Read(p []byte) (int, error) {
	if c.n == 0 {
		return c.scripted.Read(p)
	}
	n := copy(p, c.requests[c.at:])
	if c.at += n; c.at == len(c.requests) {
		c.at = 0
		c.n--
	}
	return n, nil
}

func (c *replay) Write(p []byte) (int, error) {
	return len(p), nil
}

const browser = "GET /assets/app.3f9c.js?v=12 HTTP/1.1\r\nHost: d111111abcdef8.cloudfront.net\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
	"Accept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n" +
	"Referer: https://d111111abcdef8.cloudfront.net/index.html\r\nConnection: keep-alive\r\n" +
	"Sec-Fetch-Dest: script\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: same-origin\r\n\r\n"

const lowerCase = "GET /b HTTP/1.1\r\nhost: a\r\nuser-agent: x\r\nx-forwarded-for: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2\r\n" +
	"cookie: a=1\r\ncookie: b=2\r\ncookie: c=3\r\n\r\n"

var kilobyte = bytes.Repeat([]byte("x"), 1024)

func hitKilobyte(dst []byte, r *Request) (head, body []byte, ok bool) {
	dst = append(dst, "HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 1024\r\n"...)
	dst = append(dst, "Cache-Control: max-age=3600\r\nETag: \"abc\"\r\nX-Cache: Hit from cloudfront\r\nAge: 12\r\n"...)
	return dst, kilobyte, true
}

// serveReplay runs the connection loop over requests, n times.
func serveReplay(s *Server, requests string, n int) *replay {
	r := &replay{scripted: newScripted(), requests: []byte(requests), n: n}
	out := &wire{Conn: r, patience: s.writeTimeout(), slack: slack(s.writeTimeout())}
	(&conn{server: s, out: out, rwc: out, remote: r.name}).serve()
	return r
}

func benchmarkHit(b *testing.B, requests string) {
	s := &Server{Hitter: hitFunc(hitKilobyte)}
	b.ReportAllocs()
	b.ResetTimer()
	serveReplay(s, requests, b.N)
}

// BenchmarkHit is all of a hit but the kernel and the Hitter.
func BenchmarkHit(b *testing.B) { benchmarkHit(b, browser) }

// BenchmarkHitFieldsChange is two hits whose fields differ.
func BenchmarkHitFieldsChange(b *testing.B) { benchmarkHit(b, browser+lowerCase) }

// BenchmarkMiss is a request that goes to a Handler.
func BenchmarkMiss(b *testing.B) {
	s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Length"] = []string{"1024"}
		w.Header()["Content-Type"] = []string{"text/plain"}
		w.Write(kilobyte)
	})}
	b.ReportAllocs()
	b.ResetTimer()
	serveReplay(s, browser, b.N)
}

func BenchmarkReadHead(b *testing.B) {
	other := browser[:len(browser)-2] + "A: b\r\n\r\n"
	for _, row := range []struct{ name, second string }{{"same", browser}, {"changing", other}} {
		b.Run(row.name, func(b *testing.B) {
			var h head
			heads := [2][]byte{[]byte(browser), []byte(row.second)}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, fault := h.read(heads[i&1], i > 0 && row.second == browser); fault != nil {
					b.Fatal(fault.Reason)
				}
			}
		})
	}
}
