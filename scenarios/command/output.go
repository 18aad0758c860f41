package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
)

// print writes the report to the standard output.
func (q *question) print(w io.Writer, r report.Report) error {
	switch q.format {
	case "json":
		return report.JSON(w, r)
	case "markdown":
		return report.Markdown(w, r)
	}
	o := report.TextOptions{}
	if f, ok := w.(*os.File); ok {
		o = report.TextFor(f, os.Getenv)
	}
	if q.plain {
		o.Colour = false
	}
	if q.preface != "" {
		if _, err := fmt.Fprintln(w, q.preface); err != nil {
			return err
		}
	}
	if q.demo {
		r.Grids = []prove.Grid{q.telling(r.Grids[0])}
	}
	return report.Text(w, r, o)
}

// telling is a grid in which only the counterexamples of query strings can be
// told, in their strongest form, if there are any: they are what the demonstration
// is about, and no version at all fails in fewer events still.
func (q *question) telling(g prove.Grid) prove.Grid {
	tell := func(s prove.Strategy) bool { return byQuery(s) && !s.NestedBare }
	if !slices.ContainsFunc(q.strategies, tell) {
		return g
	}
	out := g
	out.Cells = nil
	for i, row := range g.Cells {
		cells := slices.Clone(row)
		for j := range cells {
			if !tell(q.strategies[i]) {
				cells[j].Verdicts = untold(cells[j].Verdicts)
			}
		}
		out.Cells = append(out.Cells, cells)
	}
	return out
}

// untold are verdicts without their traces.
func untold(verdicts []prove.Verdict) []prove.Verdict {
	out := append([]prove.Verdict(nil), verdicts...)
	for i := range out {
		out[i].Trace.Events = nil
	}
	return out
}

// write puts the reports that go to files where they belong and says where.
func (q *question) write(w io.Writer, r report.Report) error {
	files := []struct {
		name, what string
		render     func(io.Writer, report.Report) error
	}{
		{q.html, "The whole report, to open in a browser", report.HTML},
		{q.junit, "JUnit", report.JUnit},
	}
	for _, f := range files {
		if f.name == "" {
			continue
		}
		if err := writeAside(f.name, func(w io.Writer) error { return f.render(w, r) }); err != nil {
			return usage{err, "name another file with --html or --junit"}
		}
		if q.format == "" {
			fmt.Fprintf(w, "\n%s: %s\n", f.what, f.name)
		}
	}
	return nil
}

func defaultReport() string { return filepath.Join(os.TempDir(), "staleproof-report.html") }

// writeAside writes a file beside the one wanted and renames it, so that there is
// never half of one.
func writeAside(name string, render func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".staleproof-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(f.Name()) // after the rename there is none
	if err := render(f); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
