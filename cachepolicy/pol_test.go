package cachepolicy

import (
	"slices"
	"strings"
	"testing"
)

// How a cache policy and an origin request policy combine, for cookies and query
// strings alike. Each cell is what reaches the origin of a, b, x and y.
func TestPolicyMatrix(t *testing.T) {
	none, all := Selection{}, every
	for _, row := range []struct {
		row        string
		key, extra Selection
		sent       string
		keyed      string
	}{
		{"POL-02: none and no origin request policy", none, none, "", ""},
		{"POL-01: what is in the key is sent", only("a"), none, "a", "a"},
		{"POL-01: an origin request policy does not change the key", none, only("a"), "a", ""},
		{"POL-04, FWD-13: none and a list", none, only("a", "b"), "a b", ""},
		{"POL-04, FWD-13: none and all", none, all, "a b x y", ""},
		{"POL-04, FWD-13: none and all but", none, allBut("x", "y"), "a b", ""},
		{"POL-05, FWD-12: all and none", all, none, "a b x y", "a b x y"},
		{"POL-05: all and a list", all, only("a"), "a b x y", "a b x y"},
		{"POL-05, FWD-12: all and all but", all, allBut("x"), "a b x y", "a b x y"},
		{"POL-05: all and all", all, all, "a b x y", "a b x y"},
		{"POL-06, FWD-14: a list and a list", only("a"), only("b"), "a b", "a"},
		{"POL-06: a list and all", only("a"), all, "a b x y", "a"},
		{"POL-07, FWD-12: a list and all but, the listed wins", only("a"), allBut("a", "b"), "a x y", "a"},
		{"POL-08, FWD-14: all but and a list, the listed wins but stays out of the key", allBut("x"), only("x"), "a b x y", "a b y"},
		{"POL-09, FWD-14: all but and all but", allBut("x"), allBut("y"), "a b", "a b y"},
		{"POL-09: all but and none", allBut("x"), none, "a b y", "a b y"},
		{"POL-09: all but and all", allBut("x"), all, "a b x y", "a b y"},
	} {
		t.Run(row.row, func(t *testing.T) {
			terms := optimized()
			terms.Policy.QueryStrings, terms.OriginRequest.QueryStrings = row.key, row.extra
			terms.Policy.Cookies, terms.OriginRequest.Cookies = row.key, row.extra
			in := req("GET /?a=1&b=1&x=1&y=1", "Cookie", "a=1; b=1; x=1; y=1")
			out := terms.Forward(in)
			if got := names(out.RawQuery, "&"); got != row.sent {
				t.Errorf("query strings sent: got %q, want %q", got, row.sent)
			}
			if got := names(out.Header.Get("Cookie"), "; "); got != row.sent {
				t.Errorf("cookies sent: got %q, want %q", got, row.sent)
			}
			url, cookies, _ := strings.Cut(terms.Key(scope, in).String(), "\nCookie: ")
			_, keyed, _ := strings.Cut(url, "?")
			if got := names(keyed, "&"); got != row.keyed {
				t.Errorf("query strings in the key: got %q, want %q", got, row.keyed)
			}
			if got := names(cookies, "; "); got != row.keyed {
				t.Errorf("cookies in the key: got %q, want %q", got, row.keyed)
			}
			if got := terms.CookiesForwarded(); got != (row.key.Mode != None || row.extra.Mode != None) {
				t.Errorf("cookies forwarded: got %v", got)
			}
		})
	}
}

// names are the names of pairs.
func names(pairs, separator string) string {
	var all []string
	for pair := range strings.SplitSeq(pairs, separator) {
		name, _, _ := strings.Cut(pair, "=")
		all = append(all, name)
	}
	return strings.Join(slices.Compact(all), " ")
}

func TestPolicies(t *testing.T) {
	hostByORP := optimized().with(func(t *Terms) { t.OriginRequest.Headers = only("Host") })
	checkSent(t, []sent{
		{"POL-02: a cache policy alone: path and automatic headers", optimized(),
			req("GET /a?v=1", "Cookie", "a=1", "X-Foo", "1", "Accept", "x", "User-Agent", "curl"), "GET /a"},
		{"POL-14: Host that no policy names is the origin's", optimized(), req("GET /"), "GET /"},
		{"POL-14: Host in the key is the viewer's", keyed("Host"), req("GET /"), "GET /\nHost: www.example.com"},
		{"POL-14: Host in the origin request policy is the viewer's", hostByORP, req("GET /"), "GET /\nHost: www.example.com"},
	})
	checkKeys(t, []keys{
		{"POL-01: an origin request policy with everything leaves the key alone", managedTerms("CachingOptimized", "AllViewer"),
			req("GET /?v=1", "Cookie", "a=1", "X-Foo", "1"), req("GET /?v=2", "Cookie", "a=2", "X-Foo", "2"), true},
	})
}
