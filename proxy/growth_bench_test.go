package proxy_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"testing"

	"staleproof/proxy/front"
)

// BenchmarkHitGrowth is a hit among n stored objects; store's BenchmarkMemoryGet has
// more of them.
func BenchmarkHitGrowth(b *testing.B) {
	for _, n := range []int{100, 1000, 30_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			edge := benchEdge(b)
			asked := make([]*front.Request, 100) // spread over all
			for i := range n {
				path := "/" + strconv.Itoa(i)
				r := httptest.NewRequest("GET", path, nil)
				edge.ServeHTTP(&quietWriter{r.Header}, r)
				if i%(n/len(asked)) == 0 {
					asked[i/(n/len(asked))] = frontRequest(httptest.NewRequest("GET", path, nil))
				}
			}
			benchmarkHits(b, edge, asked)
		})
	}
}

// BenchmarkHitInvalidations is a hit with n invalidations that do not concern it, from
// before it was stored or after.
func BenchmarkHitInvalidations(b *testing.B) {
	for _, when := range []string{"before", "after"} {
		for _, n := range []int{1, 100, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", when, n), func(b *testing.B) {
				edge := benchEdge(b)
				send := func() {
					for i := range n {
						if _, _, err := edge.Invalidate("", "/other/"+strconv.Itoa(i)); err != nil {
							b.Fatal(err)
						}
					}
				}
				if when == "before" {
					send()
				}
				warm(b, edge, httptest.NewRequest("GET", "/a", nil))
				if when == "after" {
					send()
				}
				benchmarkHits(b, edge, []*front.Request{frontRequest(httptest.NewRequest("GET", "/a", nil))})
			})
		}
	}
}

func benchmarkHits(b *testing.B, h front.Hitter, asked []*front.Request) {
	b.Helper()
	dst := make([]byte, 0, 4096)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, ok := h.Hit(dst, asked[i%len(asked)]); !ok {
			b.Fatal("not answered")
		}
	}
}
