package scenarios

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"time"
)

// maxCookieSettings is how many settings of cookies a jar remembers; the oldest
// are forgotten first.
const maxCookieSettings = 1000

// jar is a cookie jar on cache time. The standard one asks the wall clock, so it
// is made anew for each look, from all that was set, with what is left of each
// lifetime by then.
type jar struct {
	now func() time.Time

	mu  sync.Mutex
	set []setting // oldest first; guarded by mu
}

type setting struct {
	u       *url.URL
	cookies []*http.Cookie
	at      time.Time // cache time
}

// SetCookies remembers what a response from u sets.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.set = append(j.set, setting{u, cookies, j.now()})
	if n := len(j.set) - maxCookieSettings; n > 0 {
		j.set = j.set[n:]
	}
}

// Cookies are those to send with a request to u, as of now in cache time.
func (j *jar) Cookies(u *url.URL) []*http.Cookie {
	fresh, _ := cookiejar.New(nil) // fails for no options
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.now()
	for _, s := range j.set {
		var left []*http.Cookie
		for _, c := range s.cookies {
			left = append(left, remaining(c, s.at, now))
		}
		fresh.SetCookies(s.u, left)
	}
	return fresh.Cookies(u)
}

// remaining is c with what is left at now of a lifetime that began at at.
func remaining(c *http.Cookie, at, now time.Time) *http.Cookie {
	out := *c
	out.Expires = time.Time{}
	var end time.Time
	switch {
	case c.MaxAge > 0: // it outranks Expires: RFC 6265 §5.3
		end = at.Add(time.Duration(c.MaxAge) * time.Second)
	case c.MaxAge < 0 || c.Expires.IsZero():
		return &out
	default:
		end = c.Expires
	}
	out.MaxAge = -1
	if left := end.Sub(now); left > 0 {
		out.MaxAge = int(left/time.Second) + 1 // the wall clock may go on a little meanwhile
	}
	return &out
}
