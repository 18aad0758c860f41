package command

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy"
	"staleproof/proxy/control"
)

func explainCommand() *cli.Command {
	return &cli.Command{
		Name: "explain", Usage: "say what a running staleproof would do with a request, and why",
		ArgsUsage: "URL", UsageText: "staleproof explain http://localhost:8080/css/site.css?v=2",
		Flags: []cli.Flag{
			controlFlag(), jsonFlag(),
			&cli.StringFlag{Name: "method", Value: http.MethodGet, Usage: "`METHOD` of the request"},
			textsFlag("header", "`'NAME: VALUE'` of the request; may be repeated"),
		},
		Action: func(c *cli.Context) error {
			if err := NoFlagsAfter(c); err != nil {
				return err
			}
			if c.NArg() != 1 {
				return Usagef("staleproof explain http://localhost:8080/css/site.css", "explain needs one URL")
			}
			in := control.Explain{URL: c.Args().First(), Method: c.String("method"), Header: http.Header{}}
			for _, h := range textsOf(c, "header") {
				name, value, ok := strings.Cut(h, ":")
				if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
					return Usagef("--header 'Accept-Encoding: gzip, br'", "--header %q is not NAME: VALUE", h)
				}
				in.Header.Add(name, strings.TrimSpace(value))
			}
			var ex proxy.Explanation
			if err := call(c, "explain", in, &ex); err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, ex)
			}
			printExplanation(c.App.Writer, &ex)
			return nil
		},
	}
}

// printExplanation writes what a person reads.
func printExplanation(out io.Writer, ex *proxy.Explanation) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	row("would", "%s", ex.Action)
	row("because", "%s", ex.Reason)
	if ex.Result != "" {
		row("X-Cache", "%s from cloudfront", ex.Result)
	}
	if ex.Distribution != "" {
		row("distribution", "%s", ex.Distribution)
	}
	if ex.Behavior != "" {
		row("behavior", "%s, origin %s", ex.Behavior, ex.Origin)
		policy := ex.CachePolicy
		if ex.OriginRequestPolicy != "" {
			policy += ", origin request policy " + ex.OriginRequestPolicy
		}
		row("policy", "%s", policy)
	}
	for i, part := range strings.Split(ex.Key, "\n") {
		if ex.Key == "" {
			break
		}
		row([]string{"key", ""}[min(i, 1)], "%s", part)
	}
	for i, l := range ex.LeftOut {
		sent := "the origin does not get it"
		if l.Forwarded {
			sent = "the origin gets it"
		}
		row([]string{"not in the key", ""}[min(i, 1)], "%s %s: left out by %s; %s", l.Kind, l.Name, l.Policy, sent)
	}
	if s := ex.Stored; s != nil {
		row("stored", "status %d, %d bytes, age %s", s.Status, s.Bytes, time.Duration(s.Age))
		row("lifetime", "%s, by: %s", time.Duration(s.Lifetime), s.Rule)
		if s.Asked != 0 && s.Asked != s.Lifetime {
			row("", "the origin asked for %s, the policy has %s to %s", time.Duration(s.Asked), time.Duration(ex.MinTTL), time.Duration(ex.MaxTTL))
		}
		if s.Remaining > 0 {
			row("", "fresh for another %s", time.Duration(s.Remaining))
		} else {
			row("", "stale for %s", -time.Duration(s.Remaining))
		}
		if s.Compression != 0 {
			row("compression", "%s", s.Compression)
		}
	}
	if ex.Asks != nil {
		row("asks origin", "%s", ex.Asks.URL)
	}
	if ex.Turn != "" {
		row("to turn it", "%s", ex.Turn)
	}
	w.Flush()
}
