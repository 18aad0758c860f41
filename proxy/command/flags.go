package command

import (
	"regexp"
	"slices"

	"github.com/urfave/cli/v2"
)

// The words of package flag, which urfave/cli passes on.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(.+)$`)
	wrongValue  = regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([^:]+): (.*)$`)
)

// Checked are commands whose flags are looked at before anything is done, and the
// mistakes in them told in the words of the help.
func Checked(commands []*cli.Command) []*cli.Command {
	for _, c := range commands {
		for _, c := range append(c.Subcommands, c) {
			c.OnUsageError, c.Before = Misused, noEmptyFlags
		}
	}
	return commands
}

// Misused is a mistake in the flags of a command, in the words of its help.
func Misused(c *cli.Context, err error, _ bool) error {
	hint := "staleproof --help lists commands and flags"
	if c.Command != nil && c.Command.HelpName != c.App.Name {
		hint = c.Command.HelpName + " --help lists the flags"
	}
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		return Usagef(hint, "there is no flag %s%s", dashes(m[1]), m[1])
	}
	if m := wrongValue.FindStringSubmatch(err.Error()); m != nil {
		why := m[3]
		if want := wanted(c, m[2]); want != "" {
			why = "want " + want
		}
		return Usagef(hint, "--%s %s: %s", m[2], m[1], why)
	}
	return Usagef(hint, "%w", err)
}

func dashes(name string) string {
	if len(name) == 1 {
		return "-"
	}
	return "--"
}

// wanted is what a flag takes; "" when its own error says it.
func wanted(c *cli.Context, name string) string {
	if c.Command == nil {
		return ""
	}
	for _, f := range c.Command.Flags {
		if !slices.Contains(f.Names(), name) {
			continue
		}
		switch f.(type) {
		case *cli.IntFlag, *cli.Int64Flag:
			return "a whole number"
		case *cli.DurationFlag:
			return "a time such as 90s, 30m or 24h"
		case *cli.BoolFlag:
			return "nothing, or true or false"
		}
	}
	return ""
}

// noEmptyFlags refuses a flag with an empty value: a variable in a script that is not
// set would turn off in silence what the flag is there for.
func noEmptyFlags(c *cli.Context) error {
	for _, f := range c.Command.Flags {
		s, ok := f.(*cli.StringFlag)
		if ok && len(s.EnvVars) == 0 && c.IsSet(s.Name) && c.String(s.Name) == "" {
			return Usagef("leave it out, or give it a value", "--%s is empty", s.Name)
		}
	}
	return nil
}
