package scenarios

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gregjones/httpcache"
)

// NewVisitor is a viewer with a memory: a client with a private cache and a
// cookie jar of its own, both on cache time. Edge is a proxy.Edge or a
// proxy.Network; now its Config.Now, in whole seconds.
//
// The private cache is httpcache's and does what that does; docs/SCENARIOS.md
// lists in which ways browsers do otherwise. What it answers alone carries
// X-From-Cache; so does what the edge confirmed by a 304.
func NewVisitor(edge http.RoundTripper, now func() time.Time) *http.Client {
	cache := &agingCache{Cache: httpcache.NewMemoryCache(), now: now}
	private := &httpcache.Transport{Transport: remembering{edge}, Cache: cache, MarkCachedResponses: true}
	return &http.Client{Transport: restoring{private}, Jar: &jar{now: now}}
}

// httpcache.Transport asks the wall clock how old a response is and cannot be
// given another one. So it is wrapped from three sides, that its distances to the
// wall clock equal those to cache time.

// Private fields in which the originals are remembered.
const (
	keptDate    = "Staleproof-Date"
	keptExpires = "Staleproof-Expires"
)

var kept = map[string]string{"Date": keptDate, "Expires": keptExpires}

// remembering is the side below: it remembers what the cache's side will rewrite.
type remembering struct{ http.RoundTripper }

func (t remembering) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res := *got
	res.Header = got.Header.Clone()
	for name, as := range kept {
		if v := got.Header.Get(name); v != "" {
			res.Header.Set(as, v)
		}
	}
	if asked, ok := r.Context().Value(askedKey{}).(*asked); ok {
		asked.res = &res
	}
	return &res, nil
}

// agingCache is the cache's side: what it holds has the age by the wall clock
// that it has by cache time.
type agingCache struct {
	httpcache.Cache
	now func() time.Time
}

// wallFormat is http.TimeFormat with fractions of a second, which httpcache
// parses, too.
const wallFormat = "Mon, 02 Jan 2006 15:04:05.000000000 GMT"

func (c *agingCache) Get(key string) ([]byte, bool) {
	b, ok := c.Cache.Get(key)
	if !ok {
		return nil, false
	}
	head, body, _ := bytes.Cut(b, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	// Half a second on top: ages and lifetimes are whole seconds, so that whatever
	// time passes until httpcache compares them, up to half a second, does not
	// change how it compares.
	ahead := time.Since(c.now()) - time.Second/2
	for i, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if as, ok := kept[name]; ok {
			if t, err := http.ParseTime(field(lines, as)); err == nil {
				lines[i] = name + ": " + t.Add(ahead).UTC().Format(wallFormat)
			}
		}
	}
	return append([]byte(strings.Join(lines, "\r\n")+"\r\n\r\n"), body...), true
}

func field(lines []string, name string) string {
	for _, l := range lines {
		if v, ok := strings.CutPrefix(l, name+": "); ok {
			return v
		}
	}
	return ""
}

// restoring is the side above: callers see the originals. It works on a copy,
// since httpcache stores the header of the response it returned when its body has
// been read.
type restoring struct{ http.RoundTripper }

type askedKey struct{}

// asked is what the edge answered to one request of a visitor, if it was asked.
type asked struct{ res *http.Response }

func (t restoring) RoundTrip(r *http.Request) (*http.Response, error) {
	edge := &asked{}
	got, err := t.RoundTripper.RoundTrip(r.WithContext(context.WithValue(r.Context(), askedKey{}, edge)))
	if err != nil {
		return nil, err
	}
	res := *got
	res.Header = got.Header.Clone()
	res.Request = r
	if got.Header.Get(httpcache.XFromCache) != "" {
		delete(res.Header, "Set-Cookie") // a cookie is set when it comes over the network
		if edge.res != nil {
			// httpcache answers from its own and forgets this one. Closed before its end,
			// it would be that of a viewer who leaves.
			io.Copy(io.Discard, edge.res.Body)
			edge.res.Body.Close()
			for _, c := range edge.res.Header["Set-Cookie"] {
				res.Header.Add("Set-Cookie", c)
			}
		}
	}
	for name, as := range kept {
		if v := res.Header.Get(as); v != "" {
			res.Header.Set(name, v)
		}
		res.Header.Del(as)
	}
	for name := range res.Header {
		if strings.HasPrefix(name, "X-Varied-") { // what httpcache notes for itself
			delete(res.Header, name)
		}
	}
	return &res, nil
}
