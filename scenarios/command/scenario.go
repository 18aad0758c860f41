package command

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"
)

func scenarioCommand() *cli.Command {
	return &cli.Command{
		Name: "scenario", Usage: "list and run stories about an edge, and deploys with what is expected of them",
		HideHelpCommand: true,
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list what is built in",
				Action: listScenarios,
			},
			{
				Name: "run", Usage: "run what is built in, some of it by name, or files and directories",
				ArgsUsage: "[NAME|FILE|DIR]…",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "store", Value: "memory", Usage: "what stands behind the edge's memory: `memory` (nothing) or disk"},
					&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "print every step, and all that viewers and origins got"},
				},
				Action: runScenarios,
			},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usagef("staleproof scenario run "+c.Args().First(), "scenario has no command %q, only list and run", c.Args().First())
			}
			return cli.ShowSubcommandHelp(c)
		},
	}
}

func listScenarios(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	all, err := builtIn()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	for i := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", all[i].short(), all[i].name, strings.Join(all[i].rows, " "))
	}
	return w.Flush()
}

// runScenarios runs what was chosen: a line for each that passes, all steps of one
// that fails.
func runScenarios(c *cli.Context) error {
	if err := noFlagsAfter(c); err != nil {
		return err
	}
	store := c.String("store")
	if store != "memory" && store != "disk" {
		return usagef("--store memory, or --store disk", "there is no store %q", store)
	}
	chosen, err := choose(c.Args().Slice())
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context)
	defer stop()
	failed := 0
	for i := range chosen {
		out, err := chosen[i].run(ctx, store)
		switch {
		case ctx.Err() != nil:
			fmt.Fprintf(c.App.Writer, "%d passed, %d failed, %d not run\n", i-failed, failed, len(chosen)-i)
			return ErrRefuted
		case err != nil:
			return err
		case c.Bool("verbose"):
			fmt.Fprintln(c.App.Writer, out.verbose)
		case out.passed:
			fmt.Fprintf(c.App.Writer, "PASS  %-22s %s\n", chosen[i].short(), chosen[i].name)
		default:
			fmt.Fprintln(c.App.Writer, out.text)
		}
		if !out.passed {
			failed++
		}
	}
	fmt.Fprintf(c.App.Writer, "%d passed, %d failed\n", len(chosen)-failed, failed)
	if failed > 0 {
		return ErrRefuted
	}
	return nil
}
