package audit

import (
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"staleproof/scenarios/site"
)

type files map[string]string

func build(t *testing.T, name string, f files) *site.Build {
	t.Helper()
	raw := map[string][]byte{}
	for p, text := range f {
		raw[p] = []byte(text)
	}
	b, err := site.FromFiles(name, raw, site.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func gzipped(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func TestWhatIsFound(t *testing.T) {
	page := func(refs ...string) string {
		text := "<!doctype html><title>x</title>\n"
		for _, r := range refs {
			if strings.Contains(r, ".css") {
				text += `<link rel=stylesheet href="` + r + `">` + "\n"
			} else {
				text += `<script type=module src="` + r + `"></script>` + "\n"
			}
		}
		return text
	}
	rows := []struct {
		name          string
		before, after files
		class         Class
		url           string
		note          bool
		what          string // part of What
		diff          []string
	}{
		{
			name:   "T15: a late banner keeps the hash of other bytes",
			before: files{"index.html": page("/main.8e5c48f1a2b3.js"), "main.8e5c48f1a2b3.js": "/* of Monday */\nrun()"},
			after:  files{"index.html": page("/main.8e5c48f1a2b3.js"), "main.8e5c48f1a2b3.js": "/* of Tuesday */\nrun()"},
			class:  Binding, url: "/main.8e5c48f1a2b3.js", what: "one URL, two files",
			diff: []string{"- /* of Monday */", "+ /* of Tuesday */"},
		},
		{
			name:   "a module import that was not rewritten",
			before: files{"index.html": page("/main.de7b0a11c2f3.js"), "main.de7b0a11c2f3.js": "import './m.js'", "m.js": "1"},
			after:  files{"index.html": page("/main.de7b0a11c2f3.js"), "main.de7b0a11c2f3.js": "import './m.js'", "m.js": "22"},
			class:  Bare, url: "/m.js", what: `import "./m.js" has no version`,
		},
		{
			name:   "the same, as long as it does not change",
			before: files{"index.html": page("/main.de7b0a11c2f3.js"), "main.de7b0a11c2f3.js": "import './m.js'", "m.js": "1"},
			after:  files{"index.html": page("/main.de7b0a11c2f3.js"), "main.de7b0a11c2f3.js": "import './m.js'", "m.js": "1", "new.txt": "1"},
			class:  Bare, url: "/m.js", note: true, what: "so far every build has the same bytes",
		},
		{
			name:   "an absolute url() leaves the release's directory",
			before: files{"index.html": page("/v1/site.css"), "v1/site.css": "a{b:url(/img/bg.png)}", "img/bg.png": "one"},
			after:  files{"index.html": page("/v2/site.css"), "v2/site.css": "a{b:url(/img/bg.png)}", "img/bg.png": "two!"},
			class:  Escape, url: "/img/bg.png", what: "leaves the versioned directory",
		},
		{
			name:   "T3: a CDN that drops the query string",
			before: files{"index.html": page("/site.css?v=1"), "site.css": "a{}"},
			after:  files{"index.html": page("/site.css?v=2"), "site.css": "b{}c{}"},
			class:  KeyTrap, url: "/site.css?v=1", what: "has one entry for /site.css",
		},
		{
			name:   "a compressed copy left behind",
			before: files{"index.html": page("/site.css?v=1"), "site.css": "a{}", "site.css.gz": gzipped("a{}")},
			after:  files{"index.html": page("/site.css?v=2"), "site.css": "b{}c{}", "site.css.gz": gzipped("a{}")},
			class:  BrokenVariant, url: "/site.css", what: "who takes gzip is given site.css.gz, which is not the file: it is the one of 1",
			diff: []string{"- b{}c{}", "+ a{}"},
		},
		{
			name:   "a compressed copy that is cut",
			before: files{"index.html": page("/site.css?v=1"), "site.css": "a{}", "site.css.gz": gzipped("a{}")},
			after:  files{"index.html": page("/site.css?v=2"), "site.css": "b{}c{}", "site.css.gz": gzipped("b{}c{}")[:20]},
			class:  BrokenVariant, url: "/site.css", what: "cannot be decompressed",
		},
		{
			name:   "T14: same size, same time, other bytes",
			before: files{"index.html": page("/site.css"), "site.css": "a{}"},
			after:  files{"index.html": page("/site.css"), "site.css": "b{}"},
			class:  ValidatorTrap, url: "/site.css", what: "answers 304",
		},
		{
			name:   "T13: a page under a script's name",
			before: files{"index.html": page("/a.0a1b2c3d4e5f.js"), "a.0a1b2c3d4e5f.js": "1"},
			after:  files{"index.html": page("/a.0a1b2c3d4e5f.js"), "a.0a1b2c3d4e5f.js": "\n<!DOCTYPE html><title>404"},
			class:  FallbackTrap, url: "/a.0a1b2c3d4e5f.js", what: "holds an HTML page",
		},
		{
			name:   "a reference that no file answers",
			before: files{"index.html": page("/a.js"), "a.js": "1"},
			after:  files{"index.html": page("/a.js"), "a.js": "import('./gone.js')"},
			class:  FallbackTrap, url: "/gone.js", what: "no file of the build answers it",
		},
		{
			name:   "an integrity attribute of other bytes",
			before: files{"index.html": page("/a.js"), "a.js": "1"},
			after:  files{"index.html": `<script src="/a.js" integrity="sha256-AAAA"></script>`, "a.js": "1"},
			class:  Integrity, url: "/a.js", what: "of other bytes",
		},
		{
			name:   "no integrity attribute",
			before: files{"index.html": page("/a.js"), "a.js": "1"},
			after:  files{"index.html": page("/a.js", "/b.css"), "a.js": "1", "b.css": "a{}"},
			class:  Integrity, url: "/a.js", note: true, what: "2 of 2 scripts",
		},
		{
			name:   "one picture renames the style sheet",
			before: files{"index.html": page("/s.0a1b2c3d4e5f.css"), "s.0a1b2c3d4e5f.css": "a{b:url(bg.1a2b3c4d5e6f.png)}", "bg.1a2b3c4d5e6f.png": "1"},
			after:  files{"index.html": page("/s.5f4e3d2c1b0a.css"), "s.5f4e3d2c1b0a.css": "a{b:url(bg.9f8e7d6c5b4a.png)}", "bg.9f8e7d6c5b4a.png": "2"},
			class:  Cascade, url: "/s.5f4e3d2c1b0a.css", note: true, what: "1 file changed, and 1 more has a new URL only because of what it refers to: ",
		},
		{
			name:   "what no page leads to is a note",
			before: files{"index.html": page("/a.js"), "a.js": "1", "robots.txt": "x"},
			after:  files{"index.html": page("/a.js"), "a.js": "1", "robots.txt": "y"},
			class:  Binding, url: "/robots.txt", note: true, what: "no page leads",
		},
	}
	then := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			o := Options{}
			for _, f := range []files{row.before, row.after} {
				times := map[string]time.Time{}
				for p := range f {
					times[p] = then
				}
				o.Times = append(o.Times, times)
			}
			r := Audit([]*site.Build{build(t, "1", row.before), build(t, "2", row.after)}, o)
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Class == row.class && f.URL == row.url })
			if i < 0 {
				t.Fatalf("no %s of %s among %+v", row.class, row.url, r.Findings)
			}
			f := r.Findings[i]
			if f.Note != row.note || !strings.Contains(f.What, row.what) {
				t.Errorf("note %v, %q, want note %v and %q", f.Note, f.What, row.note, row.what)
			}
			if row.diff != nil && !slices.Equal(f.Diff, row.diff) {
				t.Errorf("diff %q, want %q", f.Diff, row.diff)
			}
		})
	}
}

func TestNothingIsFoundInSoundBuilds(t *testing.T) {
	builds, err := site.Demo(site.HashedName, site.InnerRewritten)
	if err != nil {
		t.Fatal(err)
	}
	if bad := Audit(builds, Options{}).Failing(nil); len(bad) > 0 {
		t.Errorf("found %+v", bad)
	}
}

func TestFailingClassesAreChosen(t *testing.T) {
	r := Report{Findings: []Finding{{Class: Binding}, {Class: Cascade, Note: true}}}
	rows := []struct {
		on   []Class
		want int
	}{{nil, 1}, {[]Class{Cascade}, 1}, {[]Class{KeyTrap}, 0}, {Classes(), 2}}
	for _, row := range rows {
		if got := len(r.Failing(row.on)); got != row.want {
			t.Errorf("%v: %d fail, want %d", row.on, got, row.want)
		}
	}
}

func TestDifferenceIsShort(t *testing.T) {
	long := strings.Repeat("x", 5000)
	rows := []struct {
		name, a, b string
		want       []string
	}{
		{"lines alike around it are left out", "a\nb\nc", "a\nB\nc", []string{"- b", "+ B"}},
		{"a line that is added", "a\nc", "a\nb\nc", []string{"+ b"}},
		{"one long line is shown where it differs", long + "1" + long, long + "2" + long,
			[]string{"- …" + strings.Repeat("x", 25) + "1" + strings.Repeat("x", 73) + "…", "+ …" + strings.Repeat("x", 25) + "2" + strings.Repeat("x", 73) + "…"}},
		{"no text, no difference", "\x00", "\x01", nil},
	}
	for _, row := range rows {
		if got := difference([]byte(row.a), []byte(row.b)); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}
