package distribution

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// maxTTL is the largest duration that is read: 100 years. [TTL-27]
const maxTTL = 3_153_600_000 * time.Second

// ParseDuration reads whole seconds as configurations write them: a bare number
// of seconds, or numbers with the units s, m, h and d, like "90s", "1h30m" and
// "365d". From 0 to 100 years [TTL-27].
func ParseDuration(s string) (time.Duration, error) {
	bad := func(why string) (time.Duration, error) {
		return 0, fmt.Errorf("%q is not a duration: %s; want whole seconds, or units like 60s, 24h, 365d", s, why)
	}
	if strings.HasPrefix(s, "-") {
		return bad("it is negative")
	}
	var total time.Duration
	rest := s
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 {
			return bad("a number is missing")
		}
		if digits > 10 {
			return bad("more than 100 years")
		}
		var n time.Duration
		for _, c := range rest[:digits] {
			n = n*10 + time.Duration(c-'0')
		}
		rest = rest[digits:]
		unit := time.Second
		if rest != "" {
			switch rest[0] {
			case 's':
			case 'm':
				unit = time.Minute
			case 'h':
				unit = time.Hour
			case 'd':
				unit = 24 * time.Hour
			case '.':
				return bad("it has a fraction")
			default:
				return bad("no such unit")
			}
			rest = rest[1:]
		} else if digits != len(s) {
			return bad("the last number has no unit")
		}
		if n > (maxTTL-total)/unit {
			return bad("more than 100 years")
		}
		total += n * unit
	}
	if s == "" {
		return bad("it is empty")
	}
	return total, nil
}

// FormatDuration writes d in the largest unit that holds it whole: "365d", "90s",
// so that ParseDuration reads it again.
func FormatDuration(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d != 0 && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d != 0 && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d != 0 && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// ParseSelection reads a selection written on one line, as flags have it: "none",
// "all", "a,b", or "allExcept:a,b".
func ParseSelection(s string) (cachepolicy.Selection, error) {
	mode := cachepolicy.Only
	names := s
	switch rest, except := strings.CutPrefix(s, "allExcept:"); {
	case s == "none":
		return cachepolicy.Selection{}, nil
	case s == "all":
		return cachepolicy.Selection{Mode: cachepolicy.All}, nil
	case except:
		mode, names = cachepolicy.AllBut, rest
	}
	out := cachepolicy.Selection{Mode: mode, Names: strings.Split(names, ",")}
	for _, n := range out.Names {
		if n == "" || strings.ContainsAny(n, " &=:") {
			return cachepolicy.Selection{}, errors.New("want none, all, names like a,b or allExcept:a,b, not " + fmt.Sprintf("%q", s))
		}
	}
	return out, nil
}
