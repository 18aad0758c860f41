package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// aged is how long a probe waits until a max-age of one second is over. It is real
// time: a foreign distribution has no clock that could be moved.
const aged = 2200 * time.Millisecond

var fresh = "Cache-Control: max-age=600"

// probes ask a distribution about rows that are inferred or disputed. Each returns
// what was otherwise, or "".
var probes = []struct {
	name   string
	origin http.HandlerFunc
	try    func(*probe) string
}{
	{"TTL-21, D-1: Cache-Control without an age is cached by default", saying(200, "x", "Cache-Control: public"),
		func(p *probe) string { return p.hits("/a", "/a") }},
	{"TTL-28, D-2: a viewer's no-cache changes nothing", saying(200, "x", fresh),
		func(p *probe) string { return p.hits("/a", "/a", "Cache-Control: no-cache", "Pragma: no-cache") }},
	{"KEY-11: a HEAD for a stored GET is a hit", saying(200, "x", fresh),
		func(p *probe) string { return p.hits("/a", "HEAD /a") }},
	{"KEY-12: a HEAD that misses stores no GET", saying(200, "x", fresh),
		func(p *probe) string { return p.misses("HEAD /a", "/a") }},
	{"KEY-13, D-5: HEAD is cached", saying(200, "x", fresh),
		func(p *probe) string { return p.hits("HEAD /a", "HEAD /a") }},
	{"KEY-16, unknown 14: a POST leaves a stored GET alone", saying(200, "x", fresh),
		func(p *probe) string {
			p.send("/a")
			p.send("POST /a")
			return p.hits("/a", "/a")
		}},
	{"unknown 1: %2F and / are two entries", saying(200, "x", fresh),
		func(p *probe) string { return p.misses("/a/b", "/a%2Fb") }},
	{"unknown 2: /x? and /x are one entry", saying(200, "x", fresh),
		func(p *probe) string { return p.hits("/a", "/a?") }},
	{"unknown 2: ?a and ?a= are two", saying(200, "x", fresh),
		func(p *probe) string { return p.misses("/a?a", "/a?a=") }},
	{"QS-05: the order of parameters counts", saying(200, "x", fresh),
		func(p *probe) string { return p.misses("/a?a=1&b=2", "/a?b=2&a=1") }},
	{"QS-15: values are not decoded", saying(200, "x", fresh),
		func(p *probe) string { return p.misses("/a?a=1", "/a?a=%31") }},
	{"VARY-07: Vary does not extend the key", saying(200, "x", fresh, "Vary: X-Lang"),
		func(p *probe) string { return p.hits("/a", "/a", "X-Lang: de") }},
	{"unknown 7: an Age of the origin's is not taken off the lifetime", saying(200, "x", "Cache-Control: max-age=100", "Age: 200"),
		func(p *probe) string { return p.hits("/a", "/a") }},
	{"TTL-23: Pragma in a response means nothing", saying(200, "x", "Pragma: no-cache"),
		func(p *probe) string { return p.hits("/a", "/a") }},
	{"unknown 8: an unreadable max-age is as if absent", saying(200, "x", "Cache-Control: max-age=abc"),
		func(p *probe) string { return p.hits("/a", "/a") }},
	{"unknown 8: Expires: 0 is over", saying(200, "x", "Expires: 0"),
		func(p *probe) string { return p.misses("/a", "/a") }},
	{"unknown 11: 204 is cached by default", saying(204, ""),
		func(p *probe) string { return p.hits("/a", "/a") }},
	{"ERR-27: 307 without Cache-Control is not cached", saying(307, "", "Location: /b"),
		func(p *probe) string { return p.misses("/a", "/a") }},
	{"ERR-03, D-8: 403 without an age is not cached", saying(403, "x"),
		func(p *probe) string { return p.misses("/a", "/a") }},
	{"ERR-08, D-10: 410 is not cached", saying(410, "x"),
		func(p *probe) string { return p.misses("/a", "/a") }},
	{"ERR-09, D-9: 404 with no-store is not cached", saying(404, "x", "Cache-Control: no-store"),
		func(p *probe) string { return p.misses("/a", "/a") }},
	{"ERR-09, D-9: 500 with no-store is", saying(500, "x", "Cache-Control: no-store"),
		func(p *probe) string { return cached(p, "/a") }},
	{"ERR-28: 429 is not cached", saying(429, "x"),
		func(p *probe) string { return p.misses("/a", "/a") }},
	{"COND-06, unknown 13: a viewer's condition is answered from the cache, as a hit", saying(200, "x", fresh, `ETag: "a"`),
		func(p *probe) string {
			if said := p.hits("/a", "/a", `If-None-Match: "a"`); said != "" {
				return said
			}
			if got := p.send("/a", `If-None-Match: "a"`); got.status != 304 {
				return fmt.Sprintf("got %d, want 304", got.status)
			}
			return ""
		}},
	{"XC-14, D-14: the origin's Via stays behind CloudFront's", saying(200, "x", fresh, "Via: 1.1 umbrella"),
		func(p *probe) string {
			if via := p.send("/a").header.Get("Via"); !strings.HasSuffix(via, "(CloudFront), 1.1 umbrella") {
				return "got Via: " + via
			}
			return ""
		}},
	{"RNG-05, unknown 16: two ranges of a stored object are multipart/byteranges", saying(200, "0123456789", fresh),
		func(p *probe) string {
			p.hits("/a", "/a")
			got := p.send("/a", "Range: bytes=0-1,4-5")
			if got.status != 206 || !strings.HasPrefix(got.header.Get("Content-Type"), "multipart/byteranges") {
				return fmt.Sprintf("got %d %s", got.status, got.header.Get("Content-Type"))
			}
			return ""
		}},
	{"TTL-22: must-revalidate leaves the lifetime alone", saying(200, "x", "Cache-Control: max-age=60, must-revalidate"),
		func(p *probe) string { return p.hits("/a", "/a") }},
	{"COLL-02, unknown 13: who joins a request gets a Hit", slow(saying(200, "x", fresh)), collapsed},
	{"STALE-01, unknown 5: a stale answer is a Hit with an Age above the lifetime",
		saying(200, "x", "Cache-Control: max-age=1, stale-while-revalidate=600"),
		func(p *probe) string {
			p.send("/a")
			time.Sleep(aged)
			if got := p.send("/a"); got.result() != "Hit" || got.header.Get("Age") < "2" {
				return fmt.Sprintf("got %s, Age %q", got.result(), got.header.Get("Age"))
			}
			return ""
		}},
	{"STALE-11, unknown 9: an expired object answers when the origin fails, must-revalidate or not",
		thenFailing(saying(200, "x", "Cache-Control: max-age=1, must-revalidate")),
		func(p *probe) string {
			p.send("/a")
			time.Sleep(aged)
			return whole(p.send("/a"))
		}},
	{"STALE-14, D-4, unknown 19: no-cache answers when the origin fails", thenFailing(saying(200, "x", "Cache-Control: no-cache")),
		func(p *probe) string {
			p.send("/a")
			return whole(p.send("/a"))
		}},
	{"STALE-06, D-3: stale-if-error answers for any 5xx", thenFailing(saying(200, "x", "Cache-Control: max-age=1, stale-if-error=600")),
		func(p *probe) string {
			p.send("/a")
			time.Sleep(aged)
			return whole(p.send("/a"))
		}},
}

// cached reports when none of a few requests was answered without the origin.
func cached(p *probe, path string) string {
	for range patient {
		p.send(path)
	}
	if n := p.reached(); n >= patient {
		return fmt.Sprintf("the origin was asked %d times", n)
	}
	return ""
}

func whole(a answer) string {
	if a.status != 200 || a.body != "x" {
		return fmt.Sprintf("got %d %q, want the old object", a.status, a.body)
	}
	return ""
}

// slow lets an answer take a second, so that others can join.
func slow(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Second)
		answer(w, r)
	}
}

// collapsed asks five times at once.
func collapsed(p *probe) string {
	results := make([]string, patient)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = p.send("/a").result() })
	}
	all.Wait()
	if said := strings.Join(results, " "); !strings.Contains(said, "Hit") || p.reached() == patient {
		return fmt.Sprintf("got %s after %d origin requests", said, p.reached())
	}
	return ""
}
