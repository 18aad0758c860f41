package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/origin"
)

// film is an origin that answers ranges, and writes down what it was asked.
func film(asked *[]string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Header.Get("Range"))
		rw.Header().Set("Etag", `"f"`)
		http.ServeContent(rw, r, "film.mp4", time.Time{}, strings.NewReader("0123456789abcdefghij"))
	}
}

func TestParts(t *testing.T) {
	part := func(t *testing.T, g got, cache, body, contentRange string) {
		t.Helper()
		if g.status != 206 || g.cache() != cache || g.body != body || g.header.Get("Content-Range") != contentRange {
			t.Errorf("got %d %s %q %q, want 206 %s %q %q", g.status, g.cache(), g.body, g.header.Get("Content-Range"), cache, body, contentRange)
		}
	}
	t.Run("RNG-02: the part of an uncached object is asked of the origin and kept, one entry for each range", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), film(&asked))
		part(t, w.do("/f", "Range: bytes=0-3"), "Miss", "0123", "bytes 0-3/20")
		part(t, w.do("/f", "Range: bytes=0-3"), "Hit", "0123", "bytes 0-3/20")
		part(t, w.do("/f", "Range: bytes=4-7"), "Miss", "4567", "bytes 4-7/20")
		part(t, w.do("/f", "Range: bytes=4-7"), "Hit", "4567", "bytes 4-7/20")
		if fmt.Sprint(asked) != "[bytes=0-3 bytes=4-7]" {
			t.Errorf("the origin was asked for %q", asked)
		}
		w.want(w.do("/f"), cachepolicy.Miss, "0123456789abcdefghij") // a part is never the whole
		part(t, w.do("/f", "Range: bytes=8-9"), "Hit", "89", "bytes 8-9/20")
		w.wantFetched(3)
	})
	t.Run("RNG-02: several parts in one body are passed on and not kept", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), film(&asked))
		for range 2 {
			if g := w.do("/f", "Range: bytes=0-1,4-5"); g.status != 206 || g.cache() != "Miss" {
				t.Errorf("got %d %s, want 206 Miss", g.status, g.cache())
			}
		}
	})
	t.Run("RNG-02, RNG-05: of two lines of Range none names the entry of a part", func(t *testing.T) {
		var asked []string
		last := func(rw http.ResponseWriter, r *http.Request) {
			lines := r.Header["Range"]
			r.Header["Range"] = lines[max(0, len(lines)-1):] // as many an origin reads them
			film(&asked)(rw, r)
		}
		w := newWorld(t, optimized(), last)
		w.do("/f", "Range: bytes=0-3", "Range: bytes=4-7")
		part(t, w.do("/f", "Range: bytes=0-3"), "Miss", "0123", "bytes 0-3/20")
		w.do("/f")
		w.want(w.do("/f", "Range: bytes=0-3", "Range: bytes=4-7"), cachepolicy.Hit, "0123456789abcdefghij")
	})
	t.Run("ORG-25: a part of another length than it says is an error, and not kept", func(t *testing.T) {
		for _, row := range []struct {
			contentRange string
			status       int
		}{
			{"bytes 0-3/20", 206}, {"bytes 0-3/*", 206}, {"bytes", 206}, {"bytes 0-9/20", 502}, {"bytes 0-2/20", 502}, {"bytes 0-9/*", 502},
		} {
			w := newWorld(t, optimized(), func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Range", row.contentRange)
				rw.Header().Set("Content-Length", "4")
				rw.WriteHeader(http.StatusPartialContent)
				io.WriteString(rw, "0123")
			})
			g := w.do("/f", "Range: bytes=0-3")
			w.edge.Quiet()
			why := w.kinds(proxy.Replied)[0].Detail
			if g.status != row.status || strings.Contains(why, origin.ErrRangeLength.Error()) != (row.status == 502) {
				t.Errorf("%s with 4 bytes: got %d, %q, want %d", row.contentRange, g.status, why, row.status)
			}
			if kept := w.edge.Stored(); len(kept) != 1 || kept[0].Generated != (row.status == 502) {
				t.Errorf("%s with 4 bytes: %+v is stored", row.contentRange, kept)
			}
		}
	})
	t.Run("RNG-02: an expired part is fetched again", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), film(&asked))
		w.do("/f", "Range: bytes=0-3")
		w.advance(25 * time.Hour)
		part(t, w.do("/f", "Range: bytes=0-3"), "Miss", "0123", "bytes 0-3/20")
		w.wantFetched(2)
	})
	t.Run("RNG-02: a stored part does not answer when If-Range does not hold", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), film(&asked))
		w.do("/f", "Range: bytes=0-3")
		part(t, w.do("/f", "Range: bytes=0-3", `If-Range: "f"`), "Hit", "0123", "bytes 0-3/20")
		w.want(w.do("/f", "Range: bytes=0-3", `If-Range: "g"`), cachepolicy.Miss, "0123456789abcdefghij")
	})
	for _, item := range []string{"/f", "/*", "/f*"} {
		t.Run("RNG-09: an invalidation of "+item+" takes the parts and the whole", func(t *testing.T) {
			var asked []string
			w := newWorld(t, optimized(), film(&asked))
			w.do("/f", "Range: bytes=0-3")
			w.do("/f")
			if _, report, err := w.edge.Invalidate("", item); err != nil || len(report.Items[0].Covered) != 2 {
				t.Errorf("got %+v %v, want two keys covered", report, err)
			}
			part(t, w.do("/f", "Range: bytes=0-3"), "Miss", "0123", "bytes 0-3/20")
			w.want(w.do("/f"), cachepolicy.Miss, "0123456789abcdefghij")
		})
	}
	t.Run("RNG-09: the range is no part of the key", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), film(&asked))
		w.do("/f")
		for _, spec := range []string{"bytes=0-1", "bytes=5-", "bytes=-2"} {
			if g := w.do("/f", "Range: "+spec); g.cache() != "Hit" {
				t.Errorf("%s: got %s, want a hit from the whole", spec, g.cache())
			}
		}
		w.wantFetched(1)
	})
	t.Run("RNG-04: an origin that answers a range in chunks is passed on whole", func(t *testing.T) {
		w := newWorld(t, optimized(), func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, "0123456789") // no Content-Length
		})
		w.want(w.do("/f", "Range: bytes=0-3"), cachepolicy.Miss, "0123456789")
	})
	t.Run("RNG-06: a range of a compressed object counts compressed bytes", func(t *testing.T) {
		text := strings.Repeat("all work and no play ", 200)
		w := newWorld(t, optimized(compressing), page(text, "Content-Type: text/plain", fmt.Sprintf("Content-Length: %d", len(text))))
		whole := w.do("/f", "Accept-Encoding: gzip")
		g := w.do("/f", "Accept-Encoding: gzip", "Range: bytes=0-9")
		if g.status != 206 || g.body != whole.body[:10] || g.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("got %d %q %q, want the first ten of the %d compressed bytes", g.status, g.header.Get("Content-Encoding"), g.body, len(whole.body))
		}
		if want := fmt.Sprintf("bytes 0-9/%d", len(whole.body)); g.header.Get("Content-Range") != want {
			t.Errorf("got Content-Range %q, want %q", g.header.Get("Content-Range"), want)
		}
	})
}

// compressing switches the default behavior's compression on.
func compressing(d *distribution.Distribution) { d.Behaviors[len(d.Behaviors)-1].Compress = true }

func TestLargestObject(t *testing.T) {
	announced := func(length int64, body string) func(*proxy.Config) {
		return func(c *proxy.Config) {
			c.MaxObjectBytes = 10
			for id := range c.Origins {
				c.Origins[id] = scripted(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: length, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
				})
			}
		}
	}
	t.Run("RNG-07: a response of the largest size is cached, announced or in chunks", func(t *testing.T) {
		for _, length := range []int64{10, -1} {
			w := newWorld(t, optimized(), nil, announced(length, "0123456789"))
			w.want(w.do("/f"), cachepolicy.Miss, "0123456789")
			w.want(w.do("/f"), cachepolicy.Hit, "0123456789")
		}
	})
	t.Run("RNG-08: a larger one is an error", func(t *testing.T) {
		w := newWorld(t, optimized(), nil, announced(11, "0123456789a"))
		if g := w.do("/f"); g.status != 502 || g.cache() != "Error" {
			t.Errorf("got %d %s, want 502 Error", g.status, g.cache())
		}
	})
	t.Run("RNG-08: a larger one in chunks is cut and not kept", func(t *testing.T) {
		w := newWorld(t, optimized(), nil, announced(-1, "0123456789a"))
		for range 2 {
			if g := w.do("/f"); g.err == nil || g.cache() != "Miss" {
				t.Errorf("got %s %v, want a miss that breaks off", g.cache(), g.err)
			}
		}
	})
	t.Run("RNG-08: with caching off it is passed through", func(t *testing.T) {
		off := policy(func(p *cachepolicy.Policy) { *p, _ = cachepolicy.ManagedPolicy("CachingDisabled") })
		w := newWorld(t, optimized(off), nil, announced(11, "0123456789a"))
		w.want(w.do("/f"), cachepolicy.Miss, "0123456789a")
	})
	t.Run("RNG-08: parts under the limit are cached", func(t *testing.T) {
		var asked []string
		w := newWorld(t, optimized(), film(&asked), func(c *proxy.Config) { c.MaxObjectBytes = 10 })
		w.do("/f", "Range: bytes=0-3")
		if g := w.do("/f", "Range: bytes=0-3"); g.cache() != "Hit" || g.body != "0123" {
			t.Errorf("got %s %q, want a hit", g.cache(), g.body)
		}
	})
	limits := []struct {
		name string
		set  cachepolicy.Emulation
		do   string
		size int64
		want int
	}{
		{"D-12: 50 GB", cachepolicy.Emulation{}, "/f", 50 << 30, 200},
		{"D-12: one byte more", cachepolicy.Emulation{}, "/f", 50<<30 + 1, 502},
		{"D-12: of 2023, 30 GB", cachepolicy.Emulation{Largest30GB: true}, "/f", 30<<30 + 1, 502},
		{"D-17: the limit is for GET", cachepolicy.Emulation{}, "POST /f", 50<<30 + 1, 200},
		{"D-17: of 2023, for POST and PUT, too", cachepolicy.Emulation{SizeLimitForWrites: true}, "POST /f", 50<<30 + 1, 502},
	}
	for _, tt := range limits {
		t.Run(tt.name, func(t *testing.T) {
			d := optimized(func(d *distribution.Distribution) {
				d.Behaviors[0].Terms.Emulation, d.Behaviors[0].Methods = tt.set, distribution.AllMethods
			})
			w := newWorld(t, d, nil, announced(tt.size, ""), func(c *proxy.Config) { c.MaxObjectBytes = 0 })
			if g := w.do(tt.do); g.status != tt.want {
				t.Errorf("%d bytes announced: got %d, want %d", tt.size, g.status, tt.want)
			}
		})
	}
}

// TestSeveralRangesHaveOneBoundary: law 1: the same seed gives the same bytes, the
// boundary included.
func TestSeveralRangesHaveOneBoundary(t *testing.T) {
	var said [2]got
	for i := range said {
		w := newWorld(t, optimized(), page("0123456789"))
		w.do("/a")
		said[i] = w.do("/a", "Range: bytes=0-1,4-5")
	}
	if said[0].status != 206 || said[0].body != said[1].body || said[0].body == "" {
		t.Errorf("got %d\n%s\nand %d\n%s\nwant the same twice", said[0].status, said[0].body, said[1].status, said[1].body)
	}
}
