package scenarios

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gregjones/httpcache"
	"pgregory.net/rapid"
)

// replies is an edge for a visitor: it counts, and answers what it is told.
type replies struct {
	now   func() time.Time
	got   []*http.Request
	reply func(n int, r *http.Request) (status int, h http.Header, body string)
}

func (o *replies) RoundTrip(r *http.Request) (*http.Response, error) {
	o.got = append(o.got, r)
	status, h, body := o.reply(len(o.got), r)
	if h["Date"] == nil {
		h.Set("Date", o.now().UTC().Format(http.TimeFormat))
	} else if h.Get("Date") == "" {
		h.Del("Date")
	}
	if r.Method == http.MethodHead {
		body = ""
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}

// always answers the same, with the number of the request as its body.
func always(status int, fields ...string) func(int, *http.Request) (int, http.Header, string) {
	return func(n int, r *http.Request) (int, http.Header, string) {
		h := http.Header{}
		for i := 0; i < len(fields); i += 2 {
			h.Add(fields[i], fields[i+1])
		}
		return status, h, fmt.Sprint("body ", n)
	}
}

// browse is one thing a visitor does.
type browse struct {
	after  time.Duration // cache time before
	method string        // default GET
	header http.Header
	unread bool // he does not read the body
}

func (b browse) do(t *testing.T, c *http.Client) (*http.Response, string) {
	t.Helper()
	method := b.method
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequest(method, "https://site.example/page", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b.unread {
		return res, ""
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// The facts about httpcache that a visitor is built on: what the private cache does
// with a response, told by how often the edge was asked.
func TestPrivateCacheAsMeasured(t *testing.T) {
	get := browse{}
	rows := []struct {
		name  string
		reply func(int, *http.Request) (int, http.Header, string)
		does  []browse
		asked int
		body  string // of the last answer; "": not looked at
	}{
		{"max-age is kept", always(200, "Cache-Control", "max-age=60"), []browse{get, {after: 59 * time.Second}}, 1, "body 1"},
		{"and not a second longer", always(200, "Cache-Control", "max-age=60"), []browse{get, {after: 60 * time.Second}}, 2, "body 2"},
		{"Expires is kept", always(200, "Expires", Start.Add(time.Minute).Format(http.TimeFormat)), []browse{get, {after: 59 * time.Second}}, 1, "body 1"},
		{"and not a second longer, either", always(200, "Expires", Start.Add(time.Minute).Format(http.TimeFormat)), []browse{get, {after: 60 * time.Second}}, 2, "body 2"},
		{"a body that is not read is not stored", always(200, "Cache-Control", "max-age=60"), []browse{{unread: true}, get}, 2, "body 2"},
		{"Vary: * is served from the cache", always(200, "Cache-Control", "max-age=60", "Vary", "*"), []browse{get, get}, 1, "body 1"},
		{"variants replace each other", always(200, "Cache-Control", "max-age=60", "Vary", "X-Lang"),
			[]browse{{header: http.Header{"X-Lang": {"en"}}}, {header: http.Header{"X-Lang": {"de"}}}, {header: http.Header{"X-Lang": {"en"}}}}, 3, "body 3"},
		{"a Range request deletes the whole response", always(200, "Cache-Control", "max-age=60"),
			[]browse{get, {header: http.Header{"Range": {"bytes=0-1"}}}, get}, 3, "body 3"},
		{"a POST invalidates nothing", always(200, "Cache-Control", "max-age=60"), []browse{get, {method: "POST"}, get}, 2, "body 1"},
		{"a stored GET does not answer a HEAD", always(200, "Cache-Control", "max-age=60"), []browse{get, {method: "HEAD"}}, 2, ""},
		{"Age is ignored", always(200, "Cache-Control", "max-age=60", "Age", "59"), []browse{get, {after: 30 * time.Second}}, 1, "body 1"},
		{"s-maxage is ignored", always(200, "Cache-Control", "max-age=60, s-maxage=1"), []browse{get, {after: 30 * time.Second}}, 1, "body 1"},
		{"private is kept, as it is a private cache", always(200, "Cache-Control", "private, max-age=60"), []browse{get, get}, 1, "body 1"},
		{"there is no heuristic", always(200, "Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"), []browse{get, get}, 2, "body 2"},
		{"only the first Cache-Control line counts", always(200, "Cache-Control", "public", "Cache-Control", "max-age=60"), []browse{get, get}, 2, "body 2"},
		{"directive names are case-sensitive", always(200, "Cache-Control", "Max-Age=60"), []browse{get, get}, 2, "body 2"},
		{"a quoted age is not understood", always(200, "Cache-Control", `max-age="60"`), []browse{get, get}, 2, "body 2"},
		{"a fractional age is", always(200, "Cache-Control", "max-age=60.5"), []browse{get, get}, 1, "body 1"},
		{"without Date everything is stale", always(200, "Cache-Control", "max-age=60", "Date", ""), []browse{get, get}, 2, "body 2"},
		{"a 500 with an age is stored", always(500, "Cache-Control", "max-age=60"), []browse{get, get}, 1, "body 1"},
		{"no-store is not", always(200, "Cache-Control", "no-store, max-age=60"), []browse{get, get}, 2, "body 2"},
		{"only-if-cached returns what is stale", always(200, "Cache-Control", "max-age=1"),
			[]browse{get, {after: time.Hour, header: http.Header{"Cache-Control": {"only-if-cached"}}}}, 1, "body 1"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			clock := &Clock{}
			edge := &replies{now: clock.Now, reply: r.reply}
			visitor := NewVisitor(edge, clock.Now)
			var body string
			for _, b := range r.does {
				clock.Advance(b.after)
				_, body = b.do(t, visitor)
			}
			if len(edge.got) != r.asked {
				t.Errorf("the edge was asked %d times, want %d", len(edge.got), r.asked)
			}
			if r.body != "" && body != r.body {
				t.Errorf("body %q, want %q", body, r.body)
			}
		})
	}
}

// A 304 is answered by what the browser has, with the header of the 304, and the
// visitor sees 200 even if the condition was his own.
func TestVisitorRevalidates(t *testing.T) {
	clock := &Clock{}
	edge := &replies{now: clock.Now, reply: func(n int, r *http.Request) (int, http.Header, string) {
		h := http.Header{"Etag": {`"1"`}, "Cache-Control": {"max-age=60"}}
		if r.Header.Get("If-None-Match") == `"1"` {
			return 304, h, ""
		}
		return 200, h, "hello"
	}}
	visitor := NewVisitor(edge, clock.Now)
	browse{}.do(t, visitor)
	clock.Advance(61 * time.Second)
	res, body := browse{header: http.Header{"If-None-Match": {`"other"`}}}.do(t, visitor)
	if res.StatusCode != 200 || body != "hello" || res.Header.Get("X-From-Cache") != "1" {
		t.Errorf("got %d %q %v, want the stored response, marked", res.StatusCode, body, res.Header)
	}
	if got := edge.got[1].Header.Get("If-None-Match"); got != `"1"` {
		t.Errorf("sent If-None-Match %s, want the cache's own", got)
	}
	if got, want := res.Header.Get("Date"), "Thu, 01 Jan 2026 00:01:01 GMT"; got != want {
		t.Errorf("Date %s, want that of the 304, %s", got, want)
	}
	clock.Advance(59 * time.Second)
	browse{}.do(t, visitor)
	if len(edge.got) != 2 {
		t.Errorf("asked %d times, want the 304 to have refreshed the response", len(edge.got))
	}
}

// Callers see the headers that the edge sent, whatever was done to them for
// httpcache's sake, also when it answers from its own.
func TestVisitorSeesTheOriginalHeaders(t *testing.T) {
	clock := &Clock{}
	expires := Start.Add(time.Hour).Format(http.TimeFormat)
	edge := &replies{now: clock.Now, reply: always(200, "Expires", expires, "Vary", "X-Lang", "Set-Cookie", "a=1")}
	visitor := NewVisitor(edge, clock.Now)
	do := browse{header: http.Header{"X-Lang": {"en"}}}
	do.do(t, visitor)
	clock.Advance(10 * time.Minute)
	res, _ := do.do(t, visitor)
	if len(edge.got) != 1 {
		t.Fatal("it was to come from the private cache")
	}
	want := map[string]string{
		"Date": "Thu, 01 Jan 2026 00:00:00 GMT", "Expires": expires, "Vary": "X-Lang", "X-From-Cache": "1",
		"Set-Cookie": "", "X-Varied-X-Lang": "", keptDate: "", keptExpires: "",
	}
	for name, v := range want {
		if got := res.Header.Get(name); got != v {
			t.Errorf("%s: %q, want %q", name, got, v)
		}
	}
}

// On cache time a visitor decides as httpcache does by itself when its own time
// passes: the same steps in a bubble, with the real thing, go the same way.
func TestVisitorDecidesAsIfTimePassed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var waits []time.Duration
		for range rapid.IntRange(1, 9).Draw(rt, "steps") {
			waits = append(waits, time.Duration(rapid.IntRange(0, 4).Draw(rt, "seconds"))*time.Second)
		}
		ages := rapid.SliceOfN(rapid.IntRange(-1, 5), 10, 10).Draw(rt, "max-age")
		expires := rapid.SliceOfN(rapid.IntRange(-1, 5), 10, 10).Draw(rt, "expires")
		tagged := rapid.Bool().Draw(rt, "etag")
		sie := rapid.IntRange(-1, 6).Draw(rt, "stale-if-error")
		failing := rapid.SliceOfN(rapid.Bool(), 12, 12).Draw(rt, "fails")
		reply := func(now func() time.Time) func(int, *http.Request) (int, http.Header, string) {
			return func(n int, r *http.Request) (int, http.Header, string) {
				h := http.Header{}
				n = min(n, 9)
				if failing[n] {
					return 503, h, "no"
				}
				if ages[n] >= 0 {
					h.Set("Cache-Control", fmt.Sprintf("max-age=%d", ages[n]))
					if sie >= 0 {
						h.Set("Cache-Control", fmt.Sprintf("max-age=%d, stale-if-error=%d", ages[n], sie))
					}
				}
				if expires[n] >= 0 {
					h.Set("Expires", now().UTC().Add(time.Duration(expires[n])*time.Second).Format(http.TimeFormat))
				}
				if tagged {
					h.Set("Etag", `"1"`)
					if r.Header.Get("If-None-Match") == `"1"` {
						return 304, h, ""
					}
				}
				return 200, h, fmt.Sprint("body ", n)
			}
		}
		play := func(c *http.Client, edge *replies, wait func(time.Duration)) (log []string) {
			for _, w := range waits {
				wait(w)
				res, body := browse{}.do(t, c)
				log = append(log, fmt.Sprint(res.StatusCode, " ", body, " asked ", len(edge.got), " from cache ", res.Header.Get("X-From-Cache")))
			}
			return log
		}
		clock := &Clock{}
		mine := &replies{now: clock.Now, reply: reply(clock.Now)}
		got := play(NewVisitor(mine, clock.Now), mine, clock.Advance)
		var want []string
		synctest.Test(t, func(t *testing.T) {
			real := &replies{now: time.Now, reply: reply(time.Now)}
			c := &http.Client{Transport: &httpcache.Transport{Transport: real, Cache: httpcache.NewMemoryCache(), MarkCachedResponses: true}}
			want = play(c, real, time.Sleep)
		})
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			rt.Fatalf("on cache time:\n%s\nwhen time passes:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// Cookies live and die by cache time.
func TestCookiesOnCacheTime(t *testing.T) {
	rows := []struct {
		name  string
		set   string
		after time.Duration
		want  string
	}{
		{"a session cookie stays", "a=1", 1000 * time.Hour, "a=1"},
		{"Max-Age counts from when it came", "a=1; Max-Age=60", 59 * time.Second, "a=1"},
		{"and not a second longer", "a=1; Max-Age=60", 60 * time.Second, ""},
		{"Expires is a moment", "a=1; Expires=Thu, 01 Jan 2026 00:01:00 GMT", 59 * time.Second, "a=1"},
		{"after which it is gone", "a=1; Expires=Thu, 01 Jan 2026 00:01:00 GMT", 60 * time.Second, ""},
		{"Max-Age outranks Expires", "a=1; Max-Age=120; Expires=Thu, 01 Jan 2026 00:01:00 GMT", 100 * time.Second, "a=1"},
		{"a path that does not match", "a=1; Path=/other", 0, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			clock := &Clock{}
			edge := &replies{now: clock.Now, reply: func(n int, _ *http.Request) (int, http.Header, string) {
				if n == 1 {
					return 200, http.Header{"Set-Cookie": {r.set}}, ""
				}
				return 200, http.Header{}, ""
			}}
			visitor := NewVisitor(edge, clock.Now)
			browse{}.do(t, visitor)
			clock.Advance(r.after)
			browse{}.do(t, visitor)
			if got := edge.got[1].Header.Get("Cookie"); got != r.want {
				t.Errorf("sent Cookie %q, want %q", got, r.want)
			}
		})
	}
}

// An answer that the private cache replaces by its own is closed: the edge would
// wait for a viewer who never reads it.
func TestVisitorLetsGoOfWhatTheCacheReplaces(t *testing.T) {
	clock := &Clock{}
	closed := make(map[int]bool)
	edge := &replies{now: clock.Now, reply: func(n int, _ *http.Request) (int, http.Header, string) {
		if n == 1 {
			return 200, http.Header{"Cache-Control": {"max-age=1, stale-if-error=60"}}, "hello"
		}
		return 503, http.Header{}, "no"
	}}
	visitor := NewVisitor(closing{edge, closed}, clock.Now)
	browse{}.do(t, visitor)
	clock.Advance(2 * time.Second)
	if res, body := (browse{}).do(t, visitor); res.StatusCode != 200 || body != "hello" {
		t.Fatalf("got %d %q, want the stale response", res.StatusCode, body)
	}
	if !closed[2] {
		t.Error("the 503 was never closed")
	}
}

// closing notes which bodies were closed, by number.
type closing struct {
	*replies
	closed map[int]bool
}

func (c closing) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.replies.RoundTrip(r)
	if err == nil {
		n := len(c.got)
		res.Body = noteClose{res.Body, func() { c.closed[n] = true }}
	}
	return res, err
}

type noteClose struct {
	io.Reader
	note func()
}

func (b noteClose) Close() error {
	b.note()
	return nil
}

// A visitor whose private cache answers after the origin's 304 came through the edge has
// not left before the end.
func TestVisitorStaysForA304(t *testing.T) {
	s, err := Read("x.yaml", []byte(`
name: a 304 of the origin's
source: docs/cloudfront/caching.md
rows: [COND-07]
edge: {pops: 2}
distribution:
  defaultCacheBehavior: {origin: web, policy: {minTTL: 0s, defaultTTL: 60s, maxTTL: 300s}}
origins:
  web:
    rules:
      - on: GET /a
        with: {If-None-Match: '"1"'}
        reply: {status: 304, header: {ETag: '"1"'}}
      - on: GET /a
        reply: {header: {Cache-Control: max-age=5, ETag: '"1"'}, body: a}
steps:
  - get: /a
    as: bob
    expect: {result: Miss}
  - advance: 6s
  - get: /a
    as: bob
    pop: 2
    expect: {status: 200, result: Miss, body: a}
`))
	if err != nil {
		t.Fatal(err)
	}
	if r := Play(t.Context(), s, Options{}); !r.Passed() {
		t.Error(r.Verbose())
	}
}
