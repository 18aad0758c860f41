package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
	"staleproof/scenarios/prove"
)

// hostile is what a site could put into names and URLs.
const hostile = "<script>alert(1)</script>\"'`|*_[x](javascript:x)\x1b]0;title\a\u202e</style>{{.}}&amp;]]>@who https://evil.example\n# head"

// hostileReport has hostile text in every field that comes from outside.
func hostileReport(t testing.TB) Report {
	t.Helper()
	g := cell(t, 1, 3)
	g.CDN, g.Strategies, g.Modes = hostile, []string{hostile}, []string{hostile}
	c := &g.Cells[0][0]
	c.Strategy, c.Mode = hostile, hostile
	for i := range c.Verdicts {
		v := &c.Verdicts[i]
		v.Who, v.Method, v.Cause, v.Coverage, v.Repair = hostile, hostile, hostile, hostile, hostile
		for j := range v.Assumptions {
			v.Assumptions[j].Claim, v.Assumptions[j].By = hostile, hostile
		}
		for j := range v.Trace.Events {
			e := &v.Trace.Events[j]
			e.URL, e.Key, e.Step, e.Asset = hostile, "site "+hostile, hostile, hostile
			if e.Poisoned != "" {
				e.Poisoned = e.Key
			}
		}
	}
	return Report{Title: hostile, About: hostile, Grids: []prove.Grid{g, grid(t)}}
}

func render(t *testing.T, f func(io.Writer, Report) error, r Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := f(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestHTMLEscapesAndNeedsNoNetwork(t *testing.T) {
	text := render(t, HTML, hostileReport(t))
	scripts := 0
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		k := z.Next()
		if k == html.ErrorToken {
			break
		}
		token := z.Token()
		if k != html.StartTagToken && k != html.SelfClosingTagToken {
			continue
		}
		if token.Data == "script" {
			scripts++
		}
		for _, a := range token.Attr {
			outside := a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:,"
			if outside || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q> reaches out or runs script", token.Data, a.Key, a.Val)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("got %d scripts, want the report's own", scripts)
	}
	if strings.Contains(pageCSS, "url(") || strings.Contains(pageCSS, "@import") || strings.Contains(pageJS, "fetch") {
		t.Error("style or script of the page asks the network")
	}
}

func TestTextShowsNoControlCharacters(t *testing.T) {
	text := render(t, func(w io.Writer, r Report) error { return Text(w, r, TextOptions{}) }, hostileReport(t))
	for i, r := range text {
		if r != '\n' && (r < 0x20 || r == 0x7f || r == '\u202e') {
			t.Fatalf("control character %U at %d: …%q", r, i, text[max(0, i-30):i+1])
		}
	}
}

func TestTextFitsItsWidth(t *testing.T) {
	var g prove.Grid
	for _, m := range prove.Modes() {
		g.Modes = append(g.Modes, m.Name)
	}
	worst := grid(t).Cells[0][0]
	for i := range worst.Verdicts {
		worst.Verdicts[i].Class = prove.StalePage
	}
	for _, s := range prove.Strategies() {
		g.Strategies = append(g.Strategies, s.Name)
		row := make([]prove.Cell, len(g.Modes))
		for i := range row {
			row[i] = worst
		}
		g.Cells = append(g.Cells, row)
	}
	reports := []Report{{Grids: []prove.Grid{g}}, hostileReport(t), {About: strings.Repeat("x", 300), Grids: []prove.Grid{cell(t, 1, 3)}}}
	for _, width := range []int{0, 40, 60, 80, 100, 7} {
		for i, r := range reports {
			text := render(t, func(w io.Writer, r Report) error { return Text(w, r, TextOptions{Width: width}) }, r)
			limit := map[int]int{0: 100, 7: 40}[width]
			for _, l := range strings.Split(text, "\n") {
				if n := utf8.RuneCountInString(l); n > max(limit, width) {
					t.Errorf("width %d, report %d: %d columns: %s", width, i, n, l)
				}
			}
		}
	}
}

func TestColourOnlyOnATerminal(t *testing.T) {
	rows := []struct {
		name     string
		terminal bool
		columns  int
		env      map[string]string
		colour   bool
		width    int
	}{
		{"a terminal", true, 100, nil, true, 100},
		{"a terminal of 80 columns", true, 80, nil, true, 80},
		{"a wide terminal", true, 240, nil, true, 100},
		{"a terminal that does not say", true, 0, nil, true, 100},
		{"COLUMNS before the terminal", true, 240, map[string]string{"COLUMNS": "60"}, true, 60},
		{"wide COLUMNS", true, 80, map[string]string{"COLUMNS": "240"}, true, 100},
		{"NO_COLOR", true, 80, map[string]string{"NO_COLOR": "0"}, false, 80},
		{"a dumb terminal", true, 80, map[string]string{"TERM": "dumb"}, false, 80},
		{"a pipe", false, 0, map[string]string{"COLUMNS": "x"}, false, 100},
		{"a pipe, and COLUMNS", false, 0, map[string]string{"COLUMNS": "80"}, false, 80},
	}
	for _, r := range rows {
		o := TextFor(r.terminal, r.columns, func(k string) string { return r.env[k] })
		if o.Colour != r.colour || o.Width != r.width {
			t.Errorf("%s: got %+v, want colour %v, width %d", r.name, o, r.colour, r.width)
		}
	}
	whole := Report{Grids: []prove.Grid{grid(t)}}
	plain := render(t, func(w io.Writer, r Report) error { return Text(w, r, TextOptions{}) }, whole)
	coloured := render(t, func(w io.Writer, r Report) error { return Text(w, r, TextOptions{Colour: true}) }, whole)
	for _, style := range []string{bold, green, red, yellow, dim, "0"} {
		coloured = strings.ReplaceAll(coloured, "\x1b["+style+"m", "")
	}
	if coloured != plain {
		t.Error("colour says something that the plain text does not")
	}
}

func TestMarkdownEscapes(t *testing.T) {
	text := render(t, Markdown, hostileReport(t))
	for _, bad := range []string{"<script", "](javascript", "@who", "https://evil", "\n# head", "\x1b"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is not escaped", bad)
		}
	}
	columns := map[string]int{}
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "|") {
			columns[fmt.Sprint(strings.Count(strings.ReplaceAll(l, `\|`, ""), "|"))]++
		}
	}
	if columns["3"] != 3 || columns["7"] != 6 || len(columns) != 2 { // one mode and strategy; five modes, four strategies
		t.Errorf("rows of the tables have wrong numbers of cells: %v", columns)
	}
}

func TestJUnitIsXMLAndCounts(t *testing.T) {
	text := render(t, JUnit, hostileReport(t))
	var got junitSuites
	if err := xml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	var tests, failures, errors int
	for _, s := range got.Suites {
		for _, c := range s.Cases {
			tests++
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				errors++
			}
		}
	}
	if tests == 0 || errors == 0 || failures == 0 || tests != got.Tests || failures != got.Failures || errors != got.Errors {
		t.Errorf("got %d tests, %d failures, %d errors; the file says %d, %d, %d", tests, failures, errors, got.Tests, got.Failures, got.Errors)
	}
	if !strings.Contains(got.Suites[0].Cases[0].Failure.Text, "<script>alert(1)</script>") {
		t.Error("the story does not come back as it was")
	}
}

func TestJSONComesBack(t *testing.T) {
	r := hostileReport(t)
	var got jsonReport
	if err := json.Unmarshal([]byte(render(t, JSON, r)), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Grids[0].Cells[0][0]
	if got.Schema != Schema || !strings.Contains(c.Strategy, "<script>") || c.Verdicts[0].Trace.Count != r.Grids[0].Cells[0][0].Verdicts[0].Trace.Count {
		t.Errorf("got schema %q, strategy %q", got.Schema, c.Strategy)
	}
	if len(c.Assumptions) != 10 || c.Verdicts[0].Assumptions != nil {
		t.Errorf("got %d assumptions in the cell and %d in a verdict, want 10 and 0", len(c.Assumptions), len(c.Verdicts[0].Assumptions))
	}
	n := got.Summary
	if n.Cells != 21 || n.Proved+n.Sticky+n.Passing+n.Unknown != n.Cells || n.Unknown != 1 {
		t.Errorf("got summary %+v, want 21 cells in all, one of them unknown", n)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteErrorsAreReported(t *testing.T) {
	r := Report{Grids: []prove.Grid{cell(t, 1, 3)}}
	for name, f := range map[string]func(io.Writer, Report) error{"html": HTML, "json": JSON, "junit": JUnit, "markdown": Markdown,
		"text": func(w io.Writer, r Report) error { return Text(w, r, TextOptions{}) }} {
		if err := f(brokenWriter{}, r); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// Whatever events come, in whatever order, every form renders them.
func TestAnyTraceRenders(t *testing.T) {
	pick := func(list ...string) *rapid.Generator[string] { return rapid.SampledFrom(list) }
	tier := pick("", "edge", "edge 2", "regional", "proxy", "browser", "other")
	event := rapid.Custom(func(t *rapid.T) prove.Event {
		return prove.Event{
			N: rapid.IntRange(0, 20).Draw(t, "n"), Kind: prove.EventKind(pick("navigate", "request", "land", "deploy", "invalidate", "stop", "evict", "advance", "?").Draw(t, "kind")),
			Actor: pick("", "v1", "v2", "v9", "deploy", "edge", "clock").Draw(t, "actor"), URL: pick("", "/", "/a.css?v=1").Draw(t, "url"), Key: pick("", "site /a.css", "x").Draw(t, "key"),
			Server: pick("", "s1", "s2").Draw(t, "server"), From: pick("", "origin", "flight", "edge", "regional", "browser").Draw(t, "from"), Joined: rapid.Bool().Draw(t, "joined"),
			Status: rapid.SampledFrom([]int{0, 200, 404, 503}).Draw(t, "status"), Builds: rapid.SliceOfN(rapid.IntRange(1, 9), 0, 3).Draw(t, "builds"), Tier: tier.Draw(t, "tier"),
			Stored: rapid.SliceOfN(tier, 0, 2).Draw(t, "stored"), Dropped: rapid.SliceOfN(tier, 0, 2).Draw(t, "dropped"), For: rapid.SliceOfN(pick("v1", "v2", ""), 0, 2).Draw(t, "for"),
			Items: rapid.SliceOfN(pick("/*", "", "*"), 0, 2).Draw(t, "items"), Poisoned: pick("", "site /a.css").Draw(t, "poisoned"), Violation: prove.Class(pick("", "STALE", "MISSING", "FLIP", "?").Draw(t, "violation")),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		v := prove.Verdict{Property: prove.ViewConsistency, Status: prove.Refuted, Class: prove.Class(pick("STALE", "MISSING", "POISON", "").Draw(t, "class")), Trace: prove.Trace{Events: rapid.SliceOfN(event, 0, 6).Draw(t, "events")}}
		g := prove.Grid{Strategies: []string{"a", "b"}, Modes: []string{"m", "n"}, Cells: [][]prove.Cell{{{Verdicts: []prove.Verdict{v}}}}} // shorter than its names
		for _, f := range []func(io.Writer, Report) error{HTML, JSON, JUnit, Markdown, func(w io.Writer, r Report) error { return Text(w, r, TextOptions{}) }} {
			if err := f(io.Discard, Report{Grids: []prove.Grid{g}}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
