package site

import (
	"strings"
	"testing"
)

func TestVersionedWritesReferencesInTheirOwnWay(t *testing.T) {
	files := []string{
		"index.html", `<link rel=stylesheet href="css/s.css"><img src='/img/a b.svg?x=1&amp;y=2#i' srcset="x&eacute;.png 1x, img/a%20b.svg 2x"><p style="background:url(&quot;img/a%20b.svg&quot;)"><script type=module>import './js/a.js'</script>`,
		"css/s.css", `a{b:url(../img/a%20b.svg#i)}`,
		"js/a.js", `import "./b.js"; new Worker("js/b.js")`,
		"js/b.js", `0`,
		"img/a b.svg", `<svg/>`,
	}
	rows := []struct {
		strategy Strategy
		inner    Inner
		file     string
		want     []string
	}{
		{QueryRelease, InnerRewritten, "index.html", []string{`href="css/s.css?v=7"`, `src='/img/a%20b.svg?x=1&amp;y=2&amp;v=7#i'`, `srcset="x&eacute;.png 1x, img/a%20b.svg?v=7 2x"`, `url(&quot;img/a%20b.svg?v=7&quot;)`, `import './js/a.js?v=7'`}},
		{QueryRelease, InnerRewritten, "css/s.css", []string{`url(../img/a%20b.svg?v=7#i)`}},
		{QueryRelease, InnerBare, "css/s.css", []string{`url(../img/a%20b.svg#i)`}},
		{QueryRelease, InnerRewritten, "js/a.js", []string{`import "./b.js?v=7"`, `new Worker("/js/b.js?v=7")`}},
		{Directory, InnerRewritten, "index.html", []string{`href="v7/css/s.css"`, `src='/v7/img/a%20b.svg?x=1&amp;y=2#i'`, `import './v7/js/a.js'`}},
		{Directory, InnerRewritten, "v7/css/s.css", []string{`url(../img/a%20b.svg#i)`}},
		{DirectoryRewritten, InnerRewritten, "index.html", []string{`href="v7/css/s.css"`}},
		{HashedName, InnerRewritten, "index.html", []string{`srcset="x&eacute;.png 1x, img/a%20b.` + HashOf([]byte("<svg/>")).Short() + `.svg 2x"`}},
		{Plain, InnerRewritten, "index.html", []string{files[1]}},
	}
	for _, r := range rows {
		b, err := Versioned(site(t, "7", Options{}, files...), r.strategy, r.inner)
		if err != nil {
			t.Fatal(err)
		}
		f, ok := b.File(r.file)
		if !ok {
			t.Fatalf("%s: no file %s", r.strategy, r.file)
		}
		for _, w := range r.want {
			if !strings.Contains(string(f.text), w) {
				t.Errorf("%s %s: want %s in %s:\n%s", r.strategy, r.inner, w, r.file, f.text)
			}
		}
	}
}

func TestHashesAreGivenAfterRewriting(t *testing.T) {
	before, err := Versioned(site(t, "1", Options{}, "index.html", "<link rel=stylesheet href=s.css>", "s.css", "a{b:url(x.png)}", "x.png", "1"), HashedName, "")
	if err != nil {
		t.Fatal(err)
	}
	after, err := Versioned(site(t, "2", Options{}, "index.html", "<link rel=stylesheet href=s.css>", "s.css", "a{b:url(x.png)}", "x.png", "2"), HashedName, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*Build{before, after} {
		for _, f := range b.Files {
			if !f.Page && !strings.Contains(f.Path, f.Hash.Short()) {
				t.Errorf("build %s: %s does not have its own hash %s", b.Name, f.Path, f.Hash.Short())
			}
		}
	}
	if c := Compare(before, after); c.Counts[Changed] != 1 || c.Counts[Cascaded] != 1 || c.ColdURLs != 2 {
		t.Errorf("one picture changed: got %v, want the picture changed and the css cascaded", c.Counts)
	}
}

func TestVersionedRefuses(t *testing.T) {
	circle := []string{"index.html", "<script src=a.js></script>", "a.js", `import "./b.js"`, "b.js", `import "./a.js"`}
	rows := []struct {
		name     string
		build    string
		strategy Strategy
		want     string
	}{
		{"a circle of hashes", "1", HashedName, "circle"},
		{"a release that is no number", "next", QueryRelease, "must begin with a digit"},
		{"a release with a slash", "1/2", Directory, "no slash"},
	}
	for _, r := range rows {
		if _, err := Versioned(site(t, r.build, Options{}, circle...), r.strategy, ""); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%s: got %v, want %q", r.name, err, r.want)
		}
	}
	for _, s := range []Strategy{Plain, QueryRelease, DirectoryRewritten, Directory} {
		if _, err := Versioned(site(t, "1", Options{}, circle...), s, ""); err != nil {
			t.Errorf("a circle under %s: got %v, want none", s, err)
		}
	}
}

// Whatever the strategy, pages lead to the same bytes as before, but for references.
func TestVersionedKeepsTheSite(t *testing.T) {
	plain := demo(t, Plain, "")
	for _, s := range Strategies() {
		for _, inner := range []Inner{InnerRewritten, InnerBare} {
			for i, b := range demo(t, s, inner) {
				for _, r := range b.References() {
					if r.Target == "" {
						t.Errorf("%s %s build %s: %s:%d %s leads nowhere", s, inner, b.Name, r.From, r.Line, r.Raw)
					}
				}
				if got, want := len(assetsOf(0, b)), len(assetsOf(0, plain[i])); got < want {
					t.Errorf("%s %s build %s: pages lead to %d assets, want %d", s, inner, b.Name, got, want)
				}
			}
		}
	}
}
