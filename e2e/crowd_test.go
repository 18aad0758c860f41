package e2e

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// crowd are viewers who hold connections and hold the server up, each in his way.
type crowd struct {
	e      *edge
	secure string // address over TLS
	began  time.Time

	mu    sync.Mutex // protects what follows
	kinds map[string][]net.Conn
	fails []error
	slow  []net.Conn // those that send a byte now and then
}

// open opens n connections, and says on each what its viewer begins with.
func (c *crowd) open(kind string, n int, begin func() (net.Conn, error)) {
	GinkgoHelper()
	left := make(chan struct{}, n)
	for range n {
		left <- struct{}{}
	}
	close(left)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range left {
				conn, err := begin()
				c.mu.Lock()
				if err != nil {
					c.fails = append(c.fails, fmt.Errorf("%s: %w", kind, err))
				}
				if conn != nil {
					c.kinds[kind] = append(c.kinds[kind], conn)
				}
				c.mu.Unlock()
			}
		})
	}
	all.Wait()
	fmt.Fprintf(GinkgoWriter, "%6d %-45s %s after %.1f s\n", n, kind, c.e.figures(), time.Since(c.began).Seconds())
}

// plain says words on a TCP connection with a small buffer.
func (c *crowd) plain(words string) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		conn, err := net.Dial("tcp", address(c.e.url))
		if err != nil {
			return nil, err
		}
		conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		_, err = io.WriteString(conn, words)
		return conn, err
	}
}

// trickling is plain with a byte more now and then.
func (c *crowd) trickling(words string) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		conn, err := c.plain(words)()
		if err == nil {
			c.mu.Lock()
			c.slow = append(c.slow, conn)
			c.mu.Unlock()
		}
		return conn, err
	}
}

// trickle sends a byte on each of the trickling connections every second until done.
func (c *crowd) trickle(done <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		c.mu.Lock()
		slow := c.slow
		c.mu.Unlock()
		for _, conn := range slow {
			conn.Write([]byte("a")) // fails when the server has closed it, which is looked at elsewhere
		}
	}
}

// handshaking begins TLS and stops.
func (c *crowd) handshaking() (net.Conn, error) {
	conn, err := net.Dial("tcp", c.secure)
	if err == nil {
		_, err = conn.Write([]byte{22, 3, 1, 2, 0, 1})
	}
	return conn, err
}

// h2 speaks HTTP/2: what do does after the greeting may fail, since the server may
// send the viewer away.
func (c *crowd) h2(settings []http2.Setting, do func(f *http2.Framer, ask func(stream uint32, path string, end bool))) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		conn, err := tls.Dial("tcp", c.secure, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
			return conn, err
		}
		f := http2.NewFramer(conn, conn)
		if err := f.WriteSettings(settings...); err != nil {
			return conn, err
		}
		var block bytes.Buffer
		enc := hpack.NewEncoder(&block)
		do(f, func(stream uint32, path string, end bool) {
			block.Reset()
			method := map[bool]string{true: "GET", false: "POST"}[end]
			for _, field := range [][2]string{{":method", method}, {":scheme", "https"}, {":authority", "a"}, {":path", path}} {
				enc.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
			}
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: end})
		})
		return conn, nil
	}
}

// all are the connections of all kinds.
func (c *crowd) all() (conns []net.Conn) {
	for _, k := range c.kinds {
		conns = append(conns, k...)
	}
	return conns
}

// The crowd's times: long enough that all have come before the first are sent away.
const (
	crowdIdle  = 35 * time.Second
	crowdHead  = 30 * time.Second
	crowdBody  = 30 * time.Second
	crowdWrite = 15 * time.Second
)

// Bounds of what a connection takes in the server, kernel not counted. An idle one has
// been measured at 6 KiB, one over HTTP/2 with a stream that waits at 60.
const (
	mostIdleBytes  = 16 << 10
	mostCrowdBytes = 48 << 10 // on average of the whole crowd
)

var _ = Describe("ten thousand viewers who hold the server up", func() {
	It("do not keep others from being served, take little, and are let go", func(ctx SpecContext) {
		const want = 10_000
		size := want
		const others = 3000 // most of them between the program and the origin
		if room := descriptors(want + others); room < want+others {
			size = int(room) - others
			AddReportEntry(fmt.Sprintf("only %d of %d connections: the limit of descriptors is %d", size, want, room), ReportEntryVisibilityAlways)
		}
		share := func(percent int) int { return size * percent / 100 }
		body := strings.Repeat("0123456789abcdef", 1<<16)
		o := startOrigin()
		o.does(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				io.Copy(io.Discard, r.Body)
			case strings.HasPrefix(r.URL.Path, "/pass"):
				w.Header().Set("Cache-Control", "no-store")
				io.WriteString(w, body)
			case strings.HasPrefix(r.URL.Path, "/large"):
				w.Header().Set("Cache-Control", "max-age=3600")
				io.WriteString(w, body)
			default:
				w.Header().Set("Cache-Control", "max-age=3600")
				io.WriteString(w, "small "+r.URL.Path)
			}
		})
		e := serve("--config", file("d.yaml", fmt.Sprintf(`
origins: {o: {url: %q, connectionAttempts: 1, connectionTimeout: 2s}}
defaultCacheBehavior: {origin: o, policy: CachingOptimized, allowedMethods: [GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE]}
`, o.url)), "--tls-listen", "127.0.0.1:0",
			"--viewer-timeout", "idle="+crowdIdle.String(), "--viewer-timeout", "head="+crowdHead.String(),
			"--viewer-timeout", "body="+crowdBody.String(), "--viewer-timeout", "write="+crowdWrite.String())
		secure := regexp.MustCompile(`listening on https://(\S+)`).FindSubmatch(e.process.Out.Contents())
		Expect(secure).NotTo(BeNil())
		c := &crowd{e: e, secure: string(secure[1]), began: time.Now(), kinds: map[string][]net.Conn{}}
		ask := func(path string) string {
			res, err := e.http.Get(e.url + path)
			if err != nil {
				return err.Error()
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			return fmt.Sprint(res.StatusCode, " ", answer{header: res.Header}.result(), " ", string(b), " ", err)
		}
		ask("/hit")
		Expect(ask("/hit")).To(Equal("200 Hit small /hit <nil>"))
		ask("/large")
		e.http.CloseIdleConnections()
		before := e.figures()
		fmt.Fprintln(GinkgoWriter, "before:", before)

		done := make(chan struct{})
		var trickler sync.WaitGroup
		DeferCleanup(func() {
			close(done)
			trickler.Wait()
			for _, conn := range c.all() {
				conn.Close()
			}
		})
		trickler.Go(func() { c.trickle(done) })

		c.open("idle, never a byte", share(30), c.plain(""))
		Eventually(func() int { return e.figures().files }).Should(BeNumerically(">=", before.files+share(30)))
		idle := e.figures()
		perIdle := (idle.resident - before.resident) / int64(share(30))
		fmt.Fprintf(GinkgoWriter, "an idle connection takes %d bytes\n", perIdle)
		Expect(perIdle).To(BeNumerically("<", mostIdleBytes))

		c.open("HTTP/2, rapid reset", share(2), c.h2(nil, func(f *http2.Framer, ask func(uint32, string, bool)) {
			for i := range uint32(1200) {
				ask(2*i+1, "/p", false)
				if f.WriteRSTStream(2*i+1, http2.ErrCodeCancel) != nil {
					return // he was sent away
				}
			}
		}))
		c.open("HTTP/2, CONTINUATION without end", share(1), c.h2(nil, func(f *http2.Framer, _ func(uint32, string, bool)) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1})
			for range 100 {
				if f.WriteContinuation(1, false, bytes.Repeat([]byte("\x00\x01a\x01b"), 3000)) != nil {
					return
				}
			}
		}))
		Expect(closedBy(slices.Concat(c.kinds["HTTP/2, rapid reset"], c.kinds["HTTP/2, CONTINUATION without end"]), time.Now().Add(patience))).
			To(Equal(share(2)+share(1)), "sent away at once")
		c.open("HTTP/2, eight open streams without a body", share(5), c.h2(nil, func(f *http2.Framer, ask func(uint32, string, bool)) {
			for i := range uint32(8) {
				ask(2*i+1, "/p", false)
			}
		}))
		c.open("HTTP/2, idle", share(3), c.h2(nil, func(*http2.Framer, func(uint32, string, bool)) {}))
		c.open("HTTP/2, no window", share(5), c.h2([]http2.Setting{{ID: http2.SettingInitialWindowSize}}, func(f *http2.Framer, ask func(uint32, string, bool)) {
			for i := range uint32(8) {
				ask(2*i+1, "/large", true)
			}
		}))
		c.open("HTTP/2, a flood of PING", share(3), c.h2(nil, func(f *http2.Framer, _ func(uint32, string, bool)) {
			for range 1000 {
				f.WritePing(false, [8]byte{})
			}
		}))
		c.open("HTTP/2, a flood of SETTINGS", share(3), c.h2(nil, func(f *http2.Framer, _ func(uint32, string, bool)) {
			for range 1000 {
				f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 16})
			}
		}))
		c.open("a byte of a head now and then", share(15), c.trickling("GET /hit HTTP/1.1\r\nHost: a\r\nX: "))
		c.open("a byte of a body now and then", share(10), c.trickling("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"))
		c.open("asks for 16 MiB of hits, reads nothing", share(10), c.plain(strings.Repeat("GET /large HTTP/1.1\r\nHost: a\r\n\r\n", 16)))
		c.open("asks for 4 MiB not cached, reads nothing", share(3), c.plain(strings.Repeat("GET /pass HTTP/1.1\r\nHost: a\r\n\r\n", 4)))
		c.open("a TLS handshake that stops", share(10), c.handshaking)
		Expect(c.fails).To(BeEmpty())
		Expect(len(c.all())).To(BeNumerically("~", size, 20))

		Eventually(func() int { return e.figures().files - before.files }).Should(BeNumerically(">=", size-share(2)-share(1)), "descriptors: all are there")
		there := e.figures()
		fmt.Fprintln(GinkgoWriter, "all there:", there)
		Expect((there.resident-before.resident)/int64(size)).To(BeNumerically("<", mostCrowdBytes), "bytes of a connection")
		wrong := 0
		for i := range 300 {
			miss := fmt.Sprintf("/miss%d", i)
			for _, row := range [][2]string{{"/hit", "200 Hit small /hit <nil>"}, {miss, "200 Miss small " + miss + " <nil>"}} {
				if got := ask(row[0]); got != row[1] {
					fmt.Fprintf(GinkgoWriter, "%s: got %.200s\n", row[0], got)
					wrong++
				}
			}
		}
		Expect(wrong).To(BeZero(), "of 300 hits and 300 misses of somebody else")
		still := e.figures()
		fmt.Fprintln(GinkgoWriter, "after others were served:", still)
		e.http.CloseIdleConnections()

		Eventually(ctx, func() int { return e.figures().files }).WithTimeout(2*time.Minute).WithPolling(time.Second).
			Should(BeNumerically("<=", before.files+2), "descriptors after the longest timeout")
		Eventually(ctx, func() int { return e.figures().goroutines }).WithTimeout(30*time.Second).WithPolling(time.Second).
			Should(BeNumerically("<=", before.goroutines+2), "goroutines")
		fmt.Fprintln(GinkgoWriter, "all gone:", e.figures())
		Expect(ask("/hit")).To(Equal("200 Hit small /hit <nil>"))
	}, NodeTimeout(5*time.Minute))
})
