package cachepolicy

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest is the largest age that counts: 100 years. [TTL-27]
const longest = 3_153_600_000 * time.Second

// directives are the parts of Cache-Control that decide anything.
type directives struct {
	present                                   bool // there was a Cache-Control field
	noStore, noCache, private, mustRevalidate bool
	noCacheSetCookie                          bool // no-cache="Set-Cookie" [CK-10]
	maxAge, sMaxAge, swr, sie                 age
}

// age is a number of seconds that may be absent.
type age struct {
	set bool
	d   time.Duration
}

// uncacheable reports whether the response asks not to be reused unasked.
func (d *directives) uncacheable() bool { return d.noStore || d.noCache || d.private }

// asked is the lifetime asked for: s-maxage before max-age. [TTL-05]
func (d *directives) asked() age {
	if d.sMaxAge.set {
		return d.sMaxAge
	}
	return d.maxAge
}

// parseDirectives reads Cache-Control as one comma-joined list. Names are matched
// without regard to case [TTL-32]; of duplicates the first counts; a number that
// cannot be read is as if the directive were absent, a negative one is zero
// (unknown 8). A field list makes no-cache and private narrower than their names,
// so they are not read as the plain directives [CK-10].
func parseDirectives(h http.Header) directives {
	lines := h["Cache-Control"]
	d := directives{present: len(lines) > 0}
	for _, line := range lines {
		for line != "" {
			var item string
			item, line = cutItem(line)
			name, value, qualified := strings.Cut(item, "=")
			name = strings.TrimSpace(name)
			switch {
			case strings.EqualFold(name, "no-store"):
				d.noStore = true
			case strings.EqualFold(name, "no-cache"):
				if qualified {
					d.noCacheSetCookie = d.noCacheSetCookie || lists(value, "Set-Cookie")
				} else {
					d.noCache = true
				}
			case strings.EqualFold(name, "private"):
				d.private = d.private || !qualified
			case strings.EqualFold(name, "must-revalidate"), strings.EqualFold(name, "proxy-revalidate"):
				d.mustRevalidate = true
			case strings.EqualFold(name, "max-age"):
				d.maxAge.read(value)
			case strings.EqualFold(name, "s-maxage"):
				d.sMaxAge.read(value)
			case strings.EqualFold(name, "stale-while-revalidate"):
				d.swr.read(value)
			case strings.EqualFold(name, "stale-if-error"):
				d.sie.read(value)
			}
		}
	}
	return d
}

// cutItem cuts the first element off a list; commas inside quotes do not count.
func cutItem(s string) (item, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// lists reports whether a field list, quoted or not, has the field.
func lists(list, field string) bool {
	for name := range strings.SplitSeq(strings.Trim(list, ` "`), ",") {
		if strings.EqualFold(strings.TrimSpace(name), field) {
			return true
		}
	}
	return false
}

// read takes the number of seconds from the first value that is one.
func (a *age) read(value string) {
	if a.set {
		return
	}
	value = strings.TrimSpace(value)
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return
	}
	a.set = true
	if digits != value {
		return
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > int64(longest/time.Second) {
		a.d = longest
		return
	}
	a.d = time.Duration(n) * time.Second
}
