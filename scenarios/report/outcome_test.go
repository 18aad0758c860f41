package report

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

func TestTheWorstVerdictSpeaksForTheCell(t *testing.T) {
	v := func(p prove.Property, s prove.Status, c prove.Class, sticky bool, count int) prove.Verdict {
		return prove.Verdict{Property: p, Status: s, Class: c, Sticky: sticky, Trace: prove.Trace{Count: count}}
	}
	s1, s2, s3, s4 := prove.ViewConsistency, prove.Binding, prove.Freshness, prove.Monotone
	rows := []struct {
		name     string
		verdicts []prove.Verdict
		want     string // word and how
		but      string
	}{
		{"no verdict is no proof", nil, "UNKNOWN", ""},
		{"all proved", []prove.Verdict{v(s1, prove.Proved, "", false, 0), v(s3, prove.Proved, "", false, 0)}, "PROVED", ""},
		{"unknown before proved", []prove.Verdict{v(s1, prove.Proved, "", false, 0), v(s3, prove.Unknown, "", false, 0)}, "UNKNOWN", ""},
		{"refuted before unknown", []prove.Verdict{v(s1, prove.Unknown, "", false, 0), v(s3, prove.Refuted, prove.StalePage, true, 4)}, "STALEPAGE sticky", ""},
		{"sticky before passing", []prove.Verdict{v(s1, prove.Refuted, prove.Stale, false, 3), v(s1, prove.Refuted, prove.Ahead, true, 6)}, "AHEAD sticky", ""},
		{"a wrong file before a wrong page", []prove.Verdict{v(s3, prove.Refuted, prove.StalePage, true, 4), v(s1, prove.Refuted, prove.Missing, false, 9)}, "MISSING passing", ""},
		{"stale before missing", []prove.Verdict{v(s1, prove.Refuted, prove.Missing, true, 3), v(s1, prove.Refuted, prove.Stale, true, 7)}, "STALE sticky", ""},
		{"what no view shows is a star", []prove.Verdict{v(s1, prove.Proved, "", false, 0), v(s4, prove.Refuted, prove.Flip, false, 3), v(s2, prove.Unknown, prove.Poison, false, 0)}, "PROVED*", "S4 FLIP, S2 POISON"},
		{"a cell about another property only", []prove.Verdict{v(s4, prove.Refuted, prove.Flip, false, 3)}, "FLIP passing", ""},
	}
	for _, r := range rows {
		o := OutcomeOf(prove.Cell{Verdicts: r.verdicts})
		got := o.Word()
		if o.Status == prove.Refuted {
			got += " " + how(o.Sticky)
		}
		if got != r.want || o.But != r.but {
			t.Errorf("%s: got %q but %q, want %q but %q", r.name, got, o.But, r.want, r.but)
		}
	}
}

func TestTheShortestCounterexample(t *testing.T) {
	e, ok := Shortest(grid(t))
	if !ok || e.Cell.Strategy != "plain" || e.Cell.Mode != "atomic" || e.Verdict.Class != prove.Stale || e.Verdict.Trace.Count != 5 {
		t.Errorf("got %s, %s: %s after %d events; want T3, plain, atomic: STALE after 5", e.Cell.Strategy, e.Cell.Mode, e.Verdict.Class, e.Verdict.Trace.Count)
	}
	e, _ = Shortest(grid(t), "?v everywhere", "no such strategy")
	if e.Cell.Strategy != "?v everywhere" || e.Cell.Mode != "html first" && e.Cell.Mode != "rolling" && e.Cell.Mode != "atomic, rollback" || !e.Verdict.Sticky || e.Verdict.Trace.Count != 6 {
		t.Errorf("?v everywhere preferred: got %s, %s after %d events; want a sticky one after 6", e.Cell.Strategy, e.Cell.Mode, e.Verdict.Trace.Count)
	}
	if _, ok := Shortest(cell(t, 2, 0)); ok {
		t.Error("a proved grid has a counterexample")
	}
}

func TestVersionedPathsBesideACounterexample(t *testing.T) {
	g := grid(t)
	rows := []struct {
		name        string
		row, column int
		want        string
	}{
		{"proved in the same deploy", 0, 0, "The same deploy with “/v/ real” is PROVED."},
		{"refuted in the same deploy, proved in another", 1, 3, "what is left is MISSING (sticky). Deployed as “atomic” it is PROVED."},
		{"a versioned path itself", 2, 1, "only an absent one. Deployed as “atomic”"},
	}
	for _, r := range rows {
		c := g.Cells[r.row][r.column]
		if got := beside(g, Example{Cell: c, Verdict: OutcomeOf(c).Verdict, Row: r.row, Column: r.column}); !strings.Contains(got, r.want) {
			t.Errorf("%s: got %q, want %q in it", r.name, got, r.want)
		}
	}
}

// An invalidation reaches the tiers it names, what its items cover, and no cache that
// is not the CDN's.
func TestInvalidationsReach(t *testing.T) {
	fill := prove.Event{Kind: prove.Requested, Actor: "v1", URL: "/css", Key: "site /css", Status: 200, Builds: []int{1}, From: "origin", Server: "s1", Stored: []string{"regional", "edge", "edge 2", "proxy", "browser"}}
	rows := []struct {
		tier  string
		items []string
		want  string
	}{
		{"", nil, "proxy browser"},
		{"", []string{"/*"}, "proxy browser"},
		{"", []string{"/img/*", "/css"}, "proxy browser"},
		{"", []string{"/img/*", "/cs"}, "regional edge edge 2 proxy browser"},
		{"edge", []string{"/*"}, "regional proxy browser"},
		{"regional", []string{"/*"}, "edge edge 2 proxy browser"},
	}
	for _, r := range rows {
		s := tell(prove.Trace{Events: []prove.Event{fill, {Kind: prove.Invalidated, Actor: "deploy", Tier: r.tier, Items: r.items}}})
		var tiers []string
		for _, h := range s.lines[1].Holds {
			tiers = append(tiers, h.Tier)
		}
		if got := strings.Join(tiers, " "); got != r.want {
			t.Errorf("invalidate %q at %q: %q still hold a copy, want %q", r.items, r.tier, got, r.want)
		}
	}
}

func TestThingsHaveNames(t *testing.T) {
	rows := []struct{ asset, url, want string }{
		{"css", "/x", "the style sheet"}, {"img", "/x", "the picture"}, {"html", "/", "the page"}, {"", "/", "the page"}, {"", "/about", "the page"},
		{"css/site.css", "/css/site.css?v=2", "the style sheet"}, {"", "/index.js.8244ecae", "the script"}, {"", "/a.4f.WOFF2", "the font"}, {"", "/data.bin", "the file"},
	}
	for _, r := range rows {
		if got := thing(r.asset, r.url); got != r.want {
			t.Errorf("%q %q: got %q, want %q", r.asset, r.url, got, r.want)
		}
	}
}

// The package may use the standard library without sockets, and the prover's types.
func TestImportsStayWithinTheArchitecture(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			standard := !strings.Contains(strings.Split(p, "/")[0], ".") && !strings.HasPrefix(p, "staleproof/")
			if p != "staleproof/scenarios/prove" && (!standard || p == "time" || p == "net" || strings.HasPrefix(p, "net/")) {
				t.Errorf("%s imports %s", name, p)
			}
		}
	}
}
