// Package command holds the commands about deploys and stories: flags into calls,
// results into text.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
)

// ErrRefuted is returned when the thing asked about is wrong: a story failed, or a
// demonstration did not come out as expected. All has been printed by then; the
// exit code is 1.
var ErrRefuted = errors.New("not as expected")

// usage is a mistake in the asking. Whoever maps errors to exit codes finds it by
// its methods.
type usage struct {
	error
	hint string
}

// ExitCode is 2: the asking was wrong.
func (u usage) ExitCode() int { return 2 }

// Hint says what to do instead; may be empty.
func (u usage) Hint() string { return u.hint }

func (u usage) Unwrap() error { return u.error }

func usagef(hint, format string, args ...any) error {
	return usage{fmt.Errorf(format, args...), hint}
}

// noFlagsAfter refuses arguments that look like flags: urfave/cli takes flags that
// come after the first argument for arguments, in silence.
func noFlagsAfter(c *cli.Context) error {
	for _, a := range c.Args().Slice() {
		if strings.HasPrefix(a, "-") && a != "-" {
			return usagef("put flags before the arguments: "+c.Command.HelpName+" "+a+" …",
				"%s stands after an argument and would be taken for one", a)
		}
	}
	return nil
}

// noArguments refuses arguments where there are none.
func noArguments(c *cli.Context) error {
	if c.NArg() > 0 {
		return usagef(c.Command.HelpName+" --help lists the flags", "%s takes no argument, and was given %q", c.Command.Name, c.Args().First())
	}
	return nil
}

// Commands are the commands about deploys and stories.
func Commands() []*cli.Command {
	return []*cli.Command{proveCommand(), auditCommand(), replayCommand(), scenarioCommand()}
}

// interruptible ends with the first Ctrl-C, so that what is known by then can be
// printed. The second one ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
