// Package command holds the commands about a running edge: flags into calls,
// results into text.
package command

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// usage is a mistake in the asking, with what to type instead.
type usage struct {
	err  error
	hint string
}

func (u usage) Error() string { return u.err.Error() }
func (u usage) Unwrap() error { return u.err }
func (u usage) ExitCode() int { return 2 }
func (u usage) Hint() string  { return u.hint }

// Usagef is a mistake in the asking: exit code 2. The hint says what to type
// instead; it may be empty.
func Usagef(hint, format string, args ...any) error {
	return usage{fmt.Errorf(format, args...), hint}
}

// NoFlagsAfter refuses arguments that look like flags: urfave/cli takes flags that
// come after the first argument for arguments, in silence.
func NoFlagsAfter(c *cli.Context) error {
	for _, a := range c.Args().Slice() {
		if len(a) > 1 && a[0] == '-' && (a[1] < '0' || a[1] > '9') { // what begins like a number is a value, if a wrong one
			return Usagef("put flags before the arguments: staleproof "+c.Command.Name+" "+a+" …",
				"%s stands after an argument and would be taken for one", a)
		}
	}
	return nil
}

// Commands are the commands about a running edge.
func Commands() []*cli.Command {
	return []*cli.Command{
		serveCommand(), explainCommand(), invalidateCommand(), clockCommand(), convertCommand(),
		eventsCommand(), faultsCommand(), keysCommand(), resetCommand(),
	}
}
