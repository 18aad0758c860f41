package front

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"
)

// certificate is one for "a".
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"a"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func serveTLS(t *testing.T, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	go func() { done <- s.ServeTLS(l, config) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != http.ErrServerClosed {
			t.Errorf("ServeTLS returned %v", err)
		}
	})
	return l.Addr().String()
}

// TestTLS: over TLS HTTP/1.1 is served as without, the Hitter and the Handler know
// of it, and so does net/http when it has the connection.
func TestTLS(t *testing.T) {
	knows := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || r.TLS.Version != tls.VersionTLS13 {
			t.Errorf("%s %s: got TLS %v, want version 1.3", r.Method, r.URL, r.TLS)
		}
		miss(w, r)
	})
	s := &Server{Handler: knows, ErrorLog: quiet, Hitter: hitFunc(func(dst []byte, r *Request) (head, body []byte, ok bool) {
		if !r.TLS || r.State.Version != tls.VersionTLS13 {
			t.Errorf("%s: got TLS %v, %v, want version 1.3", r.Path, r.TLS, r.State)
		}
		return hits(dst, r)
	})}
	addr := serveTLS(t, s)
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	v := &viewer{t, c, bufio.NewReader(c)}
	for _, row := range []struct{ request, body string }{
		{get("/hit"), "hit /hit"},
		{get("/large"), string(large)},
		{get("/x"), "miss /x "},
		{get("/hit") + get("/x"), "hit /hit"}, {"", "miss /x "},
		{"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "miss /p x"},
		{get("/hit"), "miss /hit "},
	} {
		v.send(row.request)
		if _, body := v.answer("GET"); body != row.body {
			t.Errorf("request %q: got %.40q, want %.40q", row.request, body, row.body)
		}
	}
}

// TestHTTP2: PROT-01: over TLS HTTP/2 is offered, and the Hitter is asked.
func TestHTTP2(t *testing.T) {
	addr := serveTLS(t, &Server{Hitter: hitFunc(hits), Handler: miss})
	for _, version := range []uint16{tls.VersionTLS13, tls.VersionTLS12} {
		tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: version}, ForceAttemptHTTP2: true}
		defer tr.CloseIdleConnections()
		res, err := (&http.Client{Transport: tr}).Get("https://" + addr + "/hit")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if res.ProtoMajor != 2 || string(body) != "hit /hit" {
			t.Errorf("%s: got %s %q, want HTTP/2 and a hit", tls.VersionName(version), res.Proto, body)
		}
	}
}

// TestPlainOnTLS: who speaks HTTP on a TLS port is told so.
func TestPlainOnTLS(t *testing.T) {
	v := dial(t, serveTLS(t, &Server{Handler: miss, ErrorLog: quiet}))
	v.send(get("/x"))
	if res, _ := v.answer("GET"); res.StatusCode != 400 {
		t.Errorf("got %d, want 400", res.StatusCode)
	}
	v.ended()
}

// TestNetHTTPAlone: the Hitter is not asked, and a connection that goes on is said to,
// on our front and on net/http's.
func TestNetHTTPAlone(t *testing.T) {
	asked := 0
	s := &Server{NetHTTP: true, SayKeepAlive: true, Handler: http.HandlerFunc(miss), ErrorLog: quiet, Hitter: hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
		asked++
		return nil, nil, false
	})}
	c, err := tls.Dial("tcp", serveTLS(t, s), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for _, row := range []struct {
		request string
		close   bool
	}{
		{"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", false},
		{"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", false},
		{"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true},
	} {
		io.WriteString(c, row.request)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		if said := res.Header.Get("Connection") == "keep-alive"; said == row.close || res.Close != row.close {
			t.Errorf("%q: keep-alive said: %t, close: %t, want one of them, close: %t [ERR-07]", row.request, said, res.Close, row.close)
		}
	}
	if asked > 0 {
		t.Errorf("the Hitter was asked %d times, want none", asked)
	}
}
