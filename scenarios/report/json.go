package report

import (
	"encoding/json"
	"io"
	"reflect"

	"staleproof/scenarios/prove"
)

// Schema names the form of what [JSON] writes. It changes when a field is renamed or
// removed, or means something else; new fields may come without.
const Schema = "staleproof-report-1"

type jsonReport struct {
	Schema  string     `json:"schema"`
	Title   string     `json:"title"`
	About   string     `json:"about,omitempty"`
	Summary jsonCounts `json:"summary"`
	Grids   []jsonGrid `json:"grids"`

	Sections []Section `json:"sections,omitempty"`
	Figures  any       `json:"figures,omitempty"`
}

type jsonCounts struct {
	Cells   int `json:"cells"`
	Proved  int `json:"proved"`
	Sticky  int `json:"refutedSticky"`
	Passing int `json:"refutedPassing"`
	Unknown int `json:"unknown"`
}

type jsonGrid struct {
	CDN        string       `json:"cdn"`
	Strategies []string     `json:"strategies"`
	Modes      []string     `json:"modes"`
	Cells      [][]jsonCell `json:"cells"`
}

type jsonCell struct {
	Strategy    string             `json:"strategy"`
	Mode        string             `json:"mode"`
	Status      prove.Status       `json:"status"`
	Class       prove.Class        `json:"class,omitempty"`
	Sticky      bool               `json:"sticky"`
	But         string             `json:"but,omitempty"`
	Letters     string             `json:"letters"`
	States      int                `json:"states"`
	Assumptions []prove.Assumption `json:"assumptions"`
	Verdicts    []jsonVerdict      `json:"verdicts"`
	Deploy      *prove.Deploy      `json:"deploy,omitempty"`
}

type jsonVerdict struct {
	Property   prove.Property `json:"property"`
	Title      string         `json:"title"`
	Status     prove.Status   `json:"status"`
	Class      prove.Class    `json:"class,omitempty"`
	Sticky     bool           `json:"sticky"`
	Who        string         `json:"who,omitempty"`
	Method     string         `json:"method"`
	Bounds     prove.Bounds   `json:"bounds"`
	States     int            `json:"states"`
	Coverage   string         `json:"coverage"`
	Cause      string         `json:"cause,omitempty"`
	Assumption string         `json:"assumption,omitempty"`
	Repair     string         `json:"repair,omitempty"`
	Story      []string       `json:"story,omitempty"`
	Meaning    string         `json:"meaning,omitempty"`
	Trace      *prove.Trace   `json:"trace,omitempty"`
	// Assumptions is set only where they differ from those of the cell.
	Assumptions []prove.Assumption `json:"assumptions,omitempty"`
}

// JSON writes the whole report, two blanks of indent, as docs/REPORT.md describes it.
func JSON(w io.Writer, r Report) error {
	n := count(r.Grids)
	out := jsonReport{Schema: Schema, Title: r.title(), About: r.About, Grids: []jsonGrid{}, Sections: r.Sections, Figures: r.Figures,
		Summary: jsonCounts{Cells: n.Cells, Proved: n.Proved, Sticky: n.Sticky, Passing: n.Passing, Unknown: n.Unknown}}
	for _, g := range r.Grids {
		j := jsonGrid{CDN: g.CDN, Strategies: notNil(g.Strategies), Modes: notNil(g.Modes), Cells: [][]jsonCell{}}
		for _, row := range g.Cells {
			cells := []jsonCell{}
			for _, c := range row {
				cells = append(cells, cellJSON(c))
			}
			j.Cells = append(j.Cells, cells)
		}
		out.Grids = append(out.Grids, j)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func cellJSON(c prove.Cell) jsonCell {
	o := OutcomeOf(c)
	j := jsonCell{Strategy: c.Strategy, Mode: c.Mode, Status: o.Status, Class: o.Class, Sticky: o.Sticky, But: o.But,
		Letters: c.Letters, States: c.States, Assumptions: []prove.Assumption{}, Verdicts: []jsonVerdict{}}
	if c.Deploy.Mode.Name != "" {
		j.Deploy = &c.Deploy
	}
	if len(c.Verdicts) > 0 {
		j.Assumptions = notNil(c.Verdicts[0].Assumptions)
	}
	for _, v := range c.Verdicts {
		x := jsonVerdict{Property: v.Property, Title: v.Property.Title(), Status: v.Status, Class: v.Class, Sticky: v.Sticky, Who: v.Who,
			Method: v.Method, Bounds: v.Bounds, States: v.States, Coverage: v.Coverage, Cause: v.Cause, Assumption: v.Assumption, Repair: v.Repair}
		if len(v.Trace.Events) > 0 {
			s := tell(v.Trace)
			for _, l := range s.lines {
				x.Story = append(x.Story, l.Number+". "+l.Text)
			}
			x.Meaning, x.Trace = meaning(v, s), &v.Trace
		}
		if !reflect.DeepEqual(notNil(v.Assumptions), j.Assumptions) {
			x.Assumptions = v.Assumptions
		}
		j.Verdicts = append(j.Verdicts, x)
	}
	return j
}

// notNil makes an absent list an empty one, so that readers need not ask.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
