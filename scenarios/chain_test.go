package scenarios

import (
	"fmt"
	"slices"
	"testing"

	"staleproof/scenarios/site"
)

// A chain follows each kind of asset through all builds, and knows one that comes
// back, and a URL that stands for two files of builds that are not neighbours.
func TestChainRows(t *testing.T) {
	const a, b, c = "0a1b2c3d4e5f", "5f4e3d2c1b0a", "abcdef012345"
	page := func(text string, more map[string]string) map[string]string {
		files := map[string]string{"index.html": text}
		for p, text := range more {
			files[p] = text
		}
		return files
	}
	script := func(hash, text string) map[string]string {
		return page("<script type=module src=/app."+hash+".js></script>", map[string]string{"app." + hash + ".js": text})
	}
	image := func(name, text string) map[string]string {
		return page("<img src="+name+"><img src=/same.png>", map[string]string{name[1:]: text, "same.png": "same"})
	}
	gone := page("<img src=/same.png>", map[string]string{"same.png": "same"})
	rows := []struct {
		name   string
		builds []map[string]string
		want   []string
		urls   []string // of the last row's asset, by build
	}{
		{"hashes", []map[string]string{script(a, "1"), script(b, "2"), script(c, "3")}, []string{"page", "script: name.hash"}, []string{"/app." + a + ".js", "/app." + b + ".js", "/app." + c + ".js"}},
		{"T15: a hash used again, not by the next build", []map[string]string{script(a, "1"), script(b, "2"), script(a, "3")}, []string{"page", "script: name.hash, one URL for two files"}, []string{"/app." + a + ".js", "/app." + b + ".js", "/app." + a + ".js"}},
		{"a hash used again, for the same bytes", []map[string]string{script(a, "1"), script(b, "2"), script(a, "1")}, []string{"page", "script: name.hash"}, []string{"/app." + a + ".js", "/app." + b + ".js", "/app." + a + ".js"}},
		{"gone and back", []map[string]string{image("/banner.png", "1"), gone, image("/banner.png", "3")}, []string{"page", "image, gone and back: plain", "image, unchanged: plain"}, []string{"/same.png", "/same.png", "/same.png"}},
		{"gone and back with the same bytes", []map[string]string{image("/banner.png", "1"), gone, image("/banner.png", "1")}, []string{"page", "image, unchanged: plain"}, nil},
		{"added", []map[string]string{gone, gone, image("/banner.png", "3")}, []string{"page", "image, added: plain", "image, unchanged: plain"}, nil},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var builds []*site.Build
			for i, files := range r.builds {
				builds = append(builds, rowsBuild(t, fmt.Sprint(i+1), files))
			}
			got, err := Chain(builds, nil)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for i := range got {
				names = append(names, got[i].Name())
			}
			if !slices.Equal(names, r.want) {
				t.Fatalf("rows %q, want %q", names, r.want)
			}
			for i, want := range r.urls {
				files := got[len(got)-1].Site.Builds[i].Files
				if f := files[len(files)-1]; f.URL != want {
					t.Errorf("build %d: %s, want %s", i+1, f.URL, want)
				}
			}
		})
	}
}

// The first build once more has new ids where a release has one, and its bytes
// elsewhere.
func TestChainUnderNewIDs(t *testing.T) {
	query := func(v string) map[string]string {
		return map[string]string{"index.html": "<link rel=stylesheet href=css/site.css?v=" + v + ">", "css/site.css": "a{b:url(../i.png?v=" + v + ")}", "i.png": "i" + v}
	}
	directory := func(v string) map[string]string {
		return map[string]string{"index.html": "<link rel=stylesheet href=/v" + v + "/site.css>", "v" + v + "/site.css": "a{b:url(i.png)} /*" + v + "*/", "v" + v + "/i.png": "i" + v}
	}
	hashed := func(v string) map[string]string {
		h := "0a1b2c3d4e5" + v
		return map[string]string{"index.html": "<link rel=stylesheet href=/site." + h + ".css>", "site." + h + ".css": "a{b:url(i." + h + ".png)}", "i." + h + ".png": "i" + v}
	}
	rows := []struct {
		name  string
		files func(v string) map[string]string
		want  []string // URLs, then references
		same  bool     // the image's bytes and the style sheet's
	}{
		{"a query", query, []string{"/", "/css/site.css?v=10", "/i.png?v=10", "css/site.css?v=10", "../i.png?v=10"}, false},
		{"a directory", directory, []string{"/", "/v10/site.css", "/v10/i.png", "/v10/site.css", "i.png"}, true},
		{"a hash", hashed, []string{"/", "/site.0a1b2c3d4e51.css", "/i.0a1b2c3d4e51.png", "/site.0a1b2c3d4e51.css", "i.0a1b2c3d4e51.png"}, true},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := Chain([]*site.Build{rowsBuild(t, "1", r.files("1")), rowsBuild(t, "2", r.files("2")), rowsBuild(t, "3", r.files("3"))}, nil)
			if err != nil {
				t.Fatal(err)
			}
			image := got[slices.IndexFunc(got, func(r Row) bool { return r.Class == "image" })]
			s := image.Part(0, 2, true)
			if len(s.Builds) != 4 {
				t.Fatalf("%d builds, want 4", len(s.Builds))
			}
			old, now := s.Builds[0].Files, s.Builds[3].Files
			urls := []string{now[0].URL, now[1].URL, now[2].URL, now[0].Refs[0], now[1].Refs[0]}
			if !slices.Equal(urls, r.want) {
				t.Errorf("got %q, want %q", urls, r.want)
			}
			if now[2].Body != old[2].Body || (now[1].Body == old[1].Body) != r.same || now[0].Body == old[0].Body {
				t.Errorf("bytes %+v, of the first %+v", now, old)
			}
			if p := image.Part(1, 2, false); len(p.Builds) != 2 || p.Builds[0].Files[2].URL != s.Builds[1].Files[2].URL {
				t.Errorf("builds 2 to 3: %+v", p.Builds)
			}
		})
	}
}

// The page at / has the name that an edge asks for in every build, under new ids and of
// its compressed copy, too.
func TestAtRoot(t *testing.T) {
	var builds []*site.Build
	for _, v := range []string{"1", "2", "3"} {
		builds = append(builds, rowsBuild(t, v, map[string]string{
			"index.html": "<link rel=stylesheet href=site.css?v=" + v + ">", "site.css": "a{b:" + v + "}", "index.html.gz": "no gzip",
		}))
	}
	rows, err := ChainWithCopies(builds, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].AtRoot("index.html")
		for n, b := range rows[i].Part(0, 2, true).Builds {
			var got []string
			for _, f := range b.Files {
				if f.Page {
					got = append(got, f.Path, f.URL, f.CopyOf)
				}
			}
			if want := []string{"/index.html", "/index.html", "", "/index.html.gz", "/index.html", "/index.html"}; !slices.Equal(got, want) {
				t.Errorf("%s, build %d: %q, want %q", rows[i].Name(), n+1, got, want)
			}
		}
	}
}
