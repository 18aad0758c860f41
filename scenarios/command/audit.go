package command

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/scenarios/audit"
	"staleproof/scenarios/figures"
	"staleproof/scenarios/site"
)

// auditSchema names the form of what audit --json prints.
const auditSchema = "staleproof-audit-1"

// maxOfClass is how many findings of one class the text shows; JSON has all.
const maxOfClass = 20

func auditCommand() *cli.Command {
	return &cli.Command{
		Name: "audit", Usage: "look at builds of a site, without running anything, for what a deploy may trip over",
		ArgsUsage: "DIR DIR…",
		Description: "Give the folders that were or will be published, in order of release.\n" +
			"Exit code 0: nothing found that fails, 1: something, 2: the question was wrong.",
		Flags: append([]cli.Flag{
			&cli.StringSliceFlag{Name: "fail-on", Usage: "exit with 1 only for findings of these `CLASSES`, notes among them: " +
				joined(audit.Classes()) + ", all or none; default: every finding that is no note"},
			&cli.BoolFlag{Name: "json", Usage: "print everything as JSON instead of text"},
		}, placeFlags()...),
		Action: runAudit,
	}
}

func runAudit(c *cli.Context) error {
	if err := noFlagsAfter(c); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usagef("staleproof audit dist-old dist-new", "audit needs the folders of the builds, oldest first")
	}
	on, err := failOn(c.StringSlice("fail-on"))
	if err != nil {
		return err
	}
	began := time.Now()
	place, err := readPlace(c)
	if err != nil {
		return err
	}
	builds, err := readAll(c.Args().Slice(), place, newReading(c))
	if err != nil {
		return err
	}
	o := audit.Options{}
	for i, b := range builds {
		o.Times = append(o.Times, modified(c.Args().Get(i), b))
	}
	r := audit.Audit(builds, o)
	failing := len(r.Failing(on))
	if c.Bool("json") {
		e := json.NewEncoder(c.App.Writer)
		e.SetIndent("", "  ")
		err = e.Encode(auditJSON{auditSchema, failing > 0, r})
	} else {
		err = printAudit(c.App.Writer, r, failing, time.Since(began))
	}
	if err != nil {
		return err
	}
	if err := summarise(func(w io.Writer) error { return markAudit(w, r, failing) }); err != nil {
		return err
	}
	if failing > 0 {
		return ErrRefuted
	}
	return nil
}

type auditJSON struct {
	Schema string `json:"schema"`
	Failed bool   `json:"failed"`
	audit.Report
}

// failOn reads the classes of --fail-on; nil stands for the default.
func failOn(words []string) ([]audit.Class, error) {
	var on []audit.Class
	for _, w := range words {
		switch class := audit.Class(strings.ToLower(strings.TrimSpace(w))); {
		case class == "all":
			on = append(on, audit.Classes()...)
		case class == "none":
			on = append(on, "none") // a class that no finding has
		case slices.Contains(audit.Classes(), class):
			on = append(on, class)
		default:
			return nil, usagef("one or more of "+joined(audit.Classes())+", all, none", "--fail-on %s is no class of findings", w)
		}
	}
	return on, nil
}

// joined lists words for a sentence.
func joined[T ~string](words []T) string {
	var out []string
	for _, w := range words {
		out = append(out, string(w))
	}
	return strings.Join(out, ", ")
}

// readAll reads the builds in folders, which give them their names: the last part if
// that tells them apart.
func readAll(dirs []string, place site.Options, show *reading) ([]*site.Build, error) {
	defer show.end()
	seen := map[string]string{}
	var out []*site.Build
	for _, dir := range dirs {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, usage{fmt.Errorf("build %s: %w", dir, err), ""}
		}
		if seen[abs] != "" {
			return nil, usagef("name two folders", "%s and %s are the same folder", seen[abs], dir)
		}
		seen[abs] = dir
		place.Progress = show.of(dir)
		b, err := site.ReadDirWith(dir, place)
		if err != nil {
			return nil, usage{err, ""} // it says what to do
		}
		out = append(out, b)
	}
	names := map[string]int{}
	for _, b := range out {
		names[b.Name]++
	}
	for i, b := range out {
		if names[b.Name] > 1 {
			b.Name = dirs[i] // nobody else has it yet
		}
	}
	return out, nil
}

// modified are the modification times of a build's files.
func modified(dir string, b *site.Build) map[string]time.Time {
	times, fsys := map[string]time.Time{}, os.DirFS(dir)
	for _, f := range b.Files {
		if info, err := fs.Stat(fsys, f.Path); err == nil {
			times[f.Path] = info.ModTime()
		}
	}
	return times
}

func printAudit(w io.Writer, r audit.Report, failing int, took time.Duration) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BUILD\tFILES\tPAGES\tSIZE")
	for _, b := range r.Builds {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\n", b.Name, b.Files, b.Pages, figures.Size(b.Bytes))
	}
	fmt.Fprintln(t)
	if len(r.Releases) > 0 {
		fmt.Fprintln(t, "RELEASE\tSAME\tREBOUND\tCHANGED\tCASCADED\tRECOPIED\tADDED\tREMOVED\tCOLD")
		for _, x := range r.Releases {
			fmt.Fprintf(t, "%s to %s", x.From, x.To)
			for _, k := range site.Changes() {
				fmt.Fprintf(t, "\t%d", x.Counts[k])
			}
			fmt.Fprintf(t, "\t%s, %s\n", plural(x.ColdURLs, "URL"), figures.Size(x.ColdBytes))
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "Assets: "+strategies(r.Assets)+".")
	shown := map[audit.Class]int{}
	for _, f := range r.Findings {
		if shown[f.Class]++; shown[f.Class] > maxOfClass {
			continue
		}
		fmt.Fprintf(w, "\n%s %s  %s\n", sign(f), f.Class, printable(f.URL))
		fmt.Fprintf(w, "  %s", printable(f.What))
		if f.Where != "" {
			fmt.Fprintf(w, "\n  at %s of %s", printable(f.Where), f.Build)
		}
		fmt.Fprintln(w)
		for _, l := range f.Diff {
			fmt.Fprintln(w, "    "+printable(l))
		}
		if f.Repair != "" {
			fmt.Fprintln(w, "  repair: "+f.Repair)
		}
	}
	for _, k := range audit.Classes() {
		if n := shown[k] - maxOfClass; n > 0 {
			fmt.Fprintf(w, "\n… and %d more of %s: --json has all\n", n, k)
		}
	}
	_, err := fmt.Fprintf(w, "\n%s %s, %d ms\n", conclusion(r, failing), counted(r), took.Milliseconds())
	return err
}

func sign(f audit.Finding) string {
	if f.Note {
		return "·"
	}
	return "✗"
}

func conclusion(r audit.Report, failing int) string {
	if failing > 0 {
		return fmt.Sprintf("FAILED: %d of %d findings count.", failing, len(r.Findings))
	}
	return "PASSED:"
}

// counted is how many findings of which class there are.
func counted(r audit.Report) string {
	n := map[audit.Class]int{}
	for _, f := range r.Findings {
		n[f.Class]++
	}
	var parts []string
	for _, k := range audit.Classes() {
		if n[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[k], k))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}

// strategies counts assets by how they are versioned.
func strategies(n map[site.Strategy]int) string {
	var parts []string
	for _, s := range site.Strategies() {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// printable makes text of a site safe for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '·'
		}
		return r
	}, s)
}

func markAudit(w io.Writer, r audit.Report, failing int) error {
	fmt.Fprintf(w, "## staleproof audit\n\n%s %s\n\n", conclusion(r, failing), counted(r))
	if len(r.Findings) > 0 {
		fmt.Fprintf(w, "| | class | URL | what | repair |\n|---|---|---|---|---|\n")
	}
	for i, f := range r.Findings {
		if i == 100 { // the summary of a step has an end
			fmt.Fprintf(w, "\n… and %d more\n", len(r.Findings)-i)
			break
		}
		fmt.Fprintf(w, "| %s | %s | `%s` | %s | %s |\n", sign(f), f.Class, cellText(f.URL), cellText(f.What), cellText(f.Repair))
	}
	_, err := fmt.Fprintln(w)
	return err
}

// cellText makes text safe in a cell of a Markdown table.
func cellText(s string) string {
	return strings.NewReplacer("|", "\\|", "`", "'", "<", "&lt;", "\n", " ").Replace(printable(s))
}
