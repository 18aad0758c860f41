package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"staleproof/scenarios"
	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// release is a build whose page does not change from one to the next, with a style
// sheet that names a picture, and a script that is asked for by nobody's doing.
func release(n string) map[string]string {
	return map[string]string{
		"index.html":   `<!doctype html><link rel=stylesheet href=site.css><p>page<script src=app.js></script>`,
		"site.css":     "p { background: url(back.svg) } /* " + n + " */",
		"app.js":       `globalThis.later = () => import("./lazy.js") // ` + n,
		"lazy.js":      "export default " + n,
		"back.svg":     `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!-- ` + n + ` --></svg>`,
		"site.css.gz":  gzipped("p { background: url(back.svg) } /* " + n + " */"),
		"app.js.br":    "no brotli at all",
		"unrelated.js": n,
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func readBuild(t *testing.T, name string, files map[string]string) *site.Build {
	t.Helper()
	fs := fstest.MapFS{}
	for p, text := range files {
		fs[p] = &fstest.MapFile{Data: []byte(text)}
	}
	b, err := site.Read(name, fs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ownStories are counterexamples of two releases, of each kind of asset.
func ownStories(t *testing.T, builds []*site.Build, takes ...prove.Encodings) []Story {
	t.Helper()
	rowsOf := scenarios.Rows
	if takes != nil {
		rowsOf = scenarios.RowsWithCopies
	}
	rows, err := rowsOf(builds[0], builds[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []Story
	for _, r := range rows {
		d := prove.Deploy{Name: r.Name(), Site: r.Site, Mode: prove.Modes()[0], CDN: keyed(prove.K(1)), Takes: takes}
		all = append(all, Counterexamples(d, prove.Prove(context.Background(), d, prove.Bounds{}, nil))...)
	}
	if len(all) == 0 {
		t.Fatal("nothing is refuted")
	}
	return all
}

// TestOwnBytes plays counterexamples of builds with the builds' own files, of which the
// page is the same bytes in both.
func TestOwnBytes(t *testing.T) {
	builds := []*site.Build{readBuild(t, "one", release("1")), readBuild(t, "two", release("2"))}
	for name, takes := range map[string][]prove.Encodings{"plain": nil, "encodings": {"gzip", "br"}} {
		t.Run(name, func(t *testing.T) {
			torn := false
			for _, s := range ownStories(t, builds, takes...) {
				own, err := NewOwn(&s, builds)
				if err != nil {
					t.Fatal(err)
				}
				r := run(t, s, Options{Own: own})
				for _, l := range r.Levels {
					if l.Outcome != Agrees {
						t.Errorf("%s on %s: %s: %s", s.Name, l.Level, l.Outcome, l.Why)
					}
				}
				if r.Bytes != "builds" {
					t.Errorf("bytes %q", r.Bytes)
				}
				torn = torn || s.Class == prove.Torn
			}
			if torn != (takes != nil) {
				t.Errorf("the damaged copy is given out: %v", torn)
			}
		})
	}
}

// TestOwnServers: servers send the files as they lie there, with the type that their
// names say.
func TestOwnServers(t *testing.T) {
	builds := []*site.Build{readBuild(t, "one", release("1")), readBuild(t, "two", release("2"))}
	stories := ownStories(t, builds, "gzip", "br")
	find := func(part string) *Story {
		for i := range stories {
			if strings.HasPrefix(stories[i].Name, part) {
				return &stories[i]
			}
		}
		t.Fatalf("no story of %q", part)
		return nil
	}
	rows := []struct{ story, url, takes, want, media, coding string }{
		{"style sheet", "/", "br", release("1")["index.html"], "text/html", ""},
		{"style sheet", "/site.css", "br", release("1")["site.css"], "text/css", ""},
		{"style sheet", "/site.css", "gzip", release("1")["site.css.gz"], "text/css", "gzip"},
		{"image", "/back.svg", "br", release("1")["back.svg"], "image/svg+xml", ""},
		{"script", "/app.js", "br", release("1")["app.js.br"], "text/javascript", "br"},
		{"script", "/app.js", "gzip", release("1")["app.js"], "text/javascript", ""},
	}
	for _, r := range rows {
		s := find(r.story)
		var err error
		if s.own, err = NewOwn(s, builds); err != nil {
			t.Fatal(err)
		}
		st, err := newStage(s, newProcess())
		if err != nil {
			t.Fatal(err)
		}
		st.origin.releaseAll()
		q := httptest.NewRequest("GET", r.url, nil)
		q.Header.Set("Accept-Encoding", r.takes)
		_, header, body, err := st.origin.answer("s1", q)
		if err != nil || string(body) != r.want || header.Get("Content-Type") != r.media || header.Get("Content-Encoding") != r.coding {
			t.Errorf("%s taking %q: %v, %q, %q", r.url, r.takes, err, header, body)
		}
		if err := st.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestOwnInChromium plays the same in a browser, whose pages are real ones: what they
// load waits for its turn, and what they load only when somebody clicks comes, too.
func TestOwnInChromium(t *testing.T) {
	if _, err := browser.Find(""); err != nil {
		t.Skip(err)
	}
	browsers := &Browsers{}
	t.Cleanup(func() {
		if err := browsers.Close(); err != nil {
			t.Error(err)
		}
	})
	builds := []*site.Build{readBuild(t, "one", release("1")), readBuild(t, "two", release("2"))}
	stories := ownStories(t, builds)
	// One who comes back: the browser has to restore a page that was not given all.
	d := stories[0].Deploy
	d.Visitors = []prove.Kind{prove.BackButton}
	back := Counterexamples(d, prove.Prove(context.Background(), d, prove.Bounds{}, nil))
	if len(back) == 0 {
		t.Fatal("nobody comes back")
	}
	for _, s := range append(back, stories...) {
		if s.Property != prove.ViewConsistency && s.Property != prove.Freshness {
			continue
		}
		own, err := NewOwn(&s, builds)
		if err != nil {
			t.Fatal(err)
		}
		if l := run(t, s, Options{Levels: []Level{Chromium}, Browsers: browsers, Own: own}).Levels[0]; l.Outcome != Agrees {
			t.Errorf("%s: %s: %s", s.Name, l.Outcome, l.Why)
		}
	}
}

// TestOwnMistakes has builds that are not those of a trace, and how that is said.
func TestOwnMistakes(t *testing.T) {
	changed := func(n string, change func(files map[string]string)) *site.Build {
		files := release(n)
		change(files)
		return readBuild(t, map[string]string{"1": "one", "2": "two"}[n], files)
	}
	keep := func(map[string]string) {}
	one, two := changed("1", keep), changed("2", keep)
	stories := ownStories(t, []*site.Build{one, two}, "gzip", "br")
	again := stories[0]
	again.Deploy.Site.Builds = append(again.Deploy.Site.Builds, prove.Build{Files: []prove.File{{Path: "/", Page: true, Body: "x of build 1 again"}}})
	rows := []struct {
		name   string
		story  *Story
		builds []*site.Build
		want   string
	}{
		{"another file", &stories[0], []*site.Build{one, changed("2", func(f map[string]string) { f["site.css"] = "p{}" })}, "build two: site.css is not as the trace has it: its bytes have the hash "},
		{"no file", &stories[0], []*site.Build{changed("1", func(f map[string]string) { delete(f, "site.css") }), two}, "build one: there is no file for /site.css"},
		{"another page", &stories[0], []*site.Build{changed("1", func(f map[string]string) { f["index.html"] += "!" }), two}, "build one: index.html is not as"},
		{"another copy", &stories[0], []*site.Build{one, changed("2", func(f map[string]string) { f["site.css.gz"] = gzipped("p{}") })}, "build two: site.css.gz is not as"},
		{"a damaged copy", &stories[0], []*site.Build{one, changed("2", func(f map[string]string) { f["site.css.gz"] = "no gzip" })}, "build two: site.css.gz is not as"},
		{"no copy", &stories[0], []*site.Build{one, changed("2", func(f map[string]string) { delete(f, "site.css.gz") })}, "build two: there is no copy of site.css compressed with gzip"},
		{"more builds, another file", &stories[0], []*site.Build{two, one, changed("2", func(f map[string]string) { f["site.css"] = "p{}" })}, "build two: site.css is not as"},
		{"three builds", &stories[0], []*site.Build{two, one, one}, "the trace is about 2 builds, one to two, and 3 are given"},
		{"new ids", &again, []*site.Build{one, two}, "the trace goes back to build one under new ids"},
		{"made files", &Story{}, []*site.Build{one, two}, "files that are made for it"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if !strings.HasPrefix(stories[0].Name, "style sheet") {
				t.Fatal(stories[0].Name)
			}
			if _, err := NewOwn(r.story, r.builds); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("%v, want %q", err, r.want)
			}
		})
	}
}
