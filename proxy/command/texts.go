package command

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// texts are the values of a flag that may be repeated and whose values may hold
// commas, at which a slice flag would cut them.
type texts []string

// Set adds a value.
func (t *texts) Set(s string) error { *t = append(*t, s); return nil }

// String is what help shows.
func (t *texts) String() string { return strings.Join(*t, "; ") }

// textsFlag is a flag of texts.
func textsFlag(name, use string) cli.Flag {
	return &cli.GenericFlag{Name: name, Usage: use, Value: &texts{}}
}

// textsOf are the values of a flag.
func textsOf(c *cli.Context, name string) []string {
	t, ok := c.Generic(name).(*texts)
	if !ok {
		return nil
	}
	return *t
}
