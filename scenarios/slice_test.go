package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"staleproof/scenarios/site"
)

func build(t *testing.T, name string, files map[string]string) *site.Build {
	t.Helper()
	bytes := map[string][]byte{}
	for p, text := range files {
		bytes[p] = []byte(text)
	}
	b, err := site.FromFiles(name, bytes, site.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSliceTakesWhatStandsForTheRest(t *testing.T) {
	page := `<link rel=stylesheet href=/a.css><link rel=stylesheet href=/b.css><script src=/c.js></script>`
	rows := []struct {
		name          string
		before, after map[string]string
		want          string
	}{
		{"what changes, before what does not",
			map[string]string{"index.html": page, "a.css": "1", "b.css": "1", "c.js": "1"},
			map[string]string{"index.html": page, "a.css": "1", "b.css": "2", "c.js": "1"}, "html[b.css] b.css"},
		{"an asset of an asset, before an asset alone",
			map[string]string{"index.html": page, "a.css": "1", "b.css": "x{background:url(i.png)}", "c.js": "1", "i.png": "1"},
			map[string]string{"index.html": page, "a.css": "2", "b.css": "x{background:url(i.png)} ", "c.js": "1", "i.png": "2"}, "html[b.css] b.css[i.png] i.png"},
		{"one that is the same is fixed",
			map[string]string{"index.html": page, "a.css": "1", "b.css": "x{background:url(i.png)}", "c.js": "1", "i.png": "1"},
			map[string]string{"index.html": page, "a.css": "1", "b.css": "x{background:url(i.png)}", "c.js": "1", "i.png": "2"}, "html[b.css] b.css[i.png] fixed i.png"},
		{"a version in the name is left out",
			map[string]string{"index.html": `<script src=/app.11111111aa.js></script>`, "app.11111111aa.js": "1"},
			map[string]string{"index.html": `<script src=/app.22222222bb.js></script>`, "app.22222222bb.js": "2"}, "html[app.js] app.js"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, _, err := Slice(build(t, "1", r.before), build(t, "2", r.after))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range s.Assets {
				text := a.Name
				if len(a.Refs) > 0 {
					text += fmt.Sprint(a.Refs)
				}
				if a.Fixed {
					text += " fixed"
				}
				got = append(got, text)
			}
			if strings.Join(got, " ") != r.want {
				t.Errorf("got %s, want %s", strings.Join(got, " "), r.want)
			}
		})
	}
}

func TestSliceWantsAnAsset(t *testing.T) {
	b := build(t, "1", map[string]string{"index.html": "hello"})
	if _, _, err := Slice(b, b); err == nil || !strings.Contains(err.Error(), "no page names an asset") {
		t.Errorf("got %v", err)
	}
}
