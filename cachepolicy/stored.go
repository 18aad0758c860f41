package cachepolicy

import (
	"net/http"
	"strconv"
	"time"
)

// Stored is the head of a stored response (RFC 9111 §3). It is never written to
// once it has been stored; whoever refreshes it makes a copy.
type Stored struct {
	Key         string // text of the cache key
	URI         string // path and the keyed query string, for invalidations [INV-07]
	Tags        []string
	Head        bool              // the answer to a HEAD: no body, and none for a GET [KEY-12]
	Generated   bool              // the edge's own error: its body is the message of the page, made anew for each viewer
	Compression CompressionReason // why its body is compressed at the edge, or not
	Status      int
	Header      http.Header // as viewers get it, before what is added per answer

	// Received is RFC 9111 §4.2.3 response_time, in cache time, of the last answer of
	// the origin that made or refreshed it.
	Received  time.Time
	Freshness               // bounds applied
	OriginAge time.Duration // Age that the origin sent; whole seconds

	QuietUntil time.Time // the origin failed: serve stale, do not ask before [STALE-11]
	Mark       uint64    // invalidations up to Mark do not concern it
	Part       string    // Content-Range of a stored part [RNG-02]; "": whole
	BodyBytes  int64
}

// Age is the age to send at now: whole seconds since it was received, on top of
// the age the origin gave it. [XC-06]
func (s *Stored) Age(now time.Time) time.Duration {
	return (max(0, now.Sub(s.Received)) + s.OriginAge).Truncate(time.Second)
}

// Fresh reports whether s may be reused at now without asking. Lifetimes count
// from reception: an age the origin sent does not shorten them (unknown 7).
func (s *Stored) Fresh(now time.Time) bool { return now.Sub(s.Received) < s.Lifetime }

// Expires is when s stops being fresh.
func (s *Stored) Expires() time.Time { return s.Received.Add(s.Lifetime) }

// Validators are the entity tag and modification date the origin gave, or "".
func (s *Stored) Validators() (etag, lastModified string) {
	return s.Header.Get("Etag"), s.Header.Get("Last-Modified")
}

// originAge is the age of a response when the origin sent it. Unknown 7.
func (t *Terms) originAge(h http.Header) time.Duration {
	age := h["Age"]
	if age == nil { // as nearly always
		return 0
	}
	n, err := strconv.ParseInt(age[0], 10, 32)
	if err != nil || n < 0 || t.Emulation.OriginAgeRestarts {
		return 0
	}
	return time.Duration(n) * time.Second
}
