package command

import (
	"staleproof/cachepolicy"
	"staleproof/scenarios/figures"
	"staleproof/scenarios/report"
	"staleproof/scenarios/site"
)

// addFigures adds what releases cost, and for builds of one's own which property
// holds for which kind of asset and what the deploys asked for need.
func (q *question) addFigures(r *report.Report) {
	costs := q.costs()
	for _, f := range costs {
		s := report.Section{Title: "What it costs to go from " + f.From + " to " + f.To}
		for _, fact := range f.Facts() {
			s.Facts = append(s.Facts, report.Fact{Name: fact.Name, Text: fact.Text})
		}
		r.Sections = append(r.Sections, s)
	}
	r.Figures = costs
	if q.own == nil {
		return
	}
	for _, g := range r.Grids {
		r.Sections = append(r.Sections, byProperty(g))
	}
	if q.own.chained() {
		r.Sections = append(r.Sections, q.own.onlySection(r.Grids))
	}
	r.Sections = append(r.Sections, whatModesNeed(q.own.names(q.modes)))
}

// costs are the figures of each release; of the built-in site with a directory for
// each release, as the article that it is from has it.
func (q *question) costs() []figures.Figures {
	var out []figures.Figures
	if q.own != nil {
		for _, r := range q.own.releases {
			if !r.chain {
				out = append(out, r.cost)
			}
		}
		return out
	}
	builds, err := site.Demo(site.Directory, site.InnerRewritten)
	if err != nil {
		return nil // it is built in, and tests read it
	}
	builds[0].Name, builds[1].Name = "release 1", "release 2"
	return append(out, figures.Of(figures.Input{
		Before: builds[0], After: builds[1], TabLife: q.tabLife,
		Terms: func(path string, page bool) *cachepolicy.Terms {
			if page {
				return &q.cdn.Behaviors[0].Terms
			}
			return &q.cdn.Behaviors[len(q.cdn.Behaviors)-1].Terms
		},
		MissingControl: q.cdn.Origin.MissingControl,
		Control: func(_ int, f *site.File, _ string) string {
			if f.Page {
				return asSent(q.cdn.Origin.PageControl)
			}
			return asSent(q.cdn.Origin.AssetControl)
		},
	}))
}
