package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/ending"
)

// bareOrigin answers every request of a connection with 1 KiB, at no more cost than
// the sockets have.
func bareOrigin(b *testing.B, kind string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	answer := "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\nCache-Control: max-age=3600\r\nETag: \"1\"\r\n" +
		"Content-Type: " + kind + "\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("x", 1024)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for r := bufio.NewReader(c); ; {
					line, err := r.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == 2 {
						io.WriteString(c, answer)
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// quietWriter is a viewer on our front who throws everything away.
type quietWriter struct {
	header http.Header
	room   []byte
}

func (w *quietWriter) Header() http.Header         { return w.header }
func (w *quietWriter) TakeHeader(h http.Header)    { w.header = h }
func (w *quietWriter) WriteHeader(int)             {}
func (w *quietWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *quietWriter) Flush()                      {}
func (w *quietWriter) Room() []byte                { return w.room[:0] }
func (w *quietWriter) Answer(head, _ []byte) error { w.room = head; return nil }

// BenchmarkMiss is a miss over a socket to the origin, stored: 1 KiB under a new key
// each time.
func BenchmarkMiss(b *testing.B) { benchmarkMiss(b, "application/octet-stream") }

// BenchmarkMissCompressed is the same, compressed on its way into the store.
func BenchmarkMissCompressed(b *testing.B) { benchmarkMiss(b, "text/html") }

func benchmarkMiss(b *testing.B, kind string) {
	d, err := distribution.Simple(bareOrigin(b, kind), optimized().Behaviors[0].Terms.Policy.QueryStrings)
	if err != nil {
		b.Fatal(err)
	}
	edge, err := proxy.New(proxy.Config{Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 64 << 20})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { edge.Close() })
	r := browserRequest("/a")
	r = r.WithContext(new(ending.Context)) // as the front does
	n, w := 0, quietWriter{}
	b.ReportAllocs()
	for b.Loop() {
		n++
		path := "/a" + strconv.Itoa(n)
		r.URL.Path, r.RequestURI = path, path
		edge.ServeHTTP(&w, r)
	}
}
