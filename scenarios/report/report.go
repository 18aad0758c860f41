package report

import (
	"cmp"

	"staleproof/scenarios/prove"
)

// Report is what is rendered. Only Grids must be set.
type Report struct {
	Title string       // default "Can a deploy show anyone the wrong files?"
	About string       // which site, which builds, which configuration; one line
	Grids []prove.Grid // one for each CDN configuration; one cell for a single deploy

	// Tell names strategies whose counterexample is told before that of others, which
	// may be shorter. Default none: the shortest of all is told.
	Tell []string

	// Sections are shown below the grids. Default none.
	Sections []Section
	// Figures are the numbers behind the sections, for [JSON] alone. Default none.
	Figures any
}

func (r Report) title() string {
	return cmp.Or(r.Title, "Can a deploy show anyone the wrong files?")
}

// single says whether the report is about one deploy, so that a table would have one
// cell.
func (r Report) single() bool {
	return len(r.Grids) == 1 && len(r.Grids[0].Cells) == 1 && len(r.Grids[0].Cells[0]) == 1
}

// counts is how many cells of a report have which outcome.
type counts struct{ Proved, Sticky, Passing, Unknown, Cells int }

func count(grids []prove.Grid) counts {
	var n counts
	for _, g := range grids {
		for _, row := range g.Cells {
			for _, c := range row {
				n.Cells++
				switch o := OutcomeOf(c); {
				case o.Status == prove.Proved:
					n.Proved++
				case o.Status == prove.Unknown:
					n.Unknown++
				case o.Sticky:
					n.Sticky++
				default:
					n.Passing++
				}
			}
		}
	}
	return n
}

// row returns the cells of a strategy; none if the grid is not as long as its names.
func row(g prove.Grid, i int) []prove.Cell {
	if i < 0 || i >= len(g.Cells) {
		return nil
	}
	return g.Cells[i]
}
