package cachepolicy

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestInvalidation(t *testing.T) {
	for _, row := range []struct {
		row, item, uri string
		want           bool
	}{
		{"INV-01: the path itself", "/a.jpg", "/a.jpg", true},
		{"INV-01: and no other", "/a.jpg", "/b.jpg", false},
		{"INV-01: not what begins like it", "/a", "/a.jpg", false},
		{"INV-02: paths are case-sensitive", "/A.jpg", "/a.jpg", false},
		{"INV-02: before a *, too", "/IMG/*", "/img/a", false},
		{"INV-04: * last is a wildcard across slashes", "/a*", "/a/b/c.jpg", true},
		{"INV-04: of zero characters, too", "/a*", "/a", true},
		{"INV-04: * elsewhere is literal", "/a*/b.jpg", "/ax/b.jpg", false},
		{"INV-04: and matches itself", "/a*/b.jpg", "/a*/b.jpg", true},
		{"INV-04: before a last *, too", "/a*b*", "/axb", false},
		{"INV-05: below a directory", "/images/*", "/images/x/y.gif", true},
		{"INV-05: not the directory without slash", "/images/*", "/images", false},
		{"INV-05: /images* has that", "/images*", "/images", true},
		{"INV-05: and its neighbours", "/images*", "/images2/x", true},
		{"INV-05: and its queries", "/images*", "/images?x=1", true},
		{"INV-05: one name, any extension", "/dir/logo.*", "/dir/logo.png", true},
		{"INV-05: everything", "/*", "/a/b?c", true},
		{"INV-07: without the query in the key", "/a.jpg", "/a.jpg?p=1", false},
		{"INV-07, unknown 18: with it", "/a.jpg?p=1", "/a.jpg?p=1", true},
		{"INV-07: with another", "/a.jpg?p=2", "/a.jpg?p=1", false},
		{"INV-07: all of them", "/a.jpg*", "/a.jpg?p=1", true},
		{"INV-11: what need not be encoded must not be", "/%61.jpg", "/a.jpg", false},
		{"INV-11: what must be is, on both sides", "/a%20b", "/a%20b", true},
		{"INV-13: %2A is no wildcard", "/a%2A", "/ab", false},
		{"INV-14, D-11: %7E is without effect", "/%7Ea", "/%7Ea", false},
		{"INV-14, D-11: and on ~", "/%7ea", "/~a", false},
		{"INV-15: %20 and + are two", "/a%20b", "/a+b", false},
		{"INV-30: a tag", "#product-1", "/tagged", true},
		{"INV-30: another tag", "#product-2", "/tagged", false},
		{"INV-31: tags without regard to case", "#PRODUCT-1", "/tagged", true},
		{"INV-31: no wildcard in tags", "#product*", "/tagged", false},
		{"INV-30: a tag is no path", "#product-1", "/product-1", false},
	} {
		t.Run(row.row, func(t *testing.T) {
			s := &Stored{URI: row.uri}
			if row.uri == "/tagged" {
				s.Tags = []string{"other", "product-1"}
			}
			if got := CoversItem(row.item, s); got != row.want {
				t.Errorf("%s covers %s: got %v, want %v", row.item, row.uri, got, row.want)
			}
		})
	}
	t.Run("INV-30: paths and tags may be mixed", func(t *testing.T) {
		i := Invalidation{Items: []string{"/a", "#t"}}
		for uri, tag := range map[string]string{"/a": "", "/b": "t"} {
			if s := (&Stored{URI: uri, Tags: []string{tag}}); !i.Covers(s) {
				t.Errorf("%s tagged %q is not covered", uri, tag)
			}
		}
		if i.Covers(&Stored{URI: "/c"}) {
			t.Error("/c is covered")
		}
	})
}

// What an invalidation is compared with, as it is stored. [INV-07]
func TestStoredURI(t *testing.T) {
	variants := query(only("p")).with(func(t *Terms) {
		t.Policy.Headers, t.Policy.Cookies = only("X-A"), every
	})
	for _, row := range []struct {
		row   string
		terms Terms
		in    *Request
		want  string
	}{
		{"INV-06: variants by header, cookie and encoding have one URI", variants,
			req("GET /a", "X-A", "1", "Cookie", "a=1", "Accept-Encoding", "br"), "/a"},
		{"INV-07: a query outside the key is left out", optimized(), req("GET /a.jpg?p=1"), "/a.jpg"},
		{"INV-07, unknown 18: what is in the key stays", variants, req("GET /a.jpg?x=1&p=1"), "/a.jpg?p=1"},
		{"RNG-09: ranges have the URI of the whole", optimized(), req("GET /a", "Range", "bytes=0-1"), "/a"},
	} {
		t.Run(row.row, func(t *testing.T) {
			if got := string(row.terms.AppendURI(nil, row.in)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
	checkKeys(t, []keys{
		{"RNG-09: Range is not part of the key", optimized(), req("GET /a", "Range", "bytes=0-1"), req("GET /a"), true},
	})
	play(t, []story{
		{"INV-01: a Miss with a full fetch, validator or not", bounds(0, 60, 60), []step{
			{0, nil, says(200, "ETag", `"a"`), "Miss 200 asked"},
			{1, lost, nil, ""},
			{1, nil, says(200, "ETag", `"a"`), "Miss 200 asked"},
		}},
		{"RNG-03: an origin that ignores Range: the whole is cached", bounds(0, 60, 60), []step{
			{0, req("GET /", "Range", "bytes=0-1"), says(200), "Miss 200 asked"},
			{1, req("GET /", "Range", "bytes=0-1"), nil, "Hit 200 age 1"},
			{1, nil, nil, "Hit 200 age 1"},
		}},
	})
}

func TestCheckItem(t *testing.T) {
	for _, row := range []struct{ row, item, want string }{
		{"INV-03: a path without a slash", "a.jpg", "does not begin with /; write /a.jpg"},
		{"INV-03: a * alone", "*", "does not begin with /"},
		{"INV-03: a path", "/a.jpg", ""},
		{"INV-11: percent-encoded", "/a%20b", ""},
		{"INV-12: a blank", "/a b", "percent-encoded"},
		{"INV-12: a letter that is not ASCII", "/ä", "percent-encoded"},
		{"INV-12: a control character", "/a\n", "percent-encoded"},
		{"INV-13: %2A", "/a%2A", ""},
		{"INV-14, D-11: ~", "/~a", "~"},
		{"INV-14, D-11: %7E", "/%7Ea", ""},
		{"INV-16: 4,000 characters", "/" + strings.Repeat("a", 3999), ""},
		{"INV-16: 4,001 characters", "/" + strings.Repeat("a", 4000), "4,000"},
		{"INV-31: a tag", "#a!~", ""},
		{"INV-31: an empty tag", "#", "no tag"},
		{"INV-31: a tag with a comma", "#a,b", "a tag cannot have"},
		{"INV-31: a tag with a blank", "#a b", "a tag cannot have"},
		{"INV-31: a tag with a wildcard", "#a*", "a tag cannot have"},
		{"INV-31: a tag of 256", "#" + strings.Repeat("a", 256), ""},
		{"INV-31: a tag of 257", "#" + strings.Repeat("a", 257), "256"},
	} {
		t.Run(row.row, func(t *testing.T) {
			got := ""
			if err := CheckItem(row.item); err != nil {
				got = err.Error()
			}
			if (got == "") != (row.want == "") || !strings.Contains(got, row.want) {
				t.Errorf("%.20q: got %.80q, want %q in it", row.item, got, row.want)
			}
		})
	}
}

// FuzzCheckItem holds what an item may be, and what it covers, against the ledger's rules
// written down another way: one expression for each.
func FuzzCheckItem(f *testing.F) {
	// [INV-03], [INV-12] with INV-11, [INV-16], D-11; [INV-31]
	allowed := regexp.MustCompile(`\A(?:/[!-}]*|#[!-)+\-.-~]{1,256})\z`)
	const longest = 4000
	for _, s := range [][2]string{
		{"/", "/"}, {"/*", "/a/b?c"}, {"/a*/b.jpg", "/ax/b.jpg"}, {"/images*", "/images?x=1"}, {"/a?p=1", "/aXp=1"}, {"/%7Ea", "/%7Ea"}, {"/%7ea", "/%7ea"}, {"/~a", "/~a"}, {"/ä", "/ä"},
		{"#Product-1", "product-1"}, {"#a*", "ab"}, {"*", "/"}, {"", ""}, {"/a b", "/a b"}, {"/[a]", "/a"},
	} {
		f.Add(s[0], s[1], uint16(0))
	}
	f.Add("/", "/", uint16(longest-1))
	f.Add("/", "/", uint16(longest))
	f.Fuzz(func(t *testing.T, item, stored string, longer uint16) {
		item += strings.Repeat("a", int(longer))
		err := CheckItem(item)
		if (err == nil) != (allowed.MatchString(item) && len(item) <= longest) {
			t.Fatalf("%.60q, of %d: got %.100v, but the rules allow it: %v", item, len(item), err, err != nil)
		}
		if err != nil {
			return
		}
		tagged, untagged := &Stored{Tags: []string{stored}}, &Stored{URI: stored}
		alike := &Stored{URI: strings.TrimSuffix(item, "*") + stored, Tags: []string{asciiLower(strings.TrimPrefix(item, "#"))}}
		for _, s := range []*Stored{tagged, untagged, alike} {
			if got, want := CoversItem(item, s), covers(item, s); got != want {
				t.Errorf("%q covers %q, tagged %q: got %v, want %v", item, s.URI, s.Tags, got, want)
			}
		}
		both := Invalidation{Items: []string{"/never-stored", item}}
		if both.Covers(untagged) != (CoversItem(item, untagged) || stored == "/never-stored") {
			t.Errorf("%q covers %q beside another item only, or only without", item, stored)
		}
	})
}

// covers says what CoversItem means for an item that is allowed: a path is itself, or with
// a * last whatever begins so [INV-04]; a tag is itself without regard to case [INV-31];
// what has %7E in it covers nothing [INV-14], D-11.
func covers(item string, s *Stored) bool {
	if item[0] == '#' {
		for _, tag := range s.Tags { // lower-case, as they are stored
			if tag == asciiLower(item[1:]) {
				return true
			}
		}
		return false
	}
	if regexp.MustCompile(`%7[Ee]`).MatchString(item) {
		return false
	}
	want := regexp.QuoteMeta(item)
	if item[len(item)-1] == '*' {
		want = regexp.QuoteMeta(item[:len(item)-1]) + "(?s:.*)"
	}
	return regexp.MustCompile(`\A(?:` + want + `)\z`).MatchString(s.URI)
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func TestTags(t *testing.T) {
	tagged := bounds(0, 60, 60).with(func(t *Terms) { t.TagHeader = "x-amz-meta-tags" })
	var fifty []string
	for i := range 51 {
		fifty = append(fifty, fmt.Sprint("t", i))
	}
	for _, row := range []struct {
		row   string
		terms Terms
		lines []string
		want  string
	}{
		{"INV-29: comma-separated", tagged, []string{"a, b,c"}, "a b c"},
		{"INV-29: over several lines", tagged, []string{"a", "b"}, "a b"},
		{"INV-31: without regard to case", tagged, []string{"Product-1"}, "product-1"},
		{"INV-31: empty ones do not count", tagged, []string{"a,,  ,b"}, "a b"},
		{"INV-31: longer than 256 characters do not", tagged, []string{strings.Repeat("a", 257) + "," + strings.Repeat("b", 256)}, strings.Repeat("b", 256)},
		{"INV-31: nor what is not printable ASCII", tagged, []string{"a b,ä,c"}, "c"},
		{"INV-31: the first 50", tagged, []string{strings.Join(fifty, ",")}, strings.Join(fifty[:50], " ")},
		{"INV-33: without a header name it means nothing", bounds(0, 60, 60), []string{"a"}, ""},
		{"INV-33: under another name neither", bounds(0, 60, 60).with(func(t *Terms) { t.TagHeader = "Tags" }), []string{"a"}, ""},
	} {
		t.Run(row.row, func(t *testing.T) {
			h := header()
			h["X-Amz-Meta-Tags"] = row.lines
			out := row.terms.Settle(req("GET /"), Plan{Action: Fetch}, Reply{Status: 200, Header: h, Received: noon}, "k", "/", 0)
			if got := strings.Join(out.Store.Tags, " "); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}
