package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/replay"
	"staleproof/scenarios/report"
)

func replayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "play counterexamples again: on values, on an edge, over sockets, in a browser",
		ArgsUsage: "TRACE…",
		Description: "A TRACE is a file that prove --save-traces wrote, REPORT.json#N for the Nth counterexample in what\n" +
			"prove --json printed, the name of a published trace (T1 to T18), or golden for all of those.\n" +
			"What prove found in builds of your own is played with files made for it, or, with --before and --after, with theirs.\n" +
			"Exit code 0: all levels show what the trace tells, 1: one does not, 2: the question was wrong.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "on", Usage: "play on these `LEVELS`: " + joined(replay.Levels()) + ", or all; default: all but chromium"},
			&cli.StringFlag{Name: "browser", Usage: "the Chromium to start, a `PROGRAM`; default: the one in the PATH"},
			&cli.StringFlag{Name: "before", Usage: "`DIR` with the build that the trace begins with: its files are served, if they are as the trace has them"},
			&cli.StringFlag{Name: "after", Usage: "`DIR` with the build that is deployed in the trace"},
			&cli.StringSliceFlag{Name: "build", Usage: "`DIR` with a build, oldest first; repeated, instead of --before and --after"},
			&cli.BoolFlag{Name: "list", Usage: "list the counterexamples in the files given, or the published ones, and play none"},
			&cli.BoolFlag{Name: "json", Usage: "print everything as JSON instead of text"},
		},
		Action: runReplay,
	}
}

func runReplay(c *cli.Context) error {
	if err := noFlagsAfter(c); err != nil {
		return err
	}
	levels, err := readLevels(c.StringSlice("on"), c.String("browser"))
	if err != nil {
		return err
	}
	args := c.Args().Slice()
	switch {
	case c.IsSet("browser") && !slices.Contains(levels, replay.Chromium):
		return usagef("--on chromium", "--browser is about visitors on Chromium, and none are asked for")
	case c.Bool("list") && c.Bool("json"):
		return usagef("--list alone", "--list prints names, not JSON")
	case c.Bool("list"):
		return listTraces(c.App.Writer, args)
	case len(args) == 0:
		return usagef("staleproof replay T1, or staleproof replay --list", "replay wants a trace")
	}
	dirs, err := folderFlags(c, nil)
	if err != nil {
		return err
	}
	builds := ownBuilds{dirs: dirs, show: newReading(c)}
	ctx, stop := interruptible(c.Context)
	defer stop()
	visitors := &replay.Browsers{Program: c.String("browser")}
	defer visitors.Close()
	results := []replay.Result{} // no null in the JSON
	agreed := true
	for _, a := range args {
		chosen, err := chooseTraces(c, a)
		if err != nil {
			return err
		}
		owns, err := builds.of(a, chosen)
		if err != nil {
			return err
		}
		for i, s := range chosen {
			r, err := replay.Run(ctx, s, replay.Options{Levels: levels, Browsers: visitors, Own: owns[i]})
			if ctx.Err() != nil { // of a story played by halves nothing is known
				fmt.Fprintf(c.App.ErrWriter, "staleproof: stopped: %s was not played to its end, nor what comes after it\n", printable(s.Name))
				return ErrRefuted
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			agreed = agreed && r.Agreed()
			results = append(results, r)
			if !c.Bool("json") {
				printReplay(c.App.Writer, &s, &r)
			}
		}
	}
	if c.Bool("json") {
		e := json.NewEncoder(c.App.Writer)
		e.SetIndent("", "  ")
		if err := e.Encode(replays{Schema: replaySchema, Agreed: agreed, Replays: results}); err != nil {
			return err
		}
	}
	if !agreed {
		return ErrRefuted
	}
	return nil
}

// replaySchema names the form of what replay --json prints.
const replaySchema = "staleproof-replay-1"

type replays struct {
	Schema  string          `json:"schema"`
	Agreed  bool            `json:"agreed"`
	Replays []replay.Result `json:"replays"`
}

// readLevels reads --on; nothing stands for the default. Who names Chromium himself
// must have it.
func readLevels(words []string, program string) ([]replay.Level, error) {
	var levels []replay.Level
	for _, w := range words {
		switch l := replay.Level(strings.ToLower(strings.TrimSpace(w))); {
		case l == "all":
			levels = append(levels, replay.Levels()...)
		case slices.Contains(replay.Levels(), l):
			if _, err := browser.Find(program); l == replay.Chromium && err != nil {
				return nil, usage{fmt.Errorf("--on chromium: %w", err), "install Debian's chromium, or name one with --browser"}
			}
			levels = append(levels, l)
		default:
			return nil, usagef("--on "+joined(replay.Levels())+", or all", "--on %s is no level", w)
		}
	}
	slices.SortStableFunc(levels, func(a, b replay.Level) int {
		return slices.Index(replay.Levels(), a) - slices.Index(replay.Levels(), b)
	})
	return slices.Compact(levels), nil
}

// chooseTraces finds what an argument names: golden, T1, FILE, FILE#3.
func chooseTraces(c *cli.Context, arg string) ([]replay.Story, error) {
	if strings.EqualFold(arg, "golden") {
		var all []replay.Story
		for _, name := range replay.GoldenNames() {
			s, _, err := replay.Golden(c.Context, name)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		return all, nil
	}
	if s, ok, err := replay.Golden(c.Context, arg); ok {
		return []replay.Story{s}, err
	}
	file, number, numbered := arg, "", false
	if _, err := os.Stat(arg); err != nil {
		file, number, numbered = cutLast(arg, "#")
	}
	all, err := readTraces(file)
	if err != nil {
		return nil, err
	}
	if !numbered && len(all) == 1 {
		return all, nil
	}
	n, err := strconv.Atoi(number)
	switch {
	case !numbered:
		return nil, usagef("staleproof replay --list "+file+" shows them", "%s has %d counterexamples: say which, as in %s#1", file, len(all), file)
	case err != nil || n < 1 || n > len(all):
		return nil, usagef("staleproof replay --list "+file+" shows them", "%s has counterexamples 1 to %d, and no %q", file, len(all), number)
	}
	return all[n-1 : n], nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func readTraces(file string) ([]replay.Story, error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usagef("staleproof replay --list shows the published ones; staleproof prove --save-traces DIR writes your own",
			"there is no published trace and no file %q", file)
	}
	if err != nil {
		return nil, usage{fmt.Errorf("read a trace: %w", err), "name a file"}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usagef("staleproof replay "+filepath.Join(file, "*.json"), "%s is a folder: name the files in it", file)
	}
	all, err := replay.ReadAny(f)
	if err != nil {
		return nil, usage{fmt.Errorf("%s: %w", file, err), "staleproof prove --save-traces DIR writes files that it can read"}
	}
	return all, nil
}

// listTraces prints what there is to play, by the names that replay takes.
func listTraces(w io.Writer, files []string) error {
	if len(files) == 0 {
		for _, name := range replay.GoldenNames() {
			fmt.Fprintln(w, name)
		}
		return nil
	}
	for _, file := range files {
		all, err := readTraces(file)
		if err != nil {
			return err
		}
		for i, s := range all {
			fmt.Fprintf(w, "%s#%d  %s, %d events\n", file, i+1, printable(s.Name), s.Trace.Count)
		}
	}
	return nil
}

// printReplay prints each event in words, what visitors were given by it, and which
// levels showed that.
func printReplay(w io.Writer, s *replay.Story, r *replay.Result) {
	fmt.Fprintf(w, "%s: %s %s%s, “%s” deployed as “%s”\n\n", printable(s.Name), s.Property, s.Class, map[bool]string{true: ", sticky"}[s.Sticky],
		printable(s.Deploy.Strategy.Name), printable(s.Deploy.Mode.Name))
	switch {
	case r.Bytes == "builds":
		fmt.Fprint(w, "  Served are the files of the builds.\n\n")
	case s.Deploy.Site.Builds != nil:
		fmt.Fprint(w, "  Served are files made for the trace; --before DIR --after DIR serve those of the builds.\n\n")
	}
	for i, line := range report.Story(s.Trace) {
		fmt.Fprintf(w, "  %s\n", printable(line))
		printShown(w, &s.Trace.Events[i], r, i)
	}
	fmt.Fprintln(w)
	for _, l := range r.Levels {
		fmt.Fprintf(w, "  %-9s %s %s", l.Level, map[replay.Outcome]string{replay.Agrees: "✓", replay.Differs: "✗"}[l.Outcome], l.Outcome)
		if l.Why != "" {
			fmt.Fprintf(w, ": %s", printable(l.Why))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

// printShown prints the answers of one event, those of the trace first.
func printShown(w io.Writer, e *prove.Event, r *replay.Result, n int) {
	for _, want := range replay.Told(e) {
		fmt.Fprintf(w, "      %-36s", who(want.Visitor)+" gets "+want.String())
		var other []string
		for i, l := range r.Levels {
			got := r.Steps[n].Answers[i]
			at := slices.IndexFunc(got, func(a replay.Answer) bool { return a.Visitor == want.Visitor })
			switch {
			case at < 0:
				fmt.Fprintf(w, "  %s –", l.Level)
			case got[at].String() == want.String():
				fmt.Fprintf(w, "  %s ✓", l.Level)
			default:
				fmt.Fprintf(w, "  %s ✗", l.Level)
				other = append(other, fmt.Sprintf("      ✗ %s: %s gets %s", l.Level, who(want.Visitor), got[at]))
			}
		}
		fmt.Fprintln(w)
		for _, line := range other {
			fmt.Fprintln(w, line)
		}
	}
}

// who is a visitor as the story calls him, others by the name they have.
func who(actor string) string { return cmp.Or(report.Visitor(actor), actor) }

// save writes counterexamples to a folder, if one is named, and says how many.
func (q *question) save(w io.Writer, dir string, grids []prove.Grid) error {
	if dir == "" {
		return nil
	}
	n, err := saveTraces(dir, grids)
	if err == nil && q.format == "" {
		fmt.Fprintf(w, "\nCounterexamples, for staleproof replay: %d in %s\n", n, dir)
	}
	return err
}

// saveTraces writes each counterexample to a file of its own in a folder that is new
// or empty, or none.
func saveTraces(dir string, grids []prove.Grid) (n int, err error) {
	var written []string
	defer func() {
		if err != nil {
			for _, name := range written {
				os.Remove(name)
			}
		}
	}()
	for _, g := range grids {
		for _, row := range g.Cells {
			for _, c := range row {
				for _, s := range replay.Counterexamples(c.Deploy, c.Verdicts) {
					name := fmt.Sprintf("%s/%04d-%s.json", dir, len(written)+1, slug(s.Name))
					if err := writeAside(name, s.Write); err != nil {
						return 0, err
					}
					written = append(written, name)
				}
			}
		}
	}
	return len(written), nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// slug is a name as part of a file's.
func slug(name string) string {
	s := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-")
	return s[:min(len(s), 100)]
}

// checkTracesDir makes the folder for traces, unless it is there and empty, and says
// whether they can be saved in it.
func checkTracesDir(dir string) error {
	const hint = "name a folder that is new or empty"
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return usage{fmt.Errorf("--save-traces: %w", err), hint}
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err != nil:
		return usage{fmt.Errorf("--save-traces: %w", err), hint}
	case len(entries) > 0:
		return usagef(hint, "--save-traces %s: there is something in it", dir)
	}
	if err := checkFolder(dir); err != nil {
		return usage{fmt.Errorf("--save-traces: %w", err), hint}
	}
	return nil
}
