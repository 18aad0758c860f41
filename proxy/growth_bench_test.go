package proxy_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/gregjones/httpcache"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
	"staleproof/proxy/store"
)

// growth are numbers of stored objects. A million of them, each of 100 bytes, take
// 1.3 GiB.
var growth = []int{100, 1000, 10_000, 100_000, 1_000_000}

// fullEdge is an edge with n stored objects, /0 to /n-1, each under 100 bytes.
func fullEdge(b *testing.B, n int) *proxy.Edge {
	b.Helper()
	d := optimized()
	edge, err := proxy.New(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 3 << 30,
		Origins: map[string]http.RoundTripper{d.Origins[0].ID: small{}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		edge.Close()
		runtime.GC()
	})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := range n {
		r.RequestURI = "/" + strconv.Itoa(i)
		r.URL.Path = r.RequestURI
		edge.ServeHTTP(&quietWriter{header: http.Header{}}, r)
	}
	runtime.GC() // now, and not while somebody measures
	return edge
}

// small is an origin with one small answer, at less cost than a Handler's.
type small struct{}

func (small) RoundTrip(r *http.Request) (*http.Response, error) {
	const body = "a small answer"
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Cache-Control": {"max-age=86400"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// BenchmarkHitGrowth is a hit among n stored objects: one of a hundred that are asked
// for all the time, any of them, and any of them twice in a row: the first of the two
// finds it in no cache of the processor's, the second does the same in all of them.
func BenchmarkHitGrowth(b *testing.B) {
	for _, n := range growth {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			edge := fullEdge(b, n)
			few := make([]*front.Request, 100) // spread over all
			for i := range few {
				few[i] = frontRequest(httptest.NewRequest(http.MethodGet, "/"+strconv.Itoa(i*(n/len(few))), nil))
			}
			b.Run("few", func(b *testing.B) { benchmarkHits(b, edge, few) })
			b.Run("any", func(b *testing.B) { benchmarkAnyHit(b, edge, n, 1) })
			b.Run("twice", func(b *testing.B) { benchmarkAnyHit(b, edge, n, 2) })
		})
	}
}

// benchmarkAnyHit asks for one of n objects at random, from a fixed seed, some times.
func benchmarkAnyHit(b *testing.B, h front.Hitter, n, times int) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	r := frontRequest(httptest.NewRequest(http.MethodGet, "/0", nil))
	dst := make([]byte, 0, 4096)
	path := make([]byte, 1, 16)
	path[0] = '/'
	b.ReportAllocs()
	for b.Loop() {
		path = strconv.AppendInt(path[:1], rng.Int64N(int64(n)), 10)
		r.Path = unsafe.String(&path[0], len(path)) // as the front does, which allocates nothing
		for range times {
			if _, _, ok := h.Hit(dst, r); !ok {
				b.Fatal("not answered")
			}
		}
	}
}

// BenchmarkInvalidateGrowth is one invalidation among n stored objects: of one path,
// and of all. A report of what one covers looks at all objects and is not in it.
func BenchmarkInvalidateGrowth(b *testing.B) {
	for _, n := range growth {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			edge := fullEdge(b, n)
			for _, row := range []struct{ name, item string }{{"one", "/1"}, {"all", "/*"}} {
				b.Run(row.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if _, err := edge.Send(proxy.Batch{Items: []string{row.item}}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// BenchmarkInvalidationsGrowth is one invalidation after n others, each under a caller
// reference of its own, as AWS's clients send them.
func BenchmarkInvalidationsGrowth(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			edge := benchEdge(b)
			sent := 0
			send := func() {
				sent++
				if _, err := edge.Send(proxy.Batch{Items: []string{"/1"}, CallerReference: strconv.Itoa(sent)}); err != nil {
					b.Fatal(err)
				}
			}
			for range n {
				send()
			}
			b.ReportAllocs()
			for b.Loop() {
				send()
			}
		})
	}
}

// BenchmarkKeptInvalidationsGrowth is the same with --state: what was sent is kept in
// files before it is answered.
func BenchmarkKeptInvalidationsGrowth(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			edge := keptEdge(b, n)
			sent := n
			b.ReportAllocs()
			for b.Loop() {
				sent++
				if _, err := edge.Send(proxy.Batch{Items: []string{"/1"}, CallerReference: strconv.Itoa(sent)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// keptEdge is an edge on a directory where n invalidations are kept. They are sent to a
// store in memory that is copied, since n files take their time.
func keptEdge(b *testing.B, n int) *proxy.Edge {
	b.Helper()
	memory := values{}
	open := func(behind httpcache.Cache) *proxy.Edge {
		d := optimized()
		edge, err := proxy.New(proxy.Config{
			Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 64 << 20, Store: behind,
			Origins: map[string]http.RoundTripper{d.Origins[0].ID: small{}},
		})
		if err != nil {
			b.Fatal(err)
		}
		return edge
	}
	first := open(memory)
	for i := range n {
		if _, err := first.Send(proxy.Batch{Items: []string{"/1"}, CallerReference: strconv.Itoa(i + 1)}); err != nil {
			b.Fatal(err)
		}
	}
	first.Close()
	disk, err := store.Open("disk:" + b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for key, value := range memory {
		disk.Set(key, value)
	}
	edge := open(disk)
	b.Cleanup(func() { edge.Close() })
	if got := len(edge.Invalidations()); got != n {
		b.Fatalf("%d invalidations were kept, want %d", got, n)
	}
	return edge
}

// values is a store behind memory that can be copied.
type values map[string][]byte

func (v values) Get(key string) ([]byte, bool) { b, ok := v[key]; return b, ok }
func (v values) Set(key string, b []byte)      { v[key] = b }
func (v values) Delete(key string)             { delete(v, key) }

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
