package bucket

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkObject asks for a small file whose ETag is known: what a miss costs that
// has not to read the file twice.
func BenchmarkObject(b *testing.B) {
	for _, row := range []struct{ name, path string }{{"object", "/site/app.js"}, {"missing", "/site/none.js"}} {
		b.Run(row.name, func(b *testing.B) {
			dir := b.TempDir()
			fill(b, dir, "site/app.js", strings.Repeat("x", 10_000))
			bucket, err := Open(dir, Options{Now: now})
			if err != nil {
				b.Fatal(err)
			}
			e := &Endpoint{Bucket: bucket}
			r, err := http.NewRequest(http.MethodGet, "http://b.s3.amazonaws.com"+row.path, nil)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				res, err := e.RoundTrip(r)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		})
	}
}
