package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"staleproof/proxy"
)

// fileWriter is a server's ResponseWriter that knows how to send files.
type fileWriter struct {
	*httptest.ResponseRecorder
	files int
}

func (w *fileWriter) ReadFrom(src io.Reader) (int64, error) {
	of := src
	if part, ok := src.(*io.LimitedReader); ok {
		of = part.R
	}
	if _, ok := of.(syscall.Conn); ok {
		w.files++
	}
	return io.Copy(w.ResponseRecorder, src)
}

// TestFileBodies: a stored body that is in a file goes to the server as one, whole or in
// part, so that it need not be read.
func TestFileBodies(t *testing.T) {
	content := strings.Repeat("0123456789", 100)
	w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
		http.ServeContent(rw, r, "film.mp4", time.Time{}, strings.NewReader(content))
	}, func(c *proxy.Config) { c.SpoolBytes = 100 })
	w.do("/f")
	for _, row := range []struct {
		method, field, want string
		files               int
	}{
		{http.MethodGet, "", content, 1},
		{http.MethodGet, "bytes=5-904", content[5:905], 1},
		{http.MethodHead, "", "", 0},
	} {
		r := httptest.NewRequest(row.method, "http://d.example/f", nil)
		if row.field != "" {
			r.Header.Set("Range", row.field)
		}
		rw := &fileWriter{ResponseRecorder: httptest.NewRecorder()}
		w.edge.ServeHTTP(rw, r)
		if got := rw.Header().Get("X-Cache"); rw.Body.String() != row.want || rw.files != row.files || got != "Hit from cloudfront" {
			t.Errorf("RNG-02: %s %s: %s, %d files, %.20q; want a hit, %d files, %.20q", row.method, row.field, got, rw.files, rw.Body, row.files, row.want)
		}
	}
}
