package command

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/control"
	"staleproof/proxy/fault"
)

const faultsUsage = `staleproof faults
   staleproof faults add latency=2s jitter=500ms origin=web
   staleproof faults add status=503 path='/api/*' toxicity=0.5
   staleproof faults add timeout times=1
   staleproof faults delete latency
   staleproof faults clear`

const faultsDescription = `TYPE is one of, with what its own value is:
   latency=TIME      the answer comes later; jitter=TIME adds or takes up to so much
   timeout[=TIME]    no answer; the connection closes after TIME, without it not before the fault is deleted
   reset_peer[=TIME] the connection is reset before an answer, after TIME
   limit_data=BYTES  the connection breaks off when so much of the body has come
   truncate=BYTES    the body ends there as if it were whole
   bandwidth=RATE    the body comes at no more than RATE KB/s
   slow_close=TIME   the end of a body of untold length comes later
   status=STATUS     the origin is not asked and the answer has STATUS; body=TEXT
A TIME is in milliseconds, or as 1.5s or 200ms. All may have: origin=ID, distribution=ID,
path=PATTERN, toxicity=0.5 (how probable), times=N (only so many requests), seed=TEXT, name=NAME.`

func faultsCommand() *cli.Command {
	return &cli.Command{
		Name: "faults", Usage: "make an origin fail, as toxiproxy would: list, add, delete",
		UsageText: faultsUsage, Description: faultsDescription, ArgsUsage: "[add TYPE[=VALUE] [NAME=VALUE…] | delete NAME… | clear]",
		Flags: []cli.Flag{controlFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			if err := NoFlagsAfter(c); err != nil {
				return err
			}
			args := c.Args().Slice()
			switch {
			case len(args) == 0:
				return listFaults(c)
			case args[0] == "add" && len(args) > 1:
				return addFault(c, args[1:])
			case args[0] == "add":
				return Usagef("staleproof faults add latency=2s; staleproof faults --help has the rest", "faults add wants a TYPE of fault")
			case args[0] == "delete" && len(args) == 1:
				return Usagef("staleproof faults delete latency; staleproof faults clear deletes all", "faults delete wants a NAME")
			case args[0] == "delete":
				return deleteFaults(c, args[1:])
			case args[0] == "clear" && len(args) == 1:
				return deleteFaults(c, nil)
			}
			return Usagef("staleproof faults add latency=2s; staleproof faults --help has the rest", "faults does not understand %q", strings.Join(args, " "))
		},
	}
}

func listFaults(c *cli.Context) error {
	var list []fault.State
	if err := call(c, "faults", nil, &list); err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, list)
	}
	printFaults(c.App.Writer, list)
	return nil
}

func printFaults(w io.Writer, list []fault.State) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no fault is set")
		return
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tFAULT\tORIGIN\tPATH\tTOXICITY\tSTRUCK")
	for _, f := range list {
		struck := fmt.Sprint(f.Struck)
		if f.Times > 0 {
			struck += fmt.Sprintf(" of %d", f.Times)
		}
		origin := orAll(f.Origin)
		if f.Distribution != "" {
			origin += " of " + f.Distribution
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%g\t%s\n", f.Name, plain(f.Fault.String()), origin, orAll(f.Path), f.Toxicity, struck)
	}
	tw.Flush()
}

func orAll(s string) string {
	if s == "" {
		return "all"
	}
	return plain(s)
}

func addFault(c *cli.Context, words []string) error {
	f, err := parseFault(words)
	if err != nil {
		return Usagef("staleproof faults add latency=2s origin=web; staleproof faults --help has the rest", "%w", err)
	}
	var added fault.State
	if err := call(c, "faults", f, &added); err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, added)
	}
	printFaults(c.App.Writer, []fault.State{added})
	fmt.Fprintf(c.App.Writer, "end it with: staleproof faults delete %s\n", added.Name)
	return nil
}

func deleteFaults(c *cli.Context, names []string) error {
	deleted := 0
	paths := []string{"faults"}
	if len(names) > 0 {
		if err := checkFaults(c, names); err != nil {
			return err
		}
		paths = nil
		for _, name := range names {
			paths = append(paths, "faults/"+url.PathEscape(name))
		}
	}
	for _, path := range paths {
		var done control.Deleted
		if err := callWith(c, http.MethodDelete, path, nil, &done); err != nil {
			return err
		}
		deleted += done.Deleted
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, control.Deleted{Deleted: deleted})
	}
	fmt.Fprintf(c.App.Writer, "%d %s deleted\n", deleted, plural(deleted, "fault"))
	return nil
}

// checkFaults asks for all names before one is deleted, so that a wrong one leaves
// all as they are.
func checkFaults(c *cli.Context, names []string) error {
	var list []fault.State
	if err := call(c, "faults", nil, &list); err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(list, func(f fault.State) bool { return f.Name == name }) {
			return Usagef("staleproof faults lists them", "no fault is named %q; none was deleted", name)
		}
	}
	return nil
}

// own is the attribute that a type's own value is.
var own = map[string]string{
	"latency": "latency", "timeout": "timeout", "reset_peer": "timeout", "limit_data": "bytes", "truncate": "bytes",
	"bandwidth": "rate", "slow_close": "delay", "status": "status",
}

// parseFault reads TYPE[=VALUE] NAME=VALUE…
func parseFault(words []string) (fault.Fault, error) {
	kind, value, valued := strings.Cut(words[0], "=")
	if own[kind] == "" {
		return fault.Fault{}, fmt.Errorf("%q is no type of fault", kind)
	}
	f := fault.Fault{Type: fault.Kind(kind), Toxicity: 1}
	said := []string{}
	if valued {
		if err := setFault(&f, own[kind], value); err != nil {
			return f, err
		}
		said = append(said, own[kind])
	}
	for _, word := range words[1:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return f, fmt.Errorf("%q is no NAME=VALUE", word)
		}
		if slices.Contains(said, name) {
			return f, fmt.Errorf("%s is said twice", name)
		}
		said = append(said, name)
		if err := setFault(&f, name, value); err != nil {
			return f, err
		}
	}
	return f, nil
}

// setFault sets what one word says.
func setFault(f *fault.Fault, name, value string) (err error) {
	if value == "" && name != "body" { // else a variable that is not set would strike all paths
		return fmt.Errorf("%s is empty", name)
	}
	a := &f.Attributes
	switch name {
	case "origin":
		f.Origin = value
	case "distribution":
		f.Distribution = value
	case "path":
		f.Path = value
	case "seed":
		f.Seed = value
	case "name":
		f.Name = value
	case "body":
		a.Body = value
	case "toxicity":
		f.Toxicity, err = strconv.ParseFloat(value, 64)
	case "times":
		f.Times, err = strconv.ParseInt(value, 10, 64)
	case "bytes":
		a.Bytes, err = strconv.ParseInt(value, 10, 64)
	case "rate":
		a.Rate, err = strconv.ParseInt(value, 10, 64)
	case "status":
		a.Status, err = strconv.Atoi(value)
	case "latency":
		a.Latency, err = parseMillis(value)
	case "jitter":
		a.Jitter, err = parseMillis(value)
	case "timeout":
		a.Timeout, err = parseMillis(value)
	case "delay":
		a.Delay, err = parseMillis(value)
	default:
		return fmt.Errorf("a fault has no %s", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %q is no number, or no time", name, value)
	}
	return nil
}

// parseMillis reads milliseconds: "1500", "1500ms", "1.5s".
func parseMillis(s string) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	d, err := time.ParseDuration(s)
	return d.Milliseconds(), err
}
