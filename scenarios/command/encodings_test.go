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

// TestProveCopiesInAChain: more than two builds are one sequence for who takes encodings,
// too, and a copy may be of any release.
func TestProveCopiesInAChain(t *testing.T) {
	one, two, three, left := copiedBuild(t, "1", "1"), copiedBuild(t, "2", "2"), copiedBuild(t, "3", "3"), copiedBuild(t, "3", "1")
	rows := []struct {
		name    string
		args    []string
		letters map[string]string // of the style sheet, by deploy
	}{
		{"copies of every release", []string{"--encodings", "br+gzip,gzip", "--mode", "atomic", one, two, three}, map[string]string{"atomic": "a"}},
		{"made again too late", []string{"--encodings", "br+gzip,none", "--mode", "copies last", one, two, three}, map[string]string{"copies last": "Sa", "copies last, invalidate": "Sa"}},
		{"the third has the first one's", []string{"--encodings", "br+gzip,gzip", "--mode", "atomic", one, two, left}, map[string]string{"atomic": "Sa"}},
		{"nobody takes it", []string{"--encodings", "none", "--mode", "atomic", one, two, left}, map[string]string{"atomic": "a"}},
		{"back under a new id", []string{"--encodings", "gzip", "--mode", "atomic, rollback", one, two, left}, map[string]string{"atomic, rollback": "sA", "atomic, rollback, new id": "sa"}},
		{"three visitors", []string{"--encodings", "br,gzip,none", "--mode", "atomic", one, two, three}, map[string]string{"atomic": "a"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			traces := filepath.Join(t.TempDir(), "traces")
			out, errs, err := run(t, append([]string{"prove", "--json", "--html", filepath.Join(t.TempDir(), "r.html"), "--save-traces", traces}, r.args...)...)
			var got struct{ Grids []prove.Grid }
			if json.Unmarshal([]byte(out), &got) != nil || len(got.Grids) != 3 {
				t.Fatal(err, errs, out)
			}
			g, letters := got.Grids[2], map[string]string{}
			for i, c := range g.Cells[len(g.Cells)-1] {
				letters[g.Modes[i]] = c.Letters
				for _, v := range c.Verdicts {
					if v.Status == prove.Unknown {
						t.Errorf("%s: %s %s is unknown: %s", g.Modes[i], v.Property, v.Class, v.Cause)
					}
				}
			}
			for mode, want := range r.letters {
				if letters[mode] != want {
					t.Errorf("%s: %q, want %q", mode, letters[mode], want)
				}
			}
			files, err := filepath.Glob(filepath.Join(traces, "*.json"))
			if err != nil || len(files) == 0 {
				t.Fatal("no traces", err)
			}
			if out, _, err := run(t, append([]string{"replay", "--on", "values,edge"}, files...)...); err != nil {
				t.Errorf("replay: %v\n%s", err, out)
			}
		})
	}
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
		hashed bool // hashes in names repair all that is wrong
	}{
		{"a copy left behind", []string{"--before", one, "--after", left, "--encodings", "br+gzip,none"}, "Sa", "broken copy", false},
		{"one that nobody takes", []string{"--before", one, "--after", left, "--encodings", "br,none"}, "a", "broken copy", true},
		{"nobody is asked", []string{"--before", one, "--after", left}, "a", "", true},
		{"a copy that was made again", []string{"--before", one, "--after", good, "--encodings", "br+gzip,none"}, "a", "", true},
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
			for _, v := range g.Cells[len(g.Cells)-1][0].Verdicts {
				if v.Property == prove.ViewConsistency && v.Status == prove.Refuted && (v.Repair == hashRepair) != r.hashed {
					t.Errorf("%s sticky=%v: repair %q", v.Class, v.Sticky, v.Repair)
				}
			}
		})
	}
}
