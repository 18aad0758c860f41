package report

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"staleproof/scenarios/prove"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/name, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with go test -update", err)
	}
	if !bytes.Equal(got, want) {
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		from := max(0, i-80)
		t.Errorf("%s differs at byte %d; look, then go test -update\n got …%q\nwant …%q", path, i, got[from:min(len(got), i+80)], want[from:min(len(want), i+80)])
	}
}

// recorded reads verdicts that the prover gave, recorded so that these tests are about
// rendering only.
func recorded(t testing.TB, name string, into any) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// grid is four strategies and five modes behind CDN K1; one cell is made UNKNOWN.
func grid(t testing.TB) prove.Grid {
	t.Helper()
	var g prove.Grid
	recorded(t, "grid.json.gz", &g)
	c := &g.Cells[2][4]
	c.Letters = "?"
	for i := range c.Verdicts {
		c.Verdicts[i].Status, c.Verdicts[i].Cause = prove.Unknown, "the bound of 181 states was reached"
	}
	return g
}

// cell is a grid of one cell of grid.
func cell(t testing.TB, row, column int) prove.Grid {
	t.Helper()
	g := grid(t)
	return prove.Grid{CDN: g.CDN, Strategies: g.Strategies[row : row+1], Modes: g.Modes[column : column+1], Cells: [][]prove.Cell{{g.Cells[row][column]}}}
}

func TestGoldenFiles(t *testing.T) {
	whole := Report{About: "the built-in site, builds 1 and 2", Grids: []prove.Grid{grid(t)}}
	refuted := Report{Title: "dist-old to dist-new", Grids: []prove.Grid{cell(t, 1, 3)}}
	proved := Report{Title: "dist-old to dist-new", Grids: []prove.Grid{cell(t, 2, 0)}}
	unknown := Report{Title: "dist-old to dist-new", Grids: []prove.Grid{cell(t, 2, 4)}}
	rows := []struct {
		file   string
		render func(*bytes.Buffer) error
	}{
		{"grid.txt", func(w *bytes.Buffer) error { return Text(w, whole, TextOptions{}) }},
		{"grid-60.txt", func(w *bytes.Buffer) error { return Text(w, whole, TextOptions{Width: 60}) }},
		{"grid-colour.txt", func(w *bytes.Buffer) error { return Text(w, whole, TextOptions{Colour: true}) }},
		{"refuted.txt", func(w *bytes.Buffer) error { return Text(w, refuted, TextOptions{}) }},
		{"proved.txt", func(w *bytes.Buffer) error { return Text(w, proved, TextOptions{}) }},
		{"unknown.txt", func(w *bytes.Buffer) error { return Text(w, unknown, TextOptions{}) }},
		{"empty.txt", func(w *bytes.Buffer) error { return Text(w, Report{}, TextOptions{}) }},
		{"grid.md", func(w *bytes.Buffer) error { return Markdown(w, whole) }},
		{"refuted.md", func(w *bytes.Buffer) error { return Markdown(w, refuted) }},
		{"refuted.json", func(w *bytes.Buffer) error { return JSON(w, refuted) }},
		{"proved.json", func(w *bytes.Buffer) error { return JSON(w, proved) }},
		{"refuted.xml", func(w *bytes.Buffer) error { return JUnit(w, refuted) }},
		{"unknown.xml", func(w *bytes.Buffer) error { return JUnit(w, unknown) }},
		{"refuted.html", func(w *bytes.Buffer) error { return HTML(w, refuted) }},
		{"proved.html", func(w *bytes.Buffer) error { return HTML(w, proved) }},
		{"empty.html", func(w *bytes.Buffer) error { return HTML(w, Report{}) }},
	}
	for _, r := range rows {
		t.Run(r.file, func(t *testing.T) {
			var one, two bytes.Buffer
			if err := r.render(&one); err != nil {
				t.Fatal(err)
			}
			if err := r.render(&two); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Error("two renderings differ")
			}
			golden(t, r.file, one.Bytes())
		})
	}
}

// Stories of all kinds of events: slow answers, browsers, proxies, two tiers, several
// locations, evictions, failed deploys, pages instead of files.
func TestStories(t *testing.T) {
	var cells []prove.Cell
	recorded(t, "stories.json.gz", &cells)
	var out bytes.Buffer
	p := printer{width: 100}
	for _, c := range cells {
		g := prove.Grid{Strategies: []string{c.Strategy}, Modes: []string{c.Mode}, Cells: [][]prove.Cell{{c}}}
		p.example(g, Example{Cell: c, Verdict: c.Verdicts[0]})
		s := tell(c.Verdicts[0].Trace)
		var lanes string
		for _, l := range s.lanes {
			lanes += " [" + l.Name + "]"
		}
		p.line("lanes:" + lanes)
		for _, l := range s.lines {
			for _, h := range l.Holds {
				bad := ""
				if h.Bad {
					bad = ", wrong"
				}
				p.line("after " + l.Number + " " + h.Cache + " keeps " + h.URL + " of " + h.Builds + bad)
			}
		}
		p.line("")
	}
	out.WriteString(p.out.String())
	golden(t, "stories.txt", out.Bytes())
}
