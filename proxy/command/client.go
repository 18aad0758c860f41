package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/control"
	"staleproof/proxy/distribution"
)

// callTimeout bounds one call to the control door; maxAnswerBytes its answer.
const (
	callTimeout    = 30 * time.Second
	maxAnswerBytes = 64 << 20
)

func controlFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "control", Usage: "`URL` of the control door of a running staleproof", Value: "http://127.0.0.1:9180",
		EnvVars: []string{"STALEPROOF_CONTROL"},
	}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print what a machine reads"}
}

// call asks the control door and decodes its answer. A nil in means GET.
func call(c *cli.Context, path string, in, out any) error {
	method := http.MethodGet
	if in != nil {
		method = http.MethodPost
	}
	return callWith(c, method, path, in, out)
}

// callWith is call with a method of its own; a nil in is no body.
func callWith(c *cli.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(c.Context, callTimeout)
	defer cancel()
	res, err := reach(ctx, c, method, path, in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", door(c), err)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return Usagef(notTheDoor, "read the answer of %s: %w", door(c), err)
	}
	return nil
}

// door is the URL of the control door.
func door(c *cli.Context) string { return strings.TrimSuffix(c.String("control"), "/") }

const notTheDoor = "is that the control door, and not the viewers' port?"

// reach sends a call to the control door. An answer other than 200 is an error.
func reach(ctx context.Context, c *cli.Context, method, path string, in any) (*http.Response, error) {
	base, body := door(c), io.Reader(nil)
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+control.Prefix+path, body)
	if err != nil || req.URL.Host == "" {
		return nil, Usagef("--control http://127.0.0.1:9180", "--control %q is no URL", base)
	}
	res, err := http.DefaultClient.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, Usagef("start one with: staleproof serve --origin URL; or name its control door with --control or STALEPROOF_CONTROL",
			"no staleproof answers at %s", base)
	case err != nil:
		return nil, Usagef("is the URL of --control right?", "ask %s: %w", base, err)
	case res.StatusCode == http.StatusOK:
		return res, nil
	}
	defer res.Body.Close()
	var failure struct{ Error string }
	if b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes)); err == nil && json.Unmarshal(b, &failure) == nil && failure.Error != "" {
		return nil, Usagef("docs/CONTROL.md has the calls and what they take", "%s", failure.Error)
	}
	return nil, Usagef(notTheDoor, "%s answered %s", base, res.Status)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func clockCommand() *cli.Command {
	return &cli.Command{
		Name: "clock", Usage: "show the cache time of a running staleproof, or move it forward",
		UsageText: "staleproof clock\n   staleproof clock advance 24h\n   staleproof clock set 2027-01-01T00:00:00Z",
		Flags:     []cli.Flag{controlFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			if err := NoFlagsAfter(c); err != nil {
				return err
			}
			var in any
			switch {
			case c.NArg() == 0:
			case c.NArg() == 2 && c.Args().First() == "advance":
				if _, err := distribution.ParseDuration(c.Args().Get(1)); err != nil {
					return Usagef("staleproof clock advance 24h", "%w", err)
				}
				in = control.Advance{Advance: c.Args().Get(1)}
			case c.NArg() == 2 && c.Args().First() == "set":
				at, err := time.Parse(time.RFC3339, c.Args().Get(1))
				if err != nil {
					return Usagef("staleproof clock set 2027-01-01T00:00:00Z", "%q is no time of RFC 3339", c.Args().Get(1))
				}
				in = control.Advance{Set: at}
			default:
				return Usagef("staleproof clock advance 24h", "clock does not understand %q", strings.Join(c.Args().Slice(), " "))
			}
			var now control.Clock
			if err := call(c, "clock", in, &now); err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, now)
			}
			fmt.Fprintf(c.App.Writer, "%s, %s ahead of the system's clock\n", now.Now.Format(time.RFC3339), now.Ahead)
			return nil
		},
	}
}

func invalidateCommand() *cli.Command {
	return &cli.Command{
		Name: "invalidate", Usage: "make cached objects of a running staleproof unusable",
		ArgsUsage: "PATH…", UsageText: "staleproof invalidate /index.html '/css/*'",
		Flags: []cli.Flag{controlFlag(), jsonFlag(), &cli.StringFlag{Name: "distribution", Usage: "`ID`, when there are several"}},
		Action: func(c *cli.Context) error {
			if err := NoFlagsAfter(c); err != nil {
				return err
			}
			if c.NArg() == 0 {
				return Usagef("staleproof invalidate /index.html '/css/*'", "invalidate needs at least one path")
			}
			var done control.InvalidationReport
			in := control.Invalidation{Distribution: c.String("distribution"), Paths: c.Args().Slice()}
			if err := call(c, "invalidations", in, &done); err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, done)
			}
			var month bill
			if err := call(c, "bill", nil, &month); err != nil {
				return err
			}
			printInvalidation(c.App.Writer, &done, month)
			return nil
		},
	}
}

func printInvalidation(w io.Writer, done *control.InvalidationReport, month bill) {
	indented := func(key string) string { return strings.ReplaceAll(key, "\n", "\n    ") }
	n := len(done.Items)
	fmt.Fprintf(w, "invalidation %s, %d %s counted, %s\n%s\n", done.ID, n, plural(n, "path"), done.Status, month)
	for _, item := range done.Items {
		fmt.Fprintln(w, item.Item)
		if len(item.Covered) == 0 {
			fmt.Fprintln(w, "  matched nothing that is stored")
		}
		for _, key := range item.Covered {
			fmt.Fprintf(w, "  %s\n", indented(key))
		}
	}
	if len(done.Twins) > 0 {
		fmt.Fprintln(w, "the same bytes are still stored under keys that no path covers:")
	}
	for _, t := range done.Twins {
		fmt.Fprintf(w, "  %s\n    same as %s\n", indented(t.Key), indented(t.SameAs))
	}
}

// bill is the answer of the bill call.
type bill struct {
	Paths, Charged int
	USD            float64
}

// String says what the month's paths cost: each counts, a wildcard as one; the
// first 1,000 of an account's month are free. [INV-25]
func (b bill) String() string {
	if b.Charged == 0 {
		return fmt.Sprintf("%d of the 1,000 free paths of this month, $0.005 each above them", b.Paths)
	}
	return fmt.Sprintf("%d paths this month, %d above the 1,000 free ones at $0.005: $%.3f", b.Paths, b.Charged, b.USD)
}

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}
