package origin

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy/distribution"
)

func TestConnecting(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, row := range []struct {
		name   string
		origin distribution.Origin
		dial   func(context.Context) error
		want   outcome
		dials  int32
	}{
		{"ORG-11: a name that does not resolve", distribution.Origin{},
			func(context.Context) error { return &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true} },
			outcome{status: 502, phase: "resolve", detail: "OriginDnsError"}, 1},
		{"ORG-12: refused", distribution.Origin{}, func(context.Context) error { return refused },
			outcome{status: 502, phase: "connect", detail: "OriginConnectError"}, 3},
		{"ORG-13, LIM-07: packets dropped, three times ten seconds", distribution.Origin{},
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			outcome{status: 504, phase: "connect", timeout: true, detail: "OriginCommError", took: 30 * time.Second}, 3},
		{"ORG-13: one attempt of two seconds", distribution.Origin{ConnectionAttempts: 1, ConnectionTimeout: 2 * time.Second},
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			outcome{status: 504, phase: "connect", timeout: true, detail: "OriginCommError", took: 2 * time.Second}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := silent()
				tr := transport(t, p, row.origin)
				var dials atomic.Int32
				tr.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
					dials.Add(1)
					return nil, row.dial(ctx)
				}
				if got := fetched(tr, p, request("POST", "/", "x")); got != row.want || dials.Load() != row.dials {
					t.Errorf("POST /\n got %+v after %d dials\nwant %+v after %d", got, dials.Load(), row.want, row.dials)
				}
			})
		})
	}
}

func TestRefusedPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	tr, err := New(distribution.Origin{ID: "web", URL: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tr.RoundTrip(request("GET", "/", ""))
	if a := AnswerTo(err); a.Detail != "OriginConnectError" || a.Status != 502 {
		t.Errorf("a closed port gives %+v (%v), want 502 OriginConnectError", a, err)
	}
	if want := "origin web: connect: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %q, want %q and the cause", err, want)
	}
}

// certificate makes a self-signed one, and a pool that trusts it.
func certificate(t *testing.T, name string, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// secureOrigin answers over TLS on a loopback socket, and takes note of the server
// names it is asked for. A pipe would not do: both sides of a failed handshake
// write at once.
func secureOrigin(t *testing.T, config *tls.Config, names *atomic.Value) (dial func(context.Context, string, string) (net.Conn, error)) {
	t.Helper()
	config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		names.Store(h.ServerName)
		return nil, nil
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
	}
}

func TestCertificates(t *testing.T) {
	day := time.Now().Add(24 * time.Hour)
	for _, row := range []struct {
		name        string
		certificate string
		until       time.Time
		trusted     bool
		host        string // forwarded
		client      tls.ClientAuthType
		server      string // the name asked for
		phase       string
	}{
		{"ORG-07: for the origin's domain", "origin.example.com", day, true, "", 0, "origin.example.com", ""},
		{"ORG-07: for the domain, while Host is forwarded", "origin.example.com", day, true, "www.example.com", 0, "www.example.com", ""},
		{"ORG-07: for the forwarded Host", "www.example.com", day, true, "www.example.com:443", 0, "www.example.com", ""},
		{"ORG-07: for neither", "other.example.com", day, true, "www.example.com", 0, "www.example.com", "handshake"},
		{"ORG-08: self-signed", "origin.example.com", day, false, "", 0, "origin.example.com", "handshake"},
		{"ORG-08: expired", "origin.example.com", time.Now().Add(-time.Minute), true, "", 0, "origin.example.com", "handshake"},
		{"ORG-10: a client certificate is asked for, under TLS 1.2", "origin.example.com", day, true, "", tls.RequireAnyClientCert, "origin.example.com", "handshake"},
	} {
		t.Run(row.name, func(t *testing.T) {
			cert, pool := certificate(t, row.certificate, row.until)
			var server atomic.Value
			config := &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: row.client}
			if row.client != 0 {
				config.MaxVersion = tls.VersionTLS12 // 1.3 refuses after the handshake
			}
			dial := secureOrigin(t, config, &server)
			p := silent()
			tr := transport(t, p, distribution.Origin{Protocol: distribution.HTTPSOnly})
			tr.Dial = dial
			defer tr.CloseIdleConnections()
			tr.RootCAs = x509.NewCertPool()
			if row.trusted {
				tr.RootCAs = pool
			}
			req := request("GET", "/", "")
			req.Host = row.host
			got := fetched(tr, p, req)
			if got.phase != row.phase || row.phase != "" && got.status != 502 {
				t.Errorf("got %+v, want phase %q and 502 if there is one", got, row.phase)
			}
			if server.Load() != row.server {
				t.Errorf("the server name is %q, want %q", server.Load(), row.server)
			}
		})
	}
}

func TestConnectionsAreKept(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for _, row := range []struct {
		name  string
		pause time.Duration
		conns int
	}{
		{"ORG-19: two requests within 5 s use one connection", 4 * time.Second, 1},
		{"ORG-19: later they do not", 6 * time.Second, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := saying(0, false, ok)
				tr := transport(t, p, distribution.Origin{})
				defer p.running.Wait()
				defer tr.CloseIdleConnections()
				fetched(tr, p, request("GET", "/", ""))
				time.Sleep(row.pause)
				fetched(tr, p, request("GET", "/", ""))
				if p.conns != row.conns {
					t.Errorf("%d connections, want %d", p.conns, row.conns)
				}
			})
		})
	}
}

func TestViewerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := silent()
		tr := transport(t, p, distribution.Origin{})
		defer p.running.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, err := tr.RoundTrip(request("GET", "/", "").WithContext(ctx))
		if !errors.Is(err, context.Canceled) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v, want context canceled after 3s", time.Since(began), err)
		}
		if p.requests() != 1 {
			t.Errorf("the origin was asked %d times, want once", p.requests())
		}
	})
}

func TestUpgrade(t *testing.T) {
	p := &play{}
	p.do = func(c net.Conn, _ int) {
		buf := make([]byte, 4096)
		n, _ := c.Read(buf)
		if !strings.Contains(string(buf[:n]), "Connection: Upgrade\r\n") {
			return
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		io.Copy(c, c)
	}
	tr := transport(t, p, distribution.Origin{})
	req := request("GET", "/", "")
	req.Header.Set("Upgrade", "websocket")
	res, err := tr.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("PROT-08: got %v, %v, want 101", res, err)
	}
	both, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		t.Fatalf("PROT-08: the body is a %T, want one that can be written to", res.Body)
	}
	defer both.Close()
	io.WriteString(both, "ping")
	echo := make([]byte, 4)
	if _, err := io.ReadFull(both, echo); err != nil || string(echo) != "ping" {
		t.Errorf("PROT-08: echo is %q, %v, want ping", echo, err)
	}
}

func TestTLSWithoutGoodbye(t *testing.T) {
	cert, pool := certificate(t, "origin.example.com", time.Now().Add(time.Hour))
	for _, row := range []struct{ name, head, phase string }{
		{"COND-12: a body that ends with the connection just ends, also without close_notify", "HTTP/1.1 200 OK\r\n\r\n", ""},
		{"ORG-21: a Content-Length that is not reached", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "read body"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
				s.Read(make([]byte, 4096))
				io.WriteString(s, row.head+"he")
				c.Close() // the socket, not TLS
			}()
			tr, err := New(distribution.Origin{ID: "web", Domain: "origin.example.com", URL: "https://" + l.Addr().String()})
			if err != nil {
				t.Fatal(err)
			}
			tr.RootCAs = pool
			if got := fetched(tr, silent(), request("GET", "/", "")); got.body != "he" || got.phase != row.phase {
				t.Errorf("got %+v, want body he and phase %q", got, row.phase)
			}
		})
	}
}
