package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strings"

	"staleproof/scenarios/prove"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// HTML writes one file that needs nothing else: styles, script and pictures are in
// it. Without script every counterexample is shown; with it one at a time, to be
// stepped through with the arrow keys.
func HTML(w io.Writer, r Report) error {
	n := count(r.Grids)
	v := pageView{Title: r.title(), About: r.About, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Counts: n, Summary: summary(n), Sections: r.Sections}
	for _, c := range severity {
		v.Classes = append(v.Classes, classView{string(c), classWords(c)})
	}
	for i, g := range r.Grids {
		v.Grids = append(v.Grids, gridOf(i, g, r.Tell))
	}
	return template.Must(template.New("report").Parse(pageHTML)).Execute(w, v)
}

type pageView struct {
	Title, About, Summary string
	CSS                   template.CSS
	JS                    template.JS
	Counts                counts
	Classes               []classView
	Grids                 []gridView
	Sections              []Section
}

type classView struct{ Name, Words string }

type gridView struct {
	CDN, First string // First is the id of the panel to show first
	Modes      []string
	Rows       []rowView
	Panels     []panelView
	Starred    bool
}

type rowView struct {
	Strategy string
	Cells    []cellView
}

type cellView struct {
	ID, Mode, Sign, Word, Kind, Long string
}

type panelView struct {
	ID, Strategy, Mode, Sign, Word, Kind string
	Long                                 string
	Main                                 *exampleView
	Others                               []shortView
	Verdicts                             []verdictView
	Method, Coverage                     string
	Assumptions                          []prove.Assumption
}

type verdictView struct{ Sign, Kind, Property, Title, Text string }

type exampleView struct {
	Title, Events              string
	Lanes                      []lane
	Lines                      []lineView
	Meaning, Beside            string
	Failed, Repair, Who, Cause string
}

// shortView is a counterexample in words only.
type shortView struct {
	Title, Who, Events, Meaning string
	Lines                       []line
}

func shortOf(v prove.Verdict) shortView {
	s := tell(v.Trace)
	return shortView{Title: titleOf(v), Who: v.Who, Events: events(v.Trace), Meaning: meaning(v, s), Lines: s.lines}
}

func titleOf(v prove.Verdict) string {
	return fmt.Sprintf("%s, %s: %s", v.Class, how(v.Sticky), classWords(v.Class))
}

type lineView struct {
	line
	Later bool
	Hops  []hopView
}

// hopView places an arrow in the grid of lanes.
type hopView struct {
	A, B, Span int // grid lines, and how many lanes the arrow spans
	Row        int
	Left       bool // it points to the left
	Answer     bool
	Bad        bool
	Builds     string
	Release    string // r1, r2, r3 …, error: chooses colour and shape
}

// summary is the report in one sentence.
func summary(n counts) string {
	if n.Cells == 0 {
		return "Nothing was proved: there are no deploys in this report."
	}
	var parts []string
	add := func(k int, text string) {
		if k > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", k, text))
		}
	}
	add(n.Proved, "proved safe")
	add(n.Sticky, "refuted and sticky: someone is shown the wrong files even after the deploy")
	add(n.Passing, "refuted but passing: only visits during the deploy are hit")
	add(n.Unknown, "unknown")
	noun := "deploys"
	if n.Cells == 1 {
		noun = "deploy"
	}
	return fmt.Sprintf("%d %s: %s.", n.Cells, noun, strings.Join(parts, "; "))
}

func gridOf(i int, g prove.Grid, tell []string) gridView {
	v := gridView{CDN: g.CDN, Modes: g.Modes, Starred: starred(g)}
	if e, ok := Shortest(g, tell...); ok {
		v.First = panelID(i, e.Row, e.Column)
	}
	for r, row := range g.Cells {
		rv := rowView{}
		for c, cell := range row {
			rv.Strategy = strings.ReplaceAll(cell.Strategy, "?", "?\u2060") // lines may break after a question mark: not here
			p := panelOf(g, i, r, c, cell)
			rv.Cells = append(rv.Cells, cellView{ID: p.ID, Mode: cell.Mode, Sign: p.Sign, Word: p.Word, Kind: p.Kind, Long: p.Long})
			v.Panels = append(v.Panels, p)
			if v.First == "" {
				v.First = p.ID
			}
		}
		v.Rows = append(v.Rows, rv)
	}
	return v
}

func panelID(grid, row, column int) string { return fmt.Sprintf("c%d-%d-%d", grid, row, column) }

// kindOf is the CSS class of an outcome.
func kindOf(o Outcome) string {
	switch {
	case o.Status == prove.Proved:
		return "proved"
	case o.Status == prove.Unknown:
		return "unknown"
	case o.Sticky:
		return "sticky"
	}
	return "passing"
}

// long is an outcome in words, for tooltips and screen readers.
func long(o Outcome) string {
	switch o.Status {
	case prove.Proved:
		if o.But != "" {
			return "proved; not proved: " + o.But
		}
		return "proved"
	case prove.Refuted:
		return fmt.Sprintf("refuted, %s: %s", how(o.Sticky), classWords(o.Class))
	}
	return "unknown"
}

func panelOf(g prove.Grid, i, row, column int, c prove.Cell) panelView {
	o := OutcomeOf(c)
	sign, _ := symbol(o)
	p := panelView{ID: panelID(i, row, column), Strategy: c.Strategy, Mode: c.Mode, Sign: sign, Word: o.Word(), Kind: kindOf(o), Long: long(o)}
	if len(c.Verdicts) > 0 {
		p.Method, p.Coverage, p.Assumptions = c.Verdicts[0].Method, c.Verdicts[0].Coverage, c.Verdicts[0].Assumptions
	}
	if len(o.Verdict.Trace.Events) > 0 {
		x := exampleOf(g, Example{c, o.Verdict, row, column})
		p.Main = &x
	}
	told := [][]prove.Event{o.Verdict.Trace.Events}
	for _, v := range c.Verdicts {
		vo := Outcome{Status: v.Status, Class: v.Class, Sticky: v.Sticky}
		s, _ := symbol(vo)
		p.Verdicts = append(p.Verdicts, verdictView{Sign: s, Kind: kindOf(vo), Property: string(v.Property), Title: v.Property.Title(), Text: verdictText(v)})
		if len(v.Trace.Events) == 0 || reflect.DeepEqual(v.Trace.Events, o.Verdict.Trace.Events) || contains(told, v.Trace.Events) {
			continue
		}
		told = append(told, v.Trace.Events)
		p.Others = append(p.Others, shortOf(v))
	}
	return p
}

func contains(told [][]prove.Event, events []prove.Event) bool {
	for _, t := range told {
		if reflect.DeepEqual(t, events) {
			return true
		}
	}
	return false
}

func verdictText(v prove.Verdict) string {
	switch v.Status {
	case prove.Proved:
		return "PROVED"
	case prove.Unknown:
		return "UNKNOWN: " + v.Cause
	}
	text := fmt.Sprintf("REFUTED: %s, %s: %s", v.Class, how(v.Sticky), classWords(v.Class))
	if v.Who != "" {
		text += "; hit: " + v.Who
	}
	return text
}

func exampleOf(g prove.Grid, e Example) exampleView {
	s := tell(e.Verdict.Trace)
	x := exampleView{
		Title:  titleOf(e.Verdict),
		Events: events(e.Verdict.Trace), Lanes: s.lanes, Who: e.Verdict.Who,
		Meaning: meaning(e.Verdict, s), Beside: beside(g, e), Failed: failed(e.Verdict), Repair: e.Verdict.Repair,
	}
	for _, l := range s.lines {
		lv := lineView{line: l}
		lv.Number, lv.Later = strings.CutSuffix(l.Number, ", later")
		for _, h := range l.Hops {
			lv.Hops = append(lv.Hops, hopOf(h))
		}
		x.Lines = append(x.Lines, lv)
	}
	return x
}

func hopOf(h hop) hopView {
	a, b := min(h.From, h.To), max(h.From, h.To)
	v := hopView{A: a + 1, B: b + 2, Span: b - a + 1, Row: h.Row, Left: h.To < h.From, Answer: h.Answer, Bad: h.Bad, Builds: h.Builds, Release: releaseClass(h.Builds)}
	return v
}

// Release is the CSS class of what is held.
func (h holding) Release() string { return releaseClass(h.Builds) }

// releaseClass chooses colour and shape for the releases of an answer.
func releaseClass(builds string) string {
	switch {
	case builds == "" || builds == "forget":
		return ""
	case len(builds) == 3 && builds[0] >= '4' && builds[1] != '+':
		return "error"
	case builds >= "1" && builds <= "8" && len(builds) == 1:
		return "r" + builds
	}
	return "several"
}

// Column is the grid column of the lane where something happens.
func (l lineView) Column() int { return l.Lane + 1 }
