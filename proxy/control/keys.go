package control

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
)

// How many keys or invalidations a page has. Ours.
const (
	defaultPage = 100
	maxPage     = 1000
)

// Keys is the answer of GET keys: a page of what is stored.
type Keys struct {
	Keys []Key  `json:"keys"`
	Next string `json:"next,omitempty"` // what after has to be for the next page; "": this is the last
}

// Key is one stored response.
type Key struct {
	Key       string `json:"key"`
	URI       string `json:"uri"` // path and keyed query string, which invalidations and forget look at
	POP       string `json:"pop"`
	Status    int    `json:"status"`
	Age       string `json:"age"`
	Lifetime  string `json:"lifetime"`
	Remaining string `json:"remaining"`
	Bytes     int64  `json:"bytes"`
}

func (d *Door) keys(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := readLimit(q)
	if err != nil {
		return nil, err
	}
	edges, err := d.Network.Named(q.Get("pop"))
	if err != nil {
		return nil, fmt.Errorf("pop: %w", err)
	}
	after, err := readCursor(q.Get("after"))
	if err != nil {
		return nil, err
	}
	if path := q.Get("path"); path != "" {
		if err := cachepolicy.CheckItem(path); err != nil {
			return nil, fmt.Errorf("path: %w", err)
		}
	}
	if after.pop != "" {
		i := slices.IndexFunc(edges, func(e *proxy.Edge) bool { return e.POP() == after.pop })
		if i < 0 {
			return nil, errCursor
		}
		edges = edges[i:]
	}
	return d.page(edges, after.key, limit, q.Get("path")), nil
}

// readLimit is how many a page may have.
func readLimit(q url.Values) (int, error) {
	s := q.Get("limit")
	if s == "" {
		return defaultPage, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxPage {
		return 0, fmt.Errorf("limit: %q is not 1 to %d", s, maxPage)
	}
	return n, nil
}

// page is what the edges hold, one after the other, from a key of the first on.
func (d *Door) page(edges []*proxy.Edge, after string, limit int, path string) Keys {
	out, now := Keys{Keys: []Key{}}, d.Clock.Now()
	want := func(s *cachepolicy.Stored) bool { return path == "" || cachepolicy.CoversItem(path, s) }
	for i, e := range edges {
		stored, more := e.StoredAfter(after, limit-len(out.Keys), want)
		after = ""
		for _, s := range stored {
			out.Keys = append(out.Keys, Key{
				Key: s.Key, URI: s.URI, POP: e.POP(), Status: s.Status, Age: s.Age(now).String(), Lifetime: s.Lifetime.String(),
				Remaining: s.Expires().Sub(now).Truncate(time.Second).String(), Bytes: s.BodyBytes,
			})
		}
		if more || len(out.Keys) == limit && i < len(edges)-1 {
			last := out.Keys[len(out.Keys)-1]
			out.Next = cursor{last.POP, last.Key}.String()
			break
		}
	}
	return out
}

// cursor is the last key of a page.
type cursor struct{ pop, key string }

var errCursor = errors.New("after: this is not what next of a page said")

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.pop + "\x00" + c.key))
}

func readCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	pop, key, ok := strings.Cut(string(b), "\x00")
	if err != nil || !ok || pop == "" {
		return cursor{}, errCursor
	}
	return cursor{pop, key}, nil
}

// Forget is the body of POST forget.
type Forget struct {
	Path string `json:"path"`          // as of an invalidation
	POP  string `json:"pop,omitempty"` // of one tier only, by number from 1 or by name
}

// Forgotten is its answer.
type Forgotten struct {
	Forgotten int `json:"forgotten"` // stored responses
}

func (d *Door) forget(r *http.Request) (any, error) {
	var body Forget
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	if body.Path == "" {
		return nil, errors.New("path: say which, such as /css/*; /* is everything")
	}
	if err := cachepolicy.CheckItem(body.Path); err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	edges, err := d.Network.Named(body.POP)
	if err != nil {
		return nil, fmt.Errorf("pop: %w", err)
	}
	var out Forgotten
	for _, e := range edges {
		out.Forgotten += e.Forget(body.Path)
	}
	return out, nil
}
