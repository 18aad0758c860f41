package command

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/control"
)

// pageKeys is how many keys one call asks for.
const pageKeys = 1000

func keysCommand() *cli.Command {
	return &cli.Command{
		Name: "keys", Usage: "list what a running staleproof has stored",
		ArgsUsage: "[PATH]", UsageText: "staleproof keys\n   staleproof keys --pop 2 '/css/*'",
		Flags: []cli.Flag{
			controlFlag(), jsonFlag(),
			&cli.StringFlag{Name: "pop", Usage: "of one tier: an edge location, by `NUMBER` from 1 or by name, or regional"},
			&cli.IntFlag{Name: "limit", Usage: "`N` keys at most", Value: 100},
		},
		Action: func(c *cli.Context) error {
			if err := NoFlagsAfter(c); err != nil {
				return err
			}
			limit := c.Int("limit")
			switch {
			case c.NArg() > 1:
				return Usagef("staleproof keys '/css/*', with quotes", "keys takes one path, but there are %d", c.NArg())
			case limit < 1:
				return Usagef("--limit 1000", "--limit %d is below 1", limit)
			}
			list, more, err := storedKeys(c, limit)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, list)
			}
			printKeys(c.App.Writer, list)
			if more {
				fmt.Fprintf(c.App.Writer, "… and more: --limit %d shows twice as many\n", 2*limit)
			}
			return nil
		},
	}
}

// storedKeys asks for pages until there are limit keys, or no more.
func storedKeys(c *cli.Context, limit int) (list []control.Key, more bool, err error) {
	list = []control.Key{}
	query := url.Values{}
	if path := c.Args().First(); path != "" {
		query.Set("path", path)
	}
	if pop := c.String("pop"); pop != "" {
		query.Set("pop", pop)
	}
	for {
		query.Set("limit", fmt.Sprint(min(pageKeys, limit-len(list))))
		var page control.Keys
		if err := call(c, "keys?"+query.Encode(), nil, &page); err != nil {
			return nil, false, err
		}
		list = append(list, page.Keys...)
		if page.Next == "" || len(list) >= limit {
			return list, page.Next != "", nil
		}
		query.Set("after", page.Next)
	}
}

func printKeys(w io.Writer, list []control.Key) {
	if len(list) == 0 {
		fmt.Fprintln(w, "nothing is stored")
		return
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "EDGE\tSTATUS\tAGE\tFRESH FOR\tBYTES\tKEY")
	for _, k := range list {
		remaining := k.Remaining
		if strings.HasPrefix(remaining, "-") || remaining == "0s" {
			remaining = "stale"
		}
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%d\t%s\n", k.POP, k.Status, k.Age, remaining, k.Bytes, plain(strings.ReplaceAll(k.Key, "\n", " · ")))
	}
	tw.Flush()
}

func resetCommand() *cli.Command {
	return &cli.Command{
		Name: "reset", Usage: "forget what a running staleproof has stored, its invalidations, counts and faults; the clock stays",
		UsageText: "staleproof reset", Flags: []cli.Flag{controlFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return Usagef("staleproof reset; or staleproof invalidate PATH", "reset takes no arguments, but there is %q", c.Args().First())
			}
			var done control.Reset
			if err := call(c, "reset", struct{}{}, &done); err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, done)
			}
			var now control.Clock
			if err := call(c, "clock", nil, &now); err != nil {
				return err
			}
			fmt.Fprintf(c.App.Writer, "nothing is stored, invalidated or counted any more, %d %s deleted; the clock stays %s ahead\n",
				done.Faults, plural(done.Faults, "fault"), now.Ahead)
			return nil
		},
	}
}
