// Command staleproof is a local CloudFront that can prove a deploy never serves
// stale assets.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	proxycommand "staleproof/proxy/command"
	scenarioscommand "staleproof/scenarios/command"
)

// version is set when a release is built.
var version = "development"

func main() {
	out := &proxycommand.Output{File: os.Stdout}
	app := &cli.App{
		Name:            "staleproof",
		Usage:           "a local CloudFront that can prove your deploy never serves stale assets",
		Version:         version,
		HideHelpCommand: true,
		Writer:          out,
		Commands:        proxycommand.Checked(append(scenarioscommand.Commands(), proxycommand.Commands()...)),
		ExitErrHandler:  func(*cli.Context, error) {}, // exit in one place only
		OnUsageError:    proxycommand.Misused,
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return proxycommand.Usagef("staleproof --help lists the commands", "there is no command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	err := app.RunContext(context.Background(), os.Args)
	if lost := out.Lost(); lost != nil && (err == nil || errors.Is(err, scenarioscommand.ErrRefuted)) {
		err = fmt.Errorf("write the standard output: %w", lost)
	}
	os.Exit(exitCode(err))
}

// exitCode prints an error and is 0 when all is well, 1 when what was asked about
// is wrong, 2 when the asking was. An error may know better what it is and what
// to type instead.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	code := 2
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		code = coded.ExitCode()
	}
	if errors.Is(err, scenarioscommand.ErrRefuted) {
		return 1 // the report has said it
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(os.Stderr, "staleproof: error: "+strings.TrimSpace(line))
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintln(os.Stderr, "staleproof: hint: "+hinted.Hint())
	}
	return code
}
