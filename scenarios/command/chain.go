package command

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"staleproof/scenarios"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
)

// withNewID is added to the name of a deploy that goes back, when the old release is
// released once more instead, under an id of its own.
const withNewID = ", new id"

// readChain works out what the deploys of all builds are about, one after the other
// as one sequence: what a visitor of the first release meets in the last one.
func (o *own) readChain() error {
	rowsOf := scenarios.Chain
	if o.takes != nil {
		rowsOf = scenarios.ChainWithCopies
	}
	rows, err := rowsOf(o.builds, o.control)
	if err != nil {
		return usage{err, "the prover follows the files that pages refer to"}
	}
	if o.dist != nil {
		atRoot(rows, o.dist.DefaultRootObject)
	}
	first, last := o.builds[0].Name, o.builds[len(o.builds)-1].Name
	o.releases = append(o.releases, release{name: first + " to " + last + ", the whole chain", rows: rows, chain: true})
	return nil
}

// chainVisitors are who visits during a chain: by default one who comes back in any
// later release with what his browser kept, and one whose tab may stay open all along,
// or as many of those as there are encodings to be taken.
func (o *own) chainVisitors() []prove.Kind {
	if o.visitors != nil {
		return o.visitors
	}
	all := []prove.Kind{prove.Returning, prove.Fresh}
	for len(all) < len(o.takes) {
		all = append(all, prove.Fresh)
	}
	return all
}

// chainTold says who visits during the chain, if there is one.
func (o *own) chainTold() string {
	if !o.chained() || o.visitors != nil {
		return ""
	}
	return " The whole chain is seen by one who comes back with a browser's cache and one who stays as long as he likes."
}

// columns are the deploys of a release: those asked for, and for a chain those that
// go back with a new id, too.
func (r *release) columns(modes []prove.Mode) []column {
	var out []column
	for _, m := range modes {
		out = append(out, column{mode: m})
	}
	if !r.chain {
		return out
	}
	for _, m := range modes {
		if m.GoesBack() {
			m.Name += withNewID
			out = append(out, column{mode: m, newID: true})
		}
	}
	return out
}

// column is one way to deploy, of two builds.
type column struct {
	mode  prove.Mode
	newID bool // it goes back to the old release under a new id
}

// over is the site of a row in the builds from first to last, and the column's mode
// for them.
func (c *column) over(r *scenarios.Row, first, last int) (prove.Site, prove.Mode) {
	n := last - first + 1
	to := 1
	if c.newID {
		to = n + 1
	}
	return r.Part(first, last, c.newID), c.mode.Chain(n, to)
}

// proveChain proves a row of a chain with every mode.
func (o *own) proveChain(ctx context.Context, r *scenarios.Row, columns []column, progress func(prove.Progress)) prove.Grid {
	g := prove.Grid{CDN: o.cdn.Name, Strategies: []string{r.Name()}, Cells: make([][]prove.Cell, 1)}
	for _, c := range columns {
		s, mode := c.over(r, 0, len(o.builds)-1)
		of := prove.Deploy{Site: s, Visitors: o.chainVisitors(), Takes: o.takes}
		m := prove.Matrix(ctx, o.cdnFor(r), of, []prove.Strategy{{Name: r.Name()}}, []prove.Mode{mode}, o.bounds, progress)
		g.Modes, g.Cells[0] = append(g.Modes, m.Modes...), append(g.Cells[0], m.Cells[0]...)
	}
	return g
}

// onlyChain is a violation that a chain shows and none of its pairs.
type onlyChain struct {
	row, mode, what string
	events          int
}

// onlyIn lists what cells of a chain show that no deploy of one build over the one
// before it can show, to the same visitors: what the fixpoint excludes there for any
// number of them.
func (o *own) onlyIn(ctx context.Context, r *scenarios.Row, columns []column, cells []prove.Cell) (out []onlyChain) {
	for i, c := range cells {
		var pairs []prove.Verdict
		for j := range c.Verdicts {
			v := &c.Verdicts[j]
			if v.Status != prove.Refuted || v.Property == prove.Settling { // S5 repeats S1
				continue
			}
			if pairs == nil {
				pairs = o.pairs(ctx, r, &columns[i])
			}
			if !shown(pairs, v) {
				what, _, _ := strings.Cut(saying(v), ":")
				out = append(out, onlyChain{c.Strategy, c.Mode, fmt.Sprintf("%s %s", v.Property, what), v.Trace.Count})
			}
		}
	}
	return out
}

// shown reports whether verdicts leave a violation open, or are not about the deploy
// at all.
func shown(verdicts []prove.Verdict, v *prove.Verdict) bool {
	return slices.ContainsFunc(verdicts, func(p prove.Verdict) bool {
		return p.Property == v.Property && (p.Class == v.Class && p.Sticky == v.Sticky || p.Status == prove.Unknown && p.Class == "")
	})
}

// pairs are the verdicts on each build of a row over the one before it. What the
// fixpoint leaves open is enough to know, so the explorer hardly looks.
func (o *own) pairs(ctx context.Context, r *scenarios.Row, c *column) (out []prove.Verdict) {
	b := o.bounds
	b.States, b.Exact = 1, true
	for first := range len(o.builds) - 1 {
		s, mode := c.over(r, first, first+1)
		d := prove.Deploy{Name: r.Name(), Site: s, Mode: mode, CDN: o.cdnFor(r), Visitors: o.chainVisitors(), Takes: o.takes}
		out = append(out, prove.Prove(ctx, d, b, nil)...)
	}
	return out
}

// hashedChain is a part of a site with a hash of the bytes in every asset's name, and
// every reference changed to it. A compressed copy goes with its file, and keeps other
// bytes if it has them.
func hashedChain(s prove.Site) prove.Site {
	builds := slices.Clone(s.Builds)
	for i, b := range builds {
		var ref []string // to the file before, innermost first
		files := slices.Clone(b.Files)
		for j, f := range slices.Backward(files) {
			switch {
			case f.Coding != "":
				continue
			case !f.Page:
				f.Body = fmt.Sprint(f.Body, ref)
				f.Path = "/" + f.Name + "." + f.Body
				f.URL, f.Refs, f.Version = f.Path, ref, ""
				ref = []string{f.URL}
			case len(f.Refs) > 0:
				f.Refs = ref
			}
			files[j] = f
		}
		for j, f := range files {
			if f.Coding == "" {
				continue
			}
			k := slices.IndexFunc(b.Files, func(g prove.File) bool { return g.Coding == "" && g.Path == f.CopyOf })
			if f.Body == b.Files[k].Body {
				f.Body, f.Refs = files[k].Body, files[k].Refs
			}
			f.CopyOf, f.URL, f.Version = files[k].Path, files[k].URL, ""
			f.Path = prove.CopyPath(f.CopyOf, f.Coding)
			files[j] = f
		}
		builds[i].Files = files
	}
	return prove.Site{Name: s.Name, Builds: builds}
}

// chained reports whether there is a chain besides the pairs.
func (o *own) chained() bool { return o.releases[len(o.releases)-1].chain }

// names are the deploys asked for, with those that only a chain has.
func (o *own) names(modes []prove.Mode) (out []string) {
	for _, c := range o.releases[len(o.releases)-1].columns(modes) {
		out = append(out, c.mode.Name)
	}
	return out
}

// onlySection says what the chain shows and none of its pairs, for each kind of asset
// in how many deploys, and where it takes the fewest events; and what ran out where
// something of the chain is not known.
func (o *own) onlySection(grids []prove.Grid) report.Section {
	s := report.Section{Title: "What only the chain shows, and no build over the one before it"}
	type kind struct{ row, what string }
	var kinds []kind
	of := map[kind][]onlyChain{}
	for _, c := range o.only {
		k := kind{c.row, c.what}
		if of[k] == nil {
			kinds = append(kinds, k)
		}
		of[k] = append(of[k], c)
	}
	for _, k := range kinds {
		all := of[k]
		least := slices.MinFunc(all, func(a, b onlyChain) int { return cmp.Compare(a.events, b.events) })
		s.Facts = append(s.Facts, report.Fact{Name: k.row, Text: fmt.Sprintf("%s, with %d of the deploys, after %d events at least (%s)", k.what, len(all), least.events, least.mode)})
	}
	causes := unknownCauses(grids, o.releases[len(o.releases)-1].name)
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		s.Facts = append(s.Facts, report.Fact{Name: "not known", Text: fmt.Sprintf("%s, in %d of the deploys", cause, causes[cause])})
	}
	if len(s.Facts) == 0 {
		s.Facts = []report.Fact{{Name: "nothing", Text: "whatever the chain shows, one of its pairs shows, too, or may show"}}
	}
	return s
}

// unknownCauses are the causes of what is UNKNOWN in the grid of a release, each with
// the number of deploys.
func unknownCauses(grids []prove.Grid, release string) map[string]int {
	causes := map[string]int{}
	for _, g := range grids {
		if !strings.HasSuffix(g.CDN, release) {
			continue
		}
		for _, c := range slices.Concat(g.Cells...) {
			told := map[string]bool{}
			for _, v := range c.Verdicts {
				_, cause, ok := strings.Cut(v.Cause, c.Deploy.Name+": ") // of a deploy beyond the model
				if !ok {
					cause = v.Cause
				}
				if v.Status == prove.Unknown && !told[cause] {
					told[cause] = true
					causes[cause]++
				}
			}
		}
	}
	return causes
}
