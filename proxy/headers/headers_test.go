package headers

import (
	"strings"
	"testing"
)

const example = "\ufeff/*\n" + `# a comment
  X-Frame-Options: DENY
/assets/*
	Cache-Control: public, max-age=31536000
	cache-control: immutable
https://example.com/feed.xml
  Cache-Control: max-age=60
/users/:id/photo.png
  Cache-Control: no-store
/assets/live/*
  ! Cache-Control
`

func TestRulesOfAFile(t *testing.T) {
	rules, err := Parse("_headers", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		url, file, want string
		ok              bool
	}{
		{"/assets/a.js", "/assets/a.js", "public, max-age=31536000, immutable", true},
		{"/", "/index.html", "", false},
		{"/feed.xml", "/feed.xml", "max-age=60", true},
		{"/users/7/photo.png", "/users/7/photo.png", "no-store", true},
		{"/users/7/8/photo.png", "/users/7/8/photo.png", "", false},
		{"/assets/live/a.js", "/assets/live/a.js", "", false},
	}
	for _, row := range rows {
		if got, ok := rules.Get("cache-control", row.url, row.file); got != row.want || ok != row.ok {
			t.Errorf("%s: %q %v, want %q %v", row.url, got, ok, row.want, row.ok)
		}
		all := rules.All(row.url, row.file)
		if _, ok := all["Cache-Control"]; ok != row.ok || all.Get("Cache-Control") != row.want || all.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: all are %v", row.url, all)
		}
	}
}

func TestMistakesNameTheirLine(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"a header before any path", "# x\n  Cache-Control: no-cache\n", "_headers:2: the header"},
		{"no colon", "/*\n  Cache-Control no-cache\n", "_headers:2: \"Cache-Control no-cache\" is no header"},
		{"neither", "/a\n  A: b\nassets/*\n", "_headers:3: \"assets/*\" is neither"},
		{"no name", "/*\n  : no-cache\n", "_headers:2: \": no-cache\" is no header"},
		{"too large", strings.Repeat("#", MaxBytes+1), "_headers: has"},
	}
	for _, row := range rows {
		if _, err := Parse("_headers", []byte(row.text)); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%s: %v, want %s", row.name, err, row.want)
		}
	}
}

func TestRulesOfAFlag(t *testing.T) {
	rows := []struct {
		rule, url, file string
		want            string // Cache-Control
		wrong           string // part of the error
	}{
		{"*.html: Cache-Control: no-cache", "/", "/index.html", "no-cache", ""},
		{"*.html: Cache-Control: no-cache", "/a/b.html", "/a/b.html", "no-cache", ""},
		{"*.html: Cache-Control: no-cache", "/a.html.js", "/a.html.js", "", ""},
		{"/assets/*:cache-control:max-age=5", "/assets/x/y.js", "/assets/x/y.js", "max-age=5", ""},
		{"index.html: Cache-Control: a", "/sub/", "/sub/index.html", "a", ""},
		{"*a*b*: Cache-Control: a", "/xaxbx", "/xaxbx", "a", ""},
		{"/a*b: Cache-Control: a", "/abc", "/abc", "", ""},
		{"*.html", "", "", "", "no pattern before a colon"},
		{"*.html: no-cache", "", "", "", "is no header"},
		{": Cache-Control: x", "", "", "", "no pattern"},
	}
	for _, row := range rows {
		r, err := ParseRule(row.rule)
		if (err != nil) != (row.wrong != "") || err != nil && !strings.Contains(err.Error(), row.wrong) {
			t.Errorf("%s: %v, want %q", row.rule, err, row.wrong)
		}
		if got, _ := (Rules{r}).Get("Cache-Control", row.url, row.file); err == nil && got != row.want {
			t.Errorf("%s for %s: %q, want %q", row.rule, row.url, got, row.want)
		}
	}
}

func TestLaterFlagsCountFirst(t *testing.T) {
	rules := Rules{{Pattern: "*", Set: []Field{{"Cache-Control", "a"}}}, {Pattern: "*.js", Set: []Field{{"Cache-Control", "b"}}}}
	for url, want := range map[string]string{"/x.js": "b", "/x.css": "a"} {
		if got, _ := rules.Last("Cache-Control", url, url); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/a*b:c", "/axb/c")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if (Rule{Pattern: pattern}).Matches(path); !(Rule{Pattern: "*"}).Matches(path) {
			t.Errorf("* does not match %q", path)
		}
	})
}
