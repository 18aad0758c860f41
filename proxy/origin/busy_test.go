package origin

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy/distribution"
)

// TestNoConnectionFree: ORG-13 (inferred): who finds all connections taken by others
// waits as long as the origin is tried to be connected to, and gets 504; for bodies,
// which go through net/http, opening one counts, too.
func TestNoConnectionFree(t *testing.T) {
	for _, row := range []struct {
		name, method string
		want         time.Duration
	}{
		{"without a body", http.MethodGet, 6 * time.Second},
		{"with a body", http.MethodPost, 12 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr, err := New(distribution.Origin{ID: "web", URL: "http://a", ConnectionAttempts: 3, ConnectionTimeout: 2 * time.Second, ReadTimeout: time.Hour})
				if err != nil {
					t.Fatal(err)
				}
				tr.Dial = func(context.Context, string, string) (net.Conn, error) {
					near, far := net.Pipe()
					go io.Copy(io.Discard, far)
					return near, nil
				}
				ctx, cancel := context.WithCancel(t.Context())
				ask := func(ctx context.Context) error {
					var body io.Reader
					if row.method == http.MethodPost {
						body = strings.NewReader("x")
					}
					req, err := http.NewRequestWithContext(ctx, row.method, "http://a/", body)
					if err != nil {
						return err
					}
					res, err := tr.RoundTrip(req)
					if err == nil {
						res.Body.Close()
					}
					return err
				}
				done := make(chan error, maxConns)
				for range maxConns {
					go func() { done <- ask(ctx) }()
				}
				synctest.Wait()
				began := time.Now()
				err = ask(t.Context())
				var e *Error
				if !errors.As(err, &e) || e.Phase != Connect || !e.Timeout || Status(err) != http.StatusGatewayTimeout {
					t.Errorf("got %v, want that connecting took too long", err)
				}
				if took := time.Since(began); took != row.want {
					t.Errorf("waited %v, want %v", took, row.want)
				}
				cancel()
				for range maxConns {
					<-done
				}
				tr.CloseIdleConnections()
			})
		})
	}
}
