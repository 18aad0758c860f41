package cachepolicy

import (
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	plain := optimized()
	cachedOptions := plain.with(func(t *Terms) { t.CachedOptions = true })
	host := plain.with(func(t *Terms) { t.Policy.Headers = only("Host") })
	proto := plain.with(func(t *Terms) { t.Policy.Headers = only("Cloudfront-Forwarded-Proto") })
	query := plain.with(func(t *Terms) { t.Policy.QueryStrings = every })
	alias := req("GET /a")
	alias.Host = "example.com"
	checkKeys(t, []keys{
		{"KEY-01: query, headers, cookies, agent and referrer are outside it", plain,
			req("GET /a?v=1", "User-Agent", "curl", "Referer", "/x", "Cookie", "a=1", "X-Foo", "1"),
			req("GET /a?v=2", "User-Agent", "wget", "Referer", "/y", "Cookie", "a=2", "X-Foo", "2"), true},
		{"KEY-02: two alternate names are one entry", plain, req("GET /a"), alias, true},
		{"KEY-02: unless Host is in the key", host, req("GET /a"), alias, false},
		{"KEY-03: the path is case-sensitive", plain, req("GET /A.jpg"), req("GET /a.jpg"), false},
		{"KEY-04: a trailing slash counts", plain, req("GET /images"), req("GET /images/"), false},
		{"KEY-05: slashes are not folded", plain, req("GET ///"), req("GET /"), false},
		{"KEY-09: percent-encoding is left as it is", plain, req("GET /%41"), req("GET /A"), false},
		{"KEY-10: OPTIONS has its own entries", cachedOptions, req("OPTIONS /a"), req("GET /a"), false},
		{"KEY-11: HEAD shares with GET", plain, req("HEAD /a"), req("GET /a"), true},
		{"KEY-17: http and https are one entry", plain,
			req("GET /a", "Cloudfront-Forwarded-Proto", "http"), req("GET /a", "Cloudfront-Forwarded-Proto", "https"), true},
		{"KEY-18: unless CloudFront-Forwarded-Proto is in the key", proto,
			req("GET /a", "Cloudfront-Forwarded-Proto", "http"), req("GET /a", "Cloudfront-Forwarded-Proto", "https"), false},
		{"KEY-19: Host may be in the key", host, alias, req("GET /a"), false},
		{"KEY-20: a rewritten path is another entry", plain, req("GET /index.html"), req("GET /en/index.html"), false},
		{"unknown 1: dot segments are not resolved", plain, req("GET /a/../b"), req("GET /b"), false},
		{"unknown 1: %7E and ~ differ", plain, req("GET /%7Ea"), req("GET /~a"), false},
		{"unknown 1: %2F and / differ", plain, req("GET /a%2Fb"), req("GET /a/b"), false},
		{"unknown 1: %2f and %2F differ", plain, req("GET /%2f"), req("GET /%2F"), false},
		{"unknown 2: an empty query is none", query, req("GET /x?"), req("GET /x"), true},
		{"unknown 2: ?a and ?a= differ", query, req("GET /x?a"), req("GET /x?a="), false},
	})
	t.Run("KEY-01: distributions never share", func(t *testing.T) {
		a, b := plain.Key("d1.cloudfront.net", req("GET /a")), plain.Key("d2.cloudfront.net", req("GET /a"))
		if a == b {
			t.Errorf("one entry %q, want two", a)
		}
	})
	t.Run("KEY-01: a hash is 64 hex digits", func(t *testing.T) {
		h := plain.Key(scope, req("GET /a")).Hash()
		if len(h) != 64 || strings.Trim(h, "0123456789abcdef") != "" {
			t.Errorf("got %q", h)
		}
	})
	t.Run("KEY-01: its text makes the key again", func(t *testing.T) {
		k := plain.Key(scope, req("GET /a"))
		if got := KeyOf(k.String()); got != k {
			t.Errorf("got %q, want %q", got, k)
		}
	})
}

func TestKeySent(t *testing.T) {
	plain := optimized()
	query := plain.with(func(t *Terms) { t.Policy.QueryStrings = every })
	checkSent(t, []sent{
		{"KEY-07: the raw path", query, req("GET /a/b/..?c=1"), "GET /a/b/..?c=1"},
		{"KEY-09: percent-encoding unchanged", plain, req("GET /%2f%41%7e"), "GET /%2f%41%7e"},
	})
}

func TestMatchWildcard(t *testing.T) {
	for _, row := range []struct {
		row, pattern, path string
		want               bool
	}{
		{"KEY-08: * is zero characters", "/images/*", "/images/", true},
		{"KEY-08: * is many, across slashes", "/images/*.jpg", "/images/product1/b.jpg", true},
		{"KEY-08: * backs off", "/*a*b", "/xaxbxab", true},
		{"KEY-08: ? is one character", "/a??.jpg", "/ant.jpg", true},
		{"KEY-08: ? is not none", "/a??.jpg", "/at.jpg", false},
		{"KEY-08: ? is not two", "/a?.jpg", "/ant.jpg", false},
		{"KEY-08: case counts", "/*.jpg", "/LOGO.JPG", false},
		{"KEY-08: anchored at the end", "/test/", "/test/file1.jpg", false},
		{"KEY-08: anchored at the beginning", "/a*.jpg", "/images/apple.jpg", false},
		{"KEY-08: * at the end may be nothing", "/*.doc*", "/x.doc", true},
		{"KEY-08: ? at the end may not", "/*.doc?", "/x.doc", false},
	} {
		t.Run(row.row, func(t *testing.T) {
			if got := MatchWildcard(row.pattern, row.path); got != row.want {
				t.Errorf("%s against %s: got %v, want %v", row.path, row.pattern, got, row.want)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	terms := bounds(0, 100, 3600)
	options := terms.with(func(t *Terms) { t.CachedOptions = true })
	getOnly := terms.under(func(e *Emulation) { e.HeadNotCached = true })
	page := says(200)
	stories := []story{
		{"KEY-10, KEY-13: OPTIONS is kept when it is a cached method", options, []step{
			{0, req("GET /"), page, "Miss 200 asked"},
			{0, req("OPTIONS /"), page, "Miss 200 asked"},
			{9, req("OPTIONS /"), nil, "Hit 200 age 9"},
		}},
		{"KEY-13: OPTIONS is not kept when it is none", terms, []step{
			{0, req("OPTIONS /"), page, "Miss 200 asked"},
			{0, req("OPTIONS /"), page, "Miss 200 asked"},
		}},
		{"KEY-11: a HEAD for a stored GET is a Hit", terms, []step{
			{0, req("GET /"), page, "Miss 200 asked"},
			{9, req("HEAD /"), nil, "Hit 200 age 9"},
		}},
		{"KEY-12, unknown 4: a HEAD makes no entry for GET, but one for HEAD", terms, []step{
			{0, req("HEAD /"), page, "Miss 200 asked"},
			{9, req("HEAD /"), nil, "Hit 200 age 9"},
			{9, req("GET /"), page, "Miss 200 asked"},
			{10, req("HEAD /"), nil, "Hit 200 age 1"},
		}},
		{"KEY-12, unknown 4: nor does its answer stand in when the origin fails a GET", terms, []step{
			{0, req("HEAD /"), page, "Miss 200 asked"},
			{9, req("GET /"), silent, "Error 504 asked"},
		}},
		{"KEY-13, D-5: HEAD is cached", terms, []step{
			{0, req("HEAD /"), page, "Miss 200 asked"},
			{0, req("HEAD /"), nil, "Hit 200 age 0"},
		}},
		{"KEY-13, D-5: HEAD is not, the other reading", getOnly, []step{
			{0, req("GET /"), page, "Miss 200 asked"},
			{0, req("HEAD /"), page, "Miss 200 asked"},
			{0, req("HEAD /"), page, "Miss 200 asked"},
			{0, req("GET /"), nil, "Hit 200 age 0"},
		}},
		{"KEY-26: a switch of protocols is a Miss and not kept", terms, []step{
			{0, nil, says(101), "Miss 101 asked"},
			{0, nil, says(101), "Miss 101 asked"},
		}},
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		stories = append(stories,
			story{"KEY-13: " + method + " is never kept", options, []step{
				{0, req(method + " /"), says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
				{0, req(method + " /"), says(500), "Error 500 asked"},
				{0, req(method + " /"), says(200), "Miss 200 asked"},
			}},
			story{"KEY-16, unknown 14: " + method + " leaves a stored GET alone", terms, []step{
				{0, req("GET /"), page, "Miss 200 asked"},
				{1, req(method + " /"), says(200), "Miss 200 asked"},
				{2, req("GET /"), nil, "Hit 200 age 2"},
			}})
	}
	play(t, stories)
}

// A HEAD and a GET that miss ask with their own method. [KEY-12]
func TestForwardMethod(t *testing.T) {
	terms := optimized()
	for _, row := range []struct{ row, method string }{
		{"KEY-12: a HEAD that misses is a HEAD", "HEAD"}, {"KEY-12: a GET that misses is a GET", "GET"},
	} {
		t.Run(row.row, func(t *testing.T) {
			if got := terms.Forward(req(row.method + " /")).Method; got != row.method {
				t.Errorf("got %s, want %s", got, row.method)
			}
		})
	}
}
