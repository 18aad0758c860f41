package command

import (
	"errors"
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
	columns, is := terminal(w)
	o := report.TextFor(is, columns, os.Getenv)
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

// write puts the reports that go to files where they belong and says where. One that
// nobody asked for may fail: folders for temporary files are full, or somebody else's
// report is there.
func (q *question) write(w, errs io.Writer, r report.Report) error {
	files := []struct {
		name, what string
		unasked    bool
		render     func(io.Writer, report.Report) error
	}{
		{q.html, "The whole report, to open in a browser", q.html == defaultReport(), report.HTML},
		{q.junit, "JUnit", false, report.JUnit},
	}
	for _, f := range files {
		if f.name == "" {
			continue
		}
		err := writeAside(f.name, func(w io.Writer) error { return f.render(w, r) })
		switch {
		case err != nil && f.unasked:
			fmt.Fprintf(errs, "staleproof: note: there is no report to open in a browser: %v; --html FILE names another place\n", err)
		case err != nil:
			return usage{err, "name another file with --html or --junit"}
		case q.format == "":
			fmt.Fprintf(w, "\n%s: %s\n", f.what, f.name)
		}
	}
	return nil
}

func defaultReport() string { return filepath.Join(os.TempDir(), "staleproof-report.html") }

// checkFile says whether a file can be written, before anything is proved.
func checkFile(flag, name string) error {
	if name == "" {
		return nil
	}
	dir := filepath.Dir(name)
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return usagef(fmt.Sprintf("--%s %s", flag, filepath.Join(name, "report")), "--%s %s is a folder, and should be a file", flag, name)
	case err == nil && !info.Mode().IsRegular():
		return nil // a device or a pipe shows it when it is written to
	}
	if err := checkFolder(dir); err != nil {
		return usage{fmt.Errorf("--%s %s: %w", flag, name, err), "name a file in a folder that is there and can be written to"}
	}
	return nil
}

// checkFolder makes a file in a folder, and takes it away again.
func checkFolder(dir string) error {
	f, err := os.CreateTemp(dir, ".staleproof-*")
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", dir, cause(err))
	}
	f.Close()
	return os.Remove(f.Name())
}

// cause is what went wrong with a file, without the name of one that nobody asked for.
func cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// writeAside writes a file beside the one wanted and renames it, so that there is
// never half of one. A link stays one; what is no file, as a device or a pipe, is
// written to, and never replaced.
func writeAside(name string, render func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return writeOnto(name, render)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".staleproof-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	defer os.Remove(f.Name()) // after the rename there is none
	if err := render(f); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	return nil
}

func writeOnto(name string, render func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	if err := render(f); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	return nil
}
