package distribution

import "testing"

func withPatterns(patterns ...string) *Distribution {
	d := &Distribution{}
	for _, p := range append(patterns, "*") {
		d.Behaviors = append(d.Behaviors, Behavior{PathPattern: p})
	}
	return d
}

func TestBehavior(t *testing.T) {
	for _, row := range []struct {
		name     string
		patterns []string
		path     string
		want     string
	}{
		{"PATH-01: the first match wins", []string{"images/*.jpg", "images/*", "*.gif"}, "/images/sample.gif", "images/*"},
		{"PATH-02: the default takes the rest", []string{"a"}, "/b", "*"},
		{"PATH-03: a leading slash is optional", []string{"/images/*.jpg"}, "/images/a.jpg", "/images/*.jpg"},
		{"PATH-03: without it", []string{"*product.jpg"}, "/x/product.jpg", "*product.jpg"},
		{"PATH-03: with it, before a star", []string{"/*product.jpg"}, "/product.jpg", "/*product.jpg"},
		{"PATH-04: * crosses slashes", []string{"images/*.jpg"}, "/images/product1/b.jpg", "images/*.jpg"},
		{"PATH-05: ? is one character", []string{"a??.jpg"}, "/abe.jpg", "a??.jpg"},
		{"PATH-05: not none", []string{"a??.jpg"}, "/at.jpg", "*"},
		{"PATH-05: not two", []string{"a??.jpg"}, "/anta.jpg", "*"},
		{"PATH-06: anchored at the start", []string{"a*.jpg"}, "/images/apple.jpg", "*"},
		{"PATH-07: anchored at the end", []string{"test/"}, "/test/file1.jpg", "*"},
		{"PATH-08: *.doc? wants one more", []string{"*.doc?"}, "/x.doc", "*"},
		{"PATH-09: * may be empty", []string{"images/*"}, "/images/", "images/*"},
		{"PATH-09: the slash is needed", []string{"images/*"}, "/images", "*"},
		{"PATH-10: case matters", []string{"*.jpg"}, "/LOGO.JPG", "*"},
		{"PATH-14: dots are resolved", []string{"/a/b*", "/a*"}, "/a/b/..", "/a*"},
		{"PATH-14: without dots", []string{"/a/b*", "/a*"}, "/a/b", "/a/b*"},
		{"PATH-14: dots do not climb out", []string{"/a/b*"}, "/../../a/./b", "/a/b*"},
		{"PATH-14: a dot at the end leaves a slash", []string{"/a/"}, "/a/.", "/a/"},
		{"PATH-14: hidden files are no dots", []string{"/.well-known/*"}, "/.well-known/x", "/.well-known/*"},
		{"PATH-15: slashes collapse", []string{"images/*.jpg"}, "//images//x.jpg", "images/*.jpg"},
		{"PATH-17: unreserved characters are decoded", []string{"/a*.jpg"}, "/%61.jpg", "/a*.jpg"},
		{"PATH-17: encoded dots are dots", []string{"/a/b*", "/a*"}, "/a/b/%2e%2E/c", "/a*"},
		{"PATH-17: %2F is no slash", []string{"/a/b"}, "/a%2Fb", "*"},
		{"PATH-17: a lone percent sign stays", []string{"/a??"}, "/a%6", "/a??"},
		{"OPTIONS * has no path", []string{"/a*"}, "*", "*"},
		{"an empty path", []string{"/a*"}, "", "*"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := withPatterns(row.patterns...).Behavior(row.path).PathPattern; got != row.want {
				t.Errorf("Behavior(%q) with %q is %q, want %q", row.path, row.patterns, got, row.want)
			}
		})
	}
	if b := (&Distribution{}).Behavior("/"); b != nil {
		t.Errorf("Behavior without behaviors is %v, want nil", b)
	}
}

func TestFind(t *testing.T) {
	a := &Distribution{ID: "A", Domain: "d1.cloudfront.net", Aliases: []string{"*.example.com", "*.deep.example.com"}}
	b := &Distribution{ID: "B", Domain: "d2.cloudfront.net", Aliases: []string{"www.example.com", "*.b.example.com"}}
	ds := []*Distribution{a, b}
	for _, row := range []struct {
		name, host string
		want       *Distribution
	}{
		{"HOST-02: its own name", "d2.cloudfront.net", b},
		{"HOST-03: a name of nobody", "other.org", nil},
		{"HOST-03: no host", "", nil},
		{"HOST-05: a wildcard covers any depth", "x.y.example.com", a},
		{"HOST-05: but not the apex", "example.com", nil},
		{"HOST-05: nor an empty label", ".example.com", nil},
		{"HOST-05: nor another domain with the same end", "badexample.com", nil},
		{"HOST-07: the name before the wildcard", "www.example.com", b},
		{"HOST-07: the longer wildcard", "x.b.example.com", b},
		{"HOST-08: case does not matter", "WWW.Example.COM", b},
		{"nor does the port", "www.example.com:8080", b},
		{"an IPv6 address", "[::1]:8080", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Find(ds, row.host); got != row.want {
				t.Errorf("Find(%q) is %v, want %v", row.host, got, row.want)
			}
		})
	}
}

func TestMatchingDoesNotAllocate(t *testing.T) {
	d := withPatterns("/images/*.jpg", "/static/*", "*.css")
	ds := []*Distribution{{Domain: "d1.cloudfront.net", Aliases: []string{"*.example.com"}}}
	if n := testing.AllocsPerRun(100, func() {
		d.Behavior("/static/app/main.js")
		Find(ds, "www.example.com:8080")
	}); n != 0 {
		t.Errorf("Behavior and Find allocate %v times, want 0", n)
	}
}

func BenchmarkBehavior(b *testing.B) {
	d := withPatterns("/images/*.jpg", "/static/*", "/api/*", "*.css")
	b.ReportAllocs()
	for b.Loop() {
		d.Behavior("/products/shoes/index.html")
	}
}

func BenchmarkFind(b *testing.B) {
	ds := []*Distribution{{Domain: "d1.cloudfront.net", Aliases: []string{"*.example.com"}}, {Domain: "d2.cloudfront.net", Aliases: []string{"www.example.com"}}}
	b.ReportAllocs()
	for b.Loop() {
		Find(ds, "www.example.com:8080")
	}
}
