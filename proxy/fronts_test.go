package proxy_test

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// fronts are two equal edges, one behind our front and one behind net/http alone.
type fronts struct {
	plain, secure [2]string // their addresses: ours, net/http's
	close         []func() error
}

func newFronts() (*fronts, error) {
	f := &fronts{}
	for i := range f.plain {
		edge, err := proxy.New(proxy.Config{
			Distributions: []*distribution.Distribution{bothWays()}, AnyHost: true, Seed: "fronts", MemoryBytes: 8 << 20,
			Origins: map[string]http.RoundTripper{bothWays().Origins[0].ID: proxy.Handler(http.HandlerFunc(many))},
			Now:     func() time.Time { return epoch },
		})
		if err != nil {
			return nil, err
		}
		s := &front.Server{
			Hitter: edge, Handler: edge, Refuse: edge.Refuse, SayKeepAlive: true, NetHTTP: i == 1,
			ErrorLog: log.New(io.Discard, "", 0),
		}
		f.close = append(f.close, s.Close, edge.Close)
		plain, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		secure, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		go s.Serve(plain)
		go s.ServeTLS(secure, &tls.Config{Certificates: anyCertificate()})
		f.plain[i], f.secure[i] = plain.Addr().String(), secure.Addr().String()
	}
	return f, nil
}

func (f *fronts) end() {
	for _, c := range f.close {
		c()
	}
}

func startFronts(t *testing.T) *fronts {
	t.Helper()
	f, err := newFronts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.end)
	return f
}

// anyCertificate is one that nobody trusts.
func anyCertificate() []tls.Certificate {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return s.TLS.Certificates
}

// bothWays caches everything but /api/, where all methods may go.
func bothWays() *distribution.Distribution {
	d := optimized(func(d *distribution.Distribution) { d.Behaviors[0].Compress = true })
	d.Behaviors[0].Methods = distribution.GetHead
	api := d.Behaviors[0]
	api.PathPattern, api.Methods, api.Terms.Policy = "/api/*", distribution.AllMethods, cachepolicy.Policy{}
	d.Behaviors = append([]distribution.Behavior{api}, d.Behaviors...)
	return d
}

// many is an origin that answers in the ways an origin can.
func many(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "max-age=600")
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/page":
		h.Set("Etag", `"1"`)
		h.Set("Last-Modified", epoch.Add(-time.Hour).Format(http.TimeFormat))
		h.Set("Content-Type", "text/html")
		h.Set("Content-Length", "4000")
		io.WriteString(w, strings.Repeat("<p>0123456", 400))
	case "/large":
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Length", "300000")
		io.WriteString(w, strings.Repeat("0123456789", 30_000))
	case "/growing":
		for range 3 {
			io.WriteString(w, "piece")
			w.(http.Flusher).Flush()
		}
	case "/nostore":
		h.Set("Cache-Control", "no-store")
		io.WriteString(w, "never kept")
	case "/empty":
		h.Set("Content-Length", "0")
	case "/204":
		w.WriteHeader(http.StatusNoContent)
	case "/moved":
		h.Set("Location", "/page")
		w.WriteHeader(http.StatusMovedPermanently)
	case "/404", "/500":
		status, _ := strconv.Atoi(r.URL.Path[1:4])
		w.WriteHeader(status)
		io.WriteString(w, "no")
	case "/odd":
		h["Set-Cookie"] = []string{"b=1", "a=2"}
		h["Via"] = []string{"1.1 elsewhere"}
		h["Connection"] = []string{"X-Hop"}
		h.Set("X-Hop", "gone")
		io.WriteString(w, "odd")
	default:
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %q %v", r.Method, r.URL.RequestURI(), body, err)
	}
}

// theEnd closes the connection after whatever came before it.
const theEnd = "GET /end HTTP/1.1\r\nHost: d.example\r\nConnection: close\r\n\r\n"

// talk sends requests at once on one connection to each front, and gives what came
// back, in the form of [canonical].
func (f *fronts) talk(secure bool, requests ...string) (ours, theirs string, err error) {
	requests = append(slices.Clone(requests), theEnd)
	var said [2]string
	for i := range said {
		raw, err := exchangeRaw(f, secure, i, strings.Join(requests, ""))
		if err == nil {
			said[i], err = canonical(raw, requests)
		}
		if err != nil {
			return "", "", fmt.Errorf("front %d: %w", i, err)
		}
	}
	return said[0], said[1], nil
}

func exchangeRaw(f *fronts, secure bool, i int, stream string) (string, error) {
	var c net.Conn
	var err error
	if secure {
		c, err = tls.Dial("tcp", f.secure[i], &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	} else {
		c, err = net.Dial("tcp", f.plain[i])
	}
	if err != nil {
		return "", err
	}
	defer c.Close()
	written := make(chan struct{})
	go func() { // ends when all is sent, or with the connection
		defer close(written)
		io.WriteString(c, stream)
	}()
	raw, err := io.ReadAll(c)
	c.Close()
	<-written
	return string(raw), err
}

// ids are what differs from answer to answer, and the day where nobody asks the
// edge's clock.
var ids = regexp.MustCompile(`(?m)(X-Amz-Cf-Id: |Request ID: |boundary=)\S+|(1\.1 )\w+(\.cloudfront\.net)|^(--)[0-9a-f]{60}|^(Date: ).*$`)

// canonical writes down the answers in raw: the lines of each head in the order of
// their names, and the body without its chunks. Lines of one name keep their order.
func canonical(raw string, requests []string) (string, error) {
	var b strings.Builder
	in := bufio.NewReader(strings.NewReader(raw))
	for n := 0; ; {
		status, err := in.ReadString('\n')
		if err == io.EOF && status == "" {
			return ids.ReplaceAllString(b.String(), "${1}${2}${3}${4}${5}*"), nil
		}
		if err != nil {
			return "", err
		}
		lines := []string{}
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return "", fmt.Errorf("head of answer %d in %q: %w", n, raw, err)
			}
			if line == "\r\n" {
				break
			}
			lines = append(lines, line)
		}
		slices.SortStableFunc(lines, func(x, y string) int {
			a, _, _ := strings.Cut(x, ":")
			b, _, _ := strings.Cut(y, ":")
			return cmp.Compare(a, b)
		})
		fmt.Fprintf(&b, "%s%s\r\n", status, strings.Join(lines, ""))
		if strings.HasPrefix(status, "HTTP/1.1 1") {
			continue
		}
		method := ""
		if n < len(requests) {
			method, _, _ = strings.Cut(requests[n], " ")
		}
		n++
		body, err := bodyOf(in, method, status, lines)
		if err != nil {
			return "", fmt.Errorf("body of answer %d in %.2000q: %w", n, raw, err)
		}
		b.WriteString(body + "\n")
	}
}

// bodyOf reads the body that belongs to a head. RFC 9112 §6.3
func bodyOf(in *bufio.Reader, method, status string, lines []string) (string, error) {
	_, code, _ := strings.Cut(strings.TrimSpace(status), " ")
	if code, _, _ = strings.Cut(code, " "); code == "" {
		return "", fmt.Errorf("no status line: %.100q", status)
	}
	if method == http.MethodHead || code == "204" || code == "304" {
		return "", nil
	}
	body := io.Reader(in)
	for _, line := range lines {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case name == "Content-Length":
			n, err := strconv.Atoi(value)
			if err != nil {
				return "", err
			}
			whole := make([]byte, n)
			_, err = io.ReadFull(in, whole)
			return string(whole), err
		case name == "Transfer-Encoding" && value == "chunked":
			whole, err := io.ReadAll(httputil.NewChunkedReader(in))
			if err == nil {
				_, err = in.ReadString('\n')
			}
			return string(whole), err
		}
	}
	whole, err := io.ReadAll(body)
	return string(whole), err
}
