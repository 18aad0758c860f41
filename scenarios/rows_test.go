package scenarios

import (
	"slices"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

func rowsBuild(t *testing.T, name string, files map[string]string) *site.Build {
	t.Helper()
	raw := map[string][]byte{}
	for p, text := range files {
		raw[p] = []byte(text)
	}
	b, err := site.FromFiles(name, raw, site.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every kind of asset has a row, with the build's own URLs and references.
func TestRowsOfTwoBuilds(t *testing.T) {
	files := func(v, hash string) map[string]string {
		return map[string]string{
			"index.html":              `<link rel=stylesheet href="css/site.css?v=` + v + `"><script type=module src="/js/app.` + hash + `.js"></script><img src="logo.png">`,
			"f.woff2":                 "font",
			"css/site.css":            "@font-face{src:url(../f.woff2)} a{b:url(../img/bg.png)} /*" + v + "*/",
			"img/bg.png":              "bg" + v,
			"js/app." + hash + ".js":  `import("./lazy.` + hash + `.js")`,
			"js/lazy." + hash + ".js": "export default " + v,
			"logo.png":                "same",
		}
	}
	rows, err := Rows(rowsBuild(t, "1", files("1", "0a1b2c3d4e5f")), rowsBuild(t, "2", files("2", "5f4e3d2c1b0a")),
		func(build int, f *site.File, url string) string { return "max-age=" + string(rune('1'+build)) })
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range rows {
		names = append(names, rows[i].Name())
	}
	want := []string{"page", "style sheet: ?v everywhere", "script: name.hash", "lazy chunk: name.hash", "image in an asset: bare, in a versioned one",
		"font in an asset, unchanged: bare, in a versioned one"}
	if !slices.Equal(names, want) {
		t.Fatalf("rows %q, want %q", names, want)
	}
	image := rows[4].Site.Builds[1].Files
	wanted := []prove.File{
		{Name: "index.html", Path: "/", URL: "/", Page: true, Refs: []string{"css/site.css?v=2"}, Control: "max-age=2"},
		{Name: "site.css", Path: "/css/site.css", URL: "/css/site.css?v=2", Version: "2", Refs: []string{"../img/bg.png"}, Control: "max-age=2"},
		{Name: "bg.png", Path: "/img/bg.png", URL: "/img/bg.png", Control: "max-age=2"},
	}
	for i, f := range image {
		f.Body = ""
		w := wanted[i]
		if f.Name != w.Name || f.Path != w.Path || f.URL != w.URL || f.Page != w.Page || f.Version != w.Version || f.Control != w.Control || !slices.Equal(f.Refs, w.Refs) {
			t.Errorf("file %d: %+v, want %+v", i, f, w)
		}
	}
	if same := rows[4].Site.Builds[0].Files[0].Body == image[0].Body; same {
		t.Error("pages of two builds are one")
	}
}

// A long way is cut, so that the explorer ends: the page names the last asset but one.
func TestRowsCutLongWays(t *testing.T) {
	files := func(v string) map[string]string {
		return map[string]string{"index.html": "<script type=module src=/a.js></script>", "a.js": "import './b.js'", "b.js": "import './c.js'", "c.js": "import './d.js'", "d.js": v}
	}
	rows, err := Rows(rowsBuild(t, "1", files("1")), rowsBuild(t, "2", files("2")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		for _, b := range r.Site.Builds {
			if len(b.Files) > 3 {
				t.Errorf("%s has %d files, want at most 3", r.Name(), len(b.Files))
			}
		}
	}
	last := rows[len(rows)-1].Site.Builds[1].Files
	if got := []string{last[0].Refs[0], last[1].Refs[0], last[2].URL}; !slices.Equal(got, []string{"/c.js", "./d.js", "/d.js"}) {
		t.Errorf("way %q", got)
	}
}

// Of a kind, an asset is followed whose bytes changed: one that has only a new URL
// could be mistaken for itself and nobody would see it.
func TestRowsFollowWhatChanged(t *testing.T) {
	files := func(v string) map[string]string {
		link := func(name string) string { return "<link rel=stylesheet href=/" + name + ".css?v=" + v + ">" }
		return map[string]string{"index.html": link("a") + link("b") + link("c"), "a.css": "same", "b.css": v, "c.css": "same"}
	}
	rows, err := Rows(rowsBuild(t, "1", files("1")), rowsBuild(t, "2", files("2")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := rows[1]; len(rows) != 2 || r.URL != "/b.css?v=2" || r.Assets != 3 {
		t.Errorf("of %d rows, %s follows %s for %d assets, want /b.css?v=2 for 3", len(rows), r.Name(), r.URL, r.Assets)
	}
}

// A file that comes or goes has a row of its own unless one that has another name in
// each build shows what happens then.
func TestRowsOfWhatIsInOneBuild(t *testing.T) {
	lazy := func(name string) string { return "<script>import('/" + name + "')</script>" }
	for _, tt := range []struct{ name, before, after, want string }{
		{"a name that stays shows nothing of it", "a.js?v=1", "a.js?v=2", "lazy chunk, added: plain lazy chunk, removed: plain lazy chunk: ?v everywhere"},
		{"a name that changes does", "a.0a1b2c3d4e5f.js", "a.5f4e3d2c1b0a.js", "lazy chunk: name.hash"},
	} {
		build := func(name, changing, only string) *site.Build {
			file, _, _ := strings.Cut(changing, "?")
			return rowsBuild(t, name, map[string]string{"index.html": lazy(changing) + lazy(only), file: name, only: "only"})
		}
		rows, err := Rows(build("1", tt.before, "old.js"), build("2", tt.after, "new.js"), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range rows[1:] {
			names = append(names, r.Name())
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%s: rows %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRowsNeedAnAsset(t *testing.T) {
	b := rowsBuild(t, "1", map[string]string{"index.html": "hello"})
	if _, err := Rows(b, b, nil); err == nil {
		t.Error("no error for builds without assets")
	}
}
