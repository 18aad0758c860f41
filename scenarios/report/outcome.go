package report

import (
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// Outcome is a cell in one word: the worst that was found about what visitors see in
// one view, properties S1 and S3, as [prove.Letters] has it.
type Outcome struct {
	Status  prove.Status
	Class   prove.Class // with Refuted; with Unknown, what was not excluded
	Sticky  bool        // with Refuted: views begun after the deploy are hit, too
	But     string      // what else is not proved, such as "S4 FLIP"; "": nothing
	Verdict prove.Verdict
}

// severity orders classes from the worst: what a visitor sees first, what only a
// cache or a second visit shows last.
var severity = []prove.Class{
	prove.Stale, prove.Ahead, prove.Torn, prove.Missing, prove.StalePage,
	prove.Flip, prove.Mixed, prove.Poison,
}

func rank(c prove.Class) int {
	if i := slices.Index(severity, c); i >= 0 {
		return i
	}
	return len(severity)
}

// kind parts classes into wrong files (0), wrong pages (1), and the rest (2).
func kind(c prove.Class) int {
	switch r := rank(c); {
	case r < rank(prove.StalePage):
		return 0
	case r == rank(prove.StalePage):
		return 1
	}
	return 2
}

// worse says whether a is the graver of two refuted verdicts.
func worse(a, b prove.Verdict) bool {
	switch {
	case kind(a.Class) != kind(b.Class):
		return kind(a.Class) < kind(b.Class)
	case a.Sticky != b.Sticky:
		return a.Sticky
	case a.Class != b.Class:
		return rank(a.Class) < rank(b.Class)
	}
	return a.Trace.Count < b.Trace.Count
}

// OutcomeOf returns the worst verdict of a cell: REFUTED before UNKNOWN before
// PROVED. A cell without verdicts is UNKNOWN.
func OutcomeOf(c prove.Cell) Outcome {
	about := func(v prove.Verdict) bool {
		return v.Property == prove.ViewConsistency || v.Property == prove.Freshness
	}
	if !slices.ContainsFunc(c.Verdicts, about) {
		about = func(prove.Verdict) bool { return true }
	}
	var best *prove.Verdict
	var but []string
	for i := range c.Verdicts {
		v := &c.Verdicts[i]
		switch {
		case !about(*v):
			if name := strings.TrimSpace(string(v.Property) + " " + string(v.Class)); v.Status != prove.Proved && !slices.Contains(but, name) {
				but = append(but, name)
			}
		case best == nil,
			v.Status == prove.Refuted && (best.Status != prove.Refuted || worse(*v, *best)),
			v.Status == prove.Unknown && best.Status == prove.Proved:
			best = v
		}
	}
	if best == nil {
		return Outcome{Status: prove.Unknown, Verdict: prove.Verdict{Status: prove.Unknown, Cause: "there is no verdict"}}
	}
	o := Outcome{Status: best.Status, But: strings.Join(but, ", "), Verdict: *best}
	if best.Status != prove.Proved {
		o.Class, o.Sticky = best.Class, best.Sticky
	}
	return o
}

// Word is the outcome as a table shows it: PROVED, UNKNOWN or the class. A star says
// that something else is not proved.
func (o Outcome) Word() string {
	switch {
	case o.Status == prove.Proved && o.But != "":
		return "PROVED*"
	case o.Status == prove.Refuted:
		return string(o.Class)
	}
	return string(o.Status)
}

// Example is a counterexample and the cell it belongs to.
type Example struct {
	Cell    prove.Cell
	Verdict prove.Verdict
	Row     int // of the cell in its grid
	Column  int
}

// Shortest returns the counterexample of a grid that is easiest to follow: of the
// cells' worst verdicts a wrong file before a wrong page, a sticky one before a
// passing one, then the one with the fewest events; on a tie the one that stands
// first. Counterexamples of preferred strategies come before all others.
func Shortest(g prove.Grid, preferred ...string) (Example, bool) {
	var best Example
	found := false
	for i, row := range g.Cells {
		for j, c := range row {
			e := Example{Cell: c, Verdict: OutcomeOf(c).Verdict, Row: i, Column: j}
			if e.Verdict.Status == prove.Refuted && len(e.Verdict.Trace.Events) > 0 && (!found || rather(e, best, preferred)) {
				best, found = e, true
			}
		}
	}
	return best, found
}

// rather says whether a is to be told and not b.
func rather(a, b Example, preferred []string) bool {
	if p := slices.Contains(preferred, a.Cell.Strategy); p != slices.Contains(preferred, b.Cell.Strategy) {
		return p
	}
	return easier(a.Verdict, b.Verdict)
}

func easier(a, b prove.Verdict) bool {
	switch {
	case kind(a.Class) != kind(b.Class):
		return kind(a.Class) < kind(b.Class)
	case a.Sticky != b.Sticky:
		return a.Sticky
	}
	return a.Trace.Count < b.Trace.Count
}
