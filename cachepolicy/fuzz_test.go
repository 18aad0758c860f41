package cachepolicy

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func FuzzParseDirectives(f *testing.F) {
	for _, s := range []string{"", "max-age=60", "Max-Age = 60, s-maxage=0", `no-cache="Set-Cookie, X", private="a`,
		"max-age=-1", "max-age=99999999999999999999", ",,=,no-store;x", `no-cache="a\"b", max-age=5`, "private, private=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := parseDirectives(http.Header{"Cache-Control": {s}})
		for _, a := range []age{d.maxAge, d.sMaxAge, d.swr, d.sie} {
			if a.d < 0 || a.d > longest || a.d%time.Second != 0 || !a.set && a.d != 0 {
				t.Errorf("%q: age %+v", s, a)
			}
		}
		if !d.present {
			t.Errorf("%q: not present", s)
		}
		// Case means nothing, and neither does another item nobody knows.
		for _, alike := range []string{strings.ToUpper(s), "immutable," + s} {
			if !strings.EqualFold(alike, s) && !strings.HasPrefix(alike, "immutable,") {
				continue // a letter with more than two cases
			}
			if got := parseDirectives(http.Header{"Cache-Control": {alike}}); got != d {
				t.Errorf("%q: %+v, %q: %+v", s, d, alike, got)
			}
		}
		// Without quotes, two lines are one list.
		if i := strings.IndexByte(s, ','); i >= 0 && !strings.Contains(s, `"`) {
			if got := parseDirectives(http.Header{"Cache-Control": {s[:i], s[i+1:]}}); got != d {
				t.Errorf("%q in two lines: %+v, in one: %+v", s, got, d)
			}
		}
	})
}

func FuzzAcceptedEncodings(f *testing.F) {
	for _, s := range []string{"", "gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip;q=0", "GZIP ; Q=0.000,br", "gzip;q=0,gzip"} {
		f.Add(s, true, true)
	}
	f.Add("gzip, br", true, false)
	f.Add("gzip, br", false, false)
	f.Fuzz(func(t *testing.T, s string, gzip, brotli bool) {
		got := acceptedEncodings(http.Header{"Accept-Encoding": {s}}, gzip, brotli)
		codings := strings.FieldsFunc(got, func(r rune) bool { return r == ',' })
		for _, coding := range codings {
			if on := coding == "gzip" && gzip || coding == "br" && brotli; !on {
				t.Errorf("%q: got %q, gzip %v, br %v", s, got, gzip, brotli)
			}
			if !strings.Contains(strings.ToLower(s), coding) {
				t.Errorf("%q: got %q", s, got)
			}
		}
		if again := acceptedEncodings(http.Header{"Accept-Encoding": {got}}, gzip, brotli); again != got {
			t.Errorf("%q: got %q, and from that %q", s, got, again)
		}
		if lines := strings.Split(s, ","); acceptedEncodings(http.Header{"Accept-Encoding": lines}, gzip, brotli) != got {
			t.Errorf("%q: got %q, other from several lines", s, got)
		}
	})
}

func FuzzJoinCookies(f *testing.F) {
	for _, s := range []string{"", "a=1", "b=2; a=1", "a=2;a=1 ;$x=1; =y; z", "a=b=c;;;", " a = 1 "} {
		f.Add(s, "a")
	}
	f.Fuzz(func(t *testing.T, s, name string) {
		all := func(string) bool { return true }
		got := joinCookies([]string{s}, all)
		if again := joinCookies([]string{got}, all); again != got {
			t.Errorf("%q: got %q, and from that %q", s, got, again)
		}
		if lines := strings.Split(s, ";"); joinCookies(lines, all) != got {
			t.Errorf("%q: got %q, other from several lines", s, got)
		}
		var last string
		for pair := range strings.SplitSeq(got, "; ") {
			name, _, ok := strings.Cut(pair, "=")
			if got != "" && (!ok || name == "" || name[0] == '$' || name < last || !strings.Contains(s, pair)) {
				t.Errorf("%q: got %q", s, got)
			}
			last = name
		}
		with := joinCookies([]string{s}, func(n string) bool { return n == name })
		without := joinCookies([]string{s}, func(n string) bool { return n != name })
		if joinCookies([]string{with, without}, all) != got {
			t.Errorf("%q: %q and %q make up %q", s, with, without, got)
		}
	})
}

func FuzzAppendQuery(f *testing.F) {
	for _, s := range []string{"", "a=1", "b=2&a=1&a", "&&a=1&", "a=1;b=2", "=x&a"} {
		f.Add(s, "a")
	}
	f.Fuzz(func(t *testing.T, raw, name string) {
		reference := func(s Selection) string {
			var kept []string
			for _, param := range strings.Split(raw, "&") {
				if n, _, _ := strings.Cut(param, "="); param != "" && s.Picks(n) {
					kept = append(kept, param)
				}
			}
			return strings.Join(kept, "&")
		}
		for _, s := range []Selection{only(name), allBut(name)} {
			if got, want := string(s.appendQuery([]byte("?"), raw)), "?"+reference(s); got != want {
				t.Errorf("%q, %v %q: got %q, want %q", raw, s.Mode, name, got, want)
			}
			if got, want := s.Query(raw), reference(s); got != want {
				t.Errorf("%q, %v %q: got %q, want %q", raw, s.Mode, name, got, want)
			}
		}
		if every.Query(raw) != raw || (Selection{}).Query(raw) != "" {
			t.Errorf("%q: all is %q, none is %q", raw, every.Query(raw), Selection{}.Query(raw))
		}
	})
}

func FuzzMatchWildcard(f *testing.F) {
	for _, s := range [][2]string{{"*", ""}, {"/a??.jpg", "/ant.jpg"}, {"*a*b", "xaxbxab"}, {"**?", "a"}, {"", ""}, {"a*", "*"}, {"*.*.", "a.b.c."}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 30 || len(s) > 60 {
			return // the reference takes its time
		}
		if got, want := MatchWildcard(pattern, s), matches(pattern, s); got != want {
			t.Errorf("%q against %q: got %v, want %v", s, pattern, got, want)
		}
		if !MatchWildcard("*"+pattern+"*", "x"+s+"y") && matches(pattern, s) {
			t.Errorf("%q does not match *%q*", s, pattern)
		}
	})
}

// matches says what MatchWildcard means: reach is which beginnings of s the
// pattern so far can stand for.
func matches(pattern, s string) bool {
	reach := make([]bool, len(s)+1)
	reach[0] = true
	for _, c := range []byte(pattern) {
		next := make([]bool, len(s)+1)
		for i := range reach {
			switch {
			case c == '*':
				next[i] = slices.Contains(reach[:i+1], true)
			case i > 0:
				next[i] = reach[i-1] && (c == '?' || c == s[i-1])
			}
		}
		reach = next
	}
	return reach[len(s)]
}
