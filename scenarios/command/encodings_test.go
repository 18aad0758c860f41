package command

import (
	"compress/gzip"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

// copiedBuild is a build with a compressed copy of its style sheet, which may be of
// another version.
func copiedBuild(t *testing.T, version, copied string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	w.Write([]byte("a{b:" + copied + "}"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return folder(t, "copied-"+version, map[string]string{
		"index.html": `<link rel=stylesheet href="/site.css?v=` + version + `">`, "site.css": "a{b:" + version + "}", "site.css.gz": b.String(),
	})
}

// TestProveCopies: copies beside files are given to who takes them, if visitors are
// asked about.
func TestProveCopies(t *testing.T) {
	one, good, left := copiedBuild(t, "1", "1"), copiedBuild(t, "2", "2"), copiedBuild(t, "2", "1")
	rows := []struct {
		name   string
		args   []string
		letter string // of the style sheet's only cell
		want   string
	}{
		{"a copy left behind", []string{"--before", one, "--after", left, "--encodings", "br+gzip,none"}, "Sa", "broken copy"},
		{"one that nobody takes", []string{"--before", one, "--after", left, "--encodings", "br,none"}, "a", "broken copy"},
		{"nobody is asked", []string{"--before", one, "--after", left}, "a", ""},
		{"a copy that was made again", []string{"--before", one, "--after", good, "--encodings", "br+gzip,none"}, "a", ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			out, _, err := run(t, append([]string{"prove", "--json", "--mode", "atomic", "--html", filepath.Join(t.TempDir(), "r.html")}, r.args...)...)
			var got struct{ Grids []prove.Grid }
			if json.Unmarshal([]byte(out), &got) != nil || len(got.Grids) != 1 {
				t.Fatal(err, out)
			}
			g := got.Grids[0]
			name, letters := g.Strategies[len(g.Strategies)-1], g.Cells[len(g.Cells)-1][0].Letters
			if letters != r.letter || strings.Contains(name, "broken copy") != (r.want != "") {
				t.Errorf("%s: %s, want %s %s", name, letters, r.letter, r.want)
			}
		})
	}
}
