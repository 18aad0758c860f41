//go:build !race

package proxy_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// Not under the race detector, which makes sync.Pool forget things.

// startQuiet serves an edge that nobody listens to, and that has /page.
func startQuiet(t *testing.T) (plain, secure string) {
	t.Helper()
	d := optimized()
	edge, err := proxy.New(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 8 << 20, Now: func() time.Time { return epoch },
		Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(page("hello", "Content-Length: 5"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &front.Server{Hitter: edge, Handler: edge, SayKeepAlive: true}
	t.Cleanup(func() { s.Close(); edge.Close() })
	for _, l := range []*string{&plain, &secure} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if *l = listener.Addr().String(); l == &plain {
			go s.Serve(listener)
		} else {
			go s.ServeTLS(listener, &tls.Config{Certificates: anyCertificate()})
		}
	}
	return plain, secure
}

// TestHitOverTCPAllocatesNothing: a whole hit over HTTP/1.1, from the socket through
// the front and the edge to the socket, makes no garbage.
func TestHitOverTCPAllocatesNothing(t *testing.T) {
	plain, _ := startQuiet(t)
	c, err := net.Dial("tcp", plain)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	request := []byte("GET /page HTTP/1.1\r\nHost: d.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n\r\n")
	answer := make([]byte, 64<<10)
	ask := func() int {
		c.Write(request)
		n := 0
		for !bytes.HasSuffix(answer[:n], []byte("\r\n\r\nhello")) {
			m, err := c.Read(answer[n:])
			if n += m; err != nil {
				t.Fatalf("%q: %v", answer[:n], err)
			}
		}
		return n
	}
	ask()
	if n := ask(); !bytes.Contains(answer[:n], []byte("X-Cache: Hit from cloudfront")) {
		t.Fatalf("not a hit: %q", answer[:n])
	}
	if n := testing.AllocsPerRun(5000, func() { ask() }); n != 0 {
		t.Errorf("a hit over TCP makes %v allocations, want none", n)
	}
}

// TestHitOverHTTP2Allocates: a hit over HTTP/2 and TLS makes a few small objects, most
// of them HPACK's strings, and what TLS makes on both sides: the viewer is in the same
// process. 18 were counted.
func TestHitOverHTTP2Allocates(t *testing.T) {
	const most = 20
	_, secure := startQuiet(t)
	c, err := tls.Dial("tcp", secure, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var first, request bytes.Buffer
	first.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&first, nil)
	framer.WriteSettings()
	framer.WriteSettingsAck()
	framer.WriteWindowUpdate(0, 1<<30)
	c.Write(first.Bytes())
	block := headerBlock(":method", "GET", ":scheme", "https", ":authority", "d.example", ":path", "/page", "user-agent", "Mozilla/5.0", "accept", "*/*")
	http2.NewFramer(&request, nil).WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndStream: true, EndHeaders: true})
	frame := request.Bytes()
	in := make([]byte, 64<<10)
	stream := uint32(1)
	ask := func() {
		binary.BigEndian.PutUint32(frame[5:], stream)
		stream += 2
		c.Write(frame)
		for {
			if _, err := io.ReadFull(c, in[:9]); err != nil {
				t.Fatal(err)
			}
			n := int(in[0])<<16 | int(in[1])<<8 | int(in[2])
			kind, flags := http2.FrameType(in[3]), http2.Flags(in[4])
			if _, err := io.ReadFull(c, in[:n]); err != nil {
				t.Fatal(err)
			}
			if kind == http2.FrameData && flags.Has(http2.FlagDataEndStream) {
				return
			}
		}
	}
	ask()
	n := testing.AllocsPerRun(5000, ask)
	t.Logf("%v allocations", n)
	if n > most {
		t.Errorf("a hit over HTTP/2 makes %v allocations, want at most %d", n, most)
	}
}
