package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gregjones/httpcache/diskcache"
	"github.com/urfave/cli/v2"

	"staleproof/scenarios"
)

func scenarioCommand() *cli.Command {
	return &cli.Command{
		Name: "scenario", Usage: "list and play written stories about an edge",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the stories that are built in",
				Action: listScenarios,
			},
			{
				Name: "run", Usage: "play stories: the built-in ones, some of them by name, or files and directories",
				ArgsUsage: "[NAME|FILE|DIR]…",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "store", Value: "memory", Usage: "what stands behind the edge's memory: `memory` (nothing) or disk"},
					&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "print every step, and all that viewers and origins got"},
				},
				Action: runScenarios,
			},
		},
	}
}

func listScenarios(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	all, err := scenarios.Stories()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", shortName(s), s.Name, strings.Join(s.Rows, " "))
	}
	return w.Flush()
}

// shortName is what a built-in story is called on the command line.
func shortName(s *scenarios.Scenario) string {
	return strings.TrimSuffix(filepath.Base(s.File), ".yaml")
}

func runScenarios(c *cli.Context) error {
	if err := noFlagsAfter(c); err != nil {
		return err
	}
	store := c.String("store")
	if store != "memory" && store != "disk" {
		return usagef("--store memory, or --store disk", "there is no store %q", store)
	}
	chosen, err := chooseStories(c.Args().Slice())
	if err != nil {
		return err
	}
	return playAll(c, chosen, store)
}

// playAll plays stories and prints what came of them.
func playAll(c *cli.Context, chosen []*scenarios.Scenario, store string) error {
	failed := 0
	for _, s := range chosen {
		if err := c.Context.Err(); err != nil {
			return fmt.Errorf("stopped before %q", s.Name)
		}
		rep, err := playOn(c, s, store)
		if err != nil {
			return err
		}
		if !rep.Passed() {
			failed++
		}
		print1(c.App.Writer, &rep, c.Bool("verbose"))
	}
	fmt.Fprintf(c.App.Writer, "%d passed, %d failed\n", len(chosen)-failed, failed)
	if failed > 0 {
		return ErrRefuted
	}
	return nil
}

// print1 is a line for a story that passed, and all steps of one that failed.
func print1(w io.Writer, rep *scenarios.Report, verbose bool) {
	switch {
	case verbose:
		fmt.Fprintln(w, rep.Verbose())
	case rep.Passed():
		fmt.Fprintf(w, "PASS  %-22s %s\n", shortName(rep.Scenario), rep.Scenario.Name)
	default:
		fmt.Fprintln(w, rep.String())
	}
}

func playOn(c *cli.Context, s *scenarios.Scenario, store string) (scenarios.Report, error) {
	o := scenarios.Options{}
	if store == "disk" {
		dir, err := os.MkdirTemp("", "staleproof-")
		if err != nil {
			return scenarios.Report{}, fmt.Errorf("make a directory for the store: %w", err)
		}
		defer os.RemoveAll(dir)
		o.Store = diskcache.New(dir)
	}
	return scenarios.Play(c.Context, s, o), nil
}

// chooseStories finds stories by built-in name, file or directory; with nothing
// chosen, all that are built in.
func chooseStories(args []string) ([]*scenarios.Scenario, error) {
	all, err := scenarios.Stories()
	if err != nil || len(args) == 0 {
		return all, err
	}
	var chosen []*scenarios.Scenario
	for _, a := range args {
		if i := slices.IndexFunc(all, func(s *scenarios.Scenario) bool { return s.Name == a || shortName(s) == a }); i >= 0 {
			chosen = append(chosen, all[i])
			continue
		}
		some, err := readStories(a)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, some...)
	}
	if err := scenarios.Unique(chosen); err != nil {
		return nil, usage{err, "give each story a name of its own, and name each once"}
	}
	return chosen, nil
}

func readStories(name string) ([]*scenarios.Scenario, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usagef("staleproof scenario list shows the names", "there is no story and no file %q", name)
	case err != nil:
		return nil, usage{err, ""}
	case info.IsDir():
		some, err := scenarios.ReadDir(os.DirFS(name), ".")
		if err != nil {
			return nil, usage{err, ""}
		}
		return some, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, usage{err, ""}
	}
	s, err := scenarios.Read(name, b)
	if err != nil {
		return nil, usage{err, ""}
	}
	return []*scenarios.Scenario{s}, nil
}
