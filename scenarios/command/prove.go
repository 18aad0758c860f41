package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/distribution"
	"staleproof/scenarios"
	"staleproof/scenarios/figures"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
	"staleproof/scenarios/site"
)

func proveCommand() *cli.Command {
	return &cli.Command{
		Name:      "prove",
		Usage:     "say of each way to version assets, and each way to deploy them, whether it can show anyone the wrong files",
		ArgsUsage: "[DIR DIR…]",
		Description: "With no flags: the built-in site, from its release 1 to its release 2, over two servers behind a CDN.\n" +
			"With --before and --after: your own site, as two folders that are published one after the other; more than\n" +
			"two with --build or as arguments, oldest first: each over the one before, and all as one chain.\n" +
			"Exit code 0: nothing that --fail-on names, 1: something, 2: the question was wrong.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "before", Usage: "`DIR` with the build that is deployed now"},
			&cli.StringFlag{Name: "after", Usage: "`DIR` with the build that will be deployed"},
			&cli.StringSliceFlag{Name: "build", Usage: "`DIR` with a build, oldest first; repeated, instead of --before and --after"},
			&cli.BoolFlag{Name: "pairs", Usage: "of more than two builds: each over the one before alone, not the chain of all as well"},
			textsFlag("strategy", "only strategies, or kinds of assets of your own builds, whose name contains `TEXT`; may be repeated"),
			textsFlag("mode", "only deploys whose name contains `TEXT`; may be repeated"),
			&cli.StringFlag{Name: "query", Value: "all", Usage: "query strings in the CDN's cache key: `none` or all"},
			&cli.StringSliceFlag{Name: "config", Usage: "`FILE` with the distribution before your builds, or its policies: YAML, a CloudFormation template, terraform show -json, or what the AWS command line prints; or the folder cdk.out; may be repeated"},
			&cli.GenericFlag{Name: "parameter", Value: &distribution.Parameters{}, Usage: "`NAME=VALUE` of a parameter of a CloudFormation template, AWS::Region among them; may be repeated"},
			&cli.StringFlag{Name: "imports", Usage: "`FILE` with the exports that Fn::ImportValue names: a map, or what aws cloudformation list-exports prints"},
			textsFlag("header", "a header sent with files of your builds, `'PATTERN: NAME: VALUE'`, as in '*.html: Cache-Control: no-cache'; may be repeated, the last that matches counts; a file _headers in a build is read, too"),
			&cli.StringFlag{Name: "before-url", Usage: "`URL` of a running origin that serves the build before: its headers count"},
			&cli.StringFlag{Name: "after-url", Usage: "`URL` of a running origin that serves the build after"},
			&cli.BoolFlag{Name: "regional", Usage: "your builds are behind a regional cache, too"},
			&cli.IntFlag{Name: "locations", Value: 1, Usage: "`N` edge locations before your builds, 1 to 3"},
			&cli.DurationFlag{Name: "tab-life", Value: figures.DefaultTabLife, Usage: "how long a page stays open in a tab: a `TIME` such as 90m or 24h, ten years at most"},
			&cli.StringSliceFlag{Name: "fail-on", Usage: "exit with 1 for these `CLASSES`: " + strings.ToLower(joined(violationClasses)) + ", sticky, unknown, any or none; default: sticky and unknown"},
			&cli.StringFlag{Name: "html", Usage: "write the report that opens in a browser to `FILE`; default staleproof-report.html in the folder for temporary files"},
			&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to `FILE`"},
			&cli.StringFlag{Name: "save-traces", Usage: "write each counterexample to a file in `DIR`, which is new or empty, for staleproof replay"},
			&cli.BoolFlag{Name: "json", Usage: "print everything as JSON instead of text"},
			&cli.BoolFlag{Name: "markdown", Usage: "print Markdown instead of text"},
			&cli.BoolFlag{Name: "no-color", Usage: "no colours"},
		}, slices.Concat(worldFlags(), placeFlags())...),
		Action: runProve,
	}
}

func runProve(c *cli.Context) error {
	q, err := readQuestion(c)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context)
	defer stop()
	if err := q.checkFiles(c.String("save-traces")); err != nil {
		return err
	}
	bar := newProgress(c.App.ErrWriter, q.cells())
	rep := report.Report{Title: q.title, About: q.about, Grids: q.prove(ctx, bar.show)}
	bar.end()
	q.addFigures(&rep)
	if err := q.print(c.App.Writer, rep); err != nil {
		return err
	}
	if err := q.write(c.App.Writer, c.App.ErrWriter, rep); err != nil {
		return err
	}
	if err := q.save(c.App.Writer, c.String("save-traces"), rep.Grids); err != nil {
		return err
	}
	if ctx.Err() != nil {
		fmt.Fprintln(c.App.ErrWriter, "staleproof: stopped: what is unknown above was not looked at")
		return ErrRefuted
	}
	if err := summarise(func(w io.Writer) error { return report.Markdown(w, rep) }); err != nil {
		return err
	}
	return q.judge(c.App.ErrWriter, rep.Grids)
}

// checkFiles says whether what is asked for can be written, before anything is proved.
func (q *question) checkFiles(traces string) error {
	if q.html != defaultReport() {
		if err := checkFile("html", q.html); err != nil {
			return err
		}
	}
	if err := checkFile("junit", q.junit); err != nil {
		return err
	}
	return checkTracesDir(traces)
}

// question is what is to be proved, and how to say it.
type question struct {
	title, about string
	deploy       prove.Deploy
	cdn          prove.CDN
	strategies   []prove.Strategy
	modes        []prove.Mode
	demo         bool
	known        bool // of the built-in site: the picture is known
	bounds       prove.Bounds
	own          *own  // builds of one's own; nil: the built-in site
	jobs         []job // of own
	failing      failing
	failOn       bool // it was asked for
	tabLife      time.Duration

	preface string // printed before the table
	format  string // "", "json" or "markdown"
	html    string // file; "": none
	junit   string // file; "": none
	plain   bool   // no colours
}

func (q *question) cells() int {
	if q.own != nil {
		return q.own.cells(q.jobs, q.modes)
	}
	return len(q.strategies) * len(q.modes)
}

// prove is a grid for each release.
func (q *question) prove(ctx context.Context, progress func(done int, p prove.Progress)) []prove.Grid {
	if q.own != nil {
		return q.own.prove(ctx, q.jobs, q.modes, progress)
	}
	return []prove.Grid{proveGrid(ctx, q, progress)}
}

func readQuestion(c *cli.Context) (*question, error) {
	dirs, err := folders(c)
	if err != nil {
		return nil, err
	}
	q := &question{modes: prove.Modes(), strategies: prove.Strategies(), plain: c.Bool("no-color"), junit: c.String("junit")}
	switch query := c.String("query"); query {
	case "all":
		q.cdn = prove.K(1)
		q.cdn.Name = "with query strings in the cache key"
	case "none":
		q.cdn = prove.K(3)
		q.cdn.Name = "with query strings left out of the cache key"
	default:
		return nil, usagef("--query none, or --query all", "--query %s is neither none nor all", query)
	}
	if err := q.readWorld(c); err != nil {
		return nil, err
	}
	if err := q.readColumn(c); err != nil {
		return nil, err
	}
	q.cdn.Origin.Outages = c.Int("outages")
	q.encode()
	if c.Bool("json") && c.Bool("markdown") {
		return nil, usagef("run it twice, once with each", "--json and --markdown both want the standard output")
	}
	switch {
	case c.Bool("json"):
		q.format = "json"
	case c.Bool("markdown"):
		q.format = "markdown"
	}
	if q.failing, err = readFailing(c.StringSlice("fail-on")); err != nil {
		return nil, err
	}
	q.failOn = c.IsSet("fail-on")
	if err := q.readSite(c, dirs); err != nil {
		return nil, err
	}
	if q.html = c.String("html"); q.html == "" && q.format == "" {
		q.html = defaultReport()
	}
	return q, q.filter(textsOf(c, "strategy"), textsOf(c, "mode"), c.Bool("more-modes"))
}

// ownOnly are flags that say something about builds of one's own.
var ownOnly = []string{"config", "parameter", "imports", "header", "before-url", "after-url", "regional", "locations", "base", "host", "strip", "pairs"}

// readSite takes the built-in site, or the builds given.
func (q *question) readSite(c *cli.Context, dirs []string) (err error) {
	if q.tabLife, err = figures.TabLife(c.Duration("tab-life")); err != nil {
		return usage{fmt.Errorf("--tab-life: %w", err), "--tab-life 24h"}
	}
	if len(dirs) > 0 {
		if c.IsSet("cdn") {
			return usagef("--config FILE describes the one before your builds", "--cdn is about the built-in site")
		}
		return q.readOwn(c, dirs)
	}
	for _, name := range ownOnly {
		if c.IsSet(name) {
			return usagef("--before DIR --after DIR", "--%s is about builds of your own, and none are given", name)
		}
	}
	return q.readDemo()
}

func (q *question) readDemo() error {
	builds, err := site.Demo(site.Plain, site.InnerRewritten)
	if err != nil {
		return err
	}
	s, files, err := scenarios.Slice(builds[0], builds[1])
	if err != nil {
		return err
	}
	q.demo, q.deploy.Site = true, s
	q.deploy.Site.Copies = q.copies()
	q.about = fmt.Sprintf("The built-in site, release 1 to release 2, on two servers. %s stand for its pages, assets, and assets of assets; all three change. %s%s",
		strings.Join(files, ", "), q.caching(), q.visitorsTold())
	return nil
}

func (q *question) caching() string {
	if strings.HasPrefix(q.cdn.Name, "K") {
		return "CDN " + q.cdn.Name + "."
	}
	return "The CDN keeps assets for a year and pages not at all, " + q.cdn.Name + "."
}

// filter leaves the strategies and modes whose names contain one of the texts.
func (q *question) filter(strategies, modes []string, more bool) (err error) {
	every := q.allModes()
	q.modes = matchingModes(every, modes, more)
	if q.own != nil {
		if q.jobs, err = q.own.jobs(strategies); err != nil {
			return err
		}
	}
	q.strategies = matching(q.strategies, strategies, func(s prove.Strategy) string { return s.Name })
	switch {
	case q.own == nil && len(q.strategies) == 0:
		return usagef("one of: "+strings.Join(namesOf(prove.Strategies(), func(s prove.Strategy) string { return s.Name }), "; "),
			"no strategy is called like %s", strings.Join(strategies, " or "))
	case len(q.modes) == 0:
		return usagef("one of: "+strings.Join(namesOf(every, func(m prove.Mode) string { return m.Name }), "; "),
			"no way to deploy is called like %s", strings.Join(modes, " or "))
	}
	return nil
}

// matchingModes are the modes whose names contain one of the texts; without any the
// common ones, or all.
func matchingModes(every []prove.Mode, texts []string, all bool) []prove.Mode {
	if len(texts) == 0 && !all {
		return slices.DeleteFunc(every, func(m prove.Mode) bool {
			return slices.ContainsFunc(prove.MoreModes(), func(x prove.Mode) bool { return x.Name == m.Name })
		})
	}
	return matching(every, texts, func(m prove.Mode) string { return m.Name })
}

func matching[T any](all []T, texts []string, name func(T) string) (chosen []T) {
	for _, v := range all {
		fits := len(texts) == 0
		for _, t := range texts {
			fits = fits || strings.Contains(strings.ToLower(name(v)), strings.ToLower(t))
		}
		if fits {
			chosen = append(chosen, v)
		}
	}
	return chosen
}

func namesOf[T any](all []T, name func(T) string) (out []string) {
	for _, v := range all {
		out = append(out, name(v))
	}
	return out
}

// judge is ErrRefuted unless the proof came out as it should: for the built-in
// site as the known picture, whose deviations are told; for a site of one's own, and
// whenever --fail-on is given, without what is to fail, which the table tells.
func (q *question) judge(w io.Writer, grids []prove.Grid) error {
	if !q.demo || q.failOn || !q.known {
		bad := q.failing.among(grids)
		if len(bad) == 0 {
			return nil
		}
		const most = 5
		count := "count"
		if len(bad) == 1 {
			count = "counts"
		}
		fmt.Fprintf(w, "staleproof: %s %s, see --fail-on:\n", plural(len(bad), "violation"), count)
		for i, text := range bad {
			if i == most {
				fmt.Fprintf(w, "  … and %d more\n", len(bad)-i)
				break
			}
			fmt.Fprintln(w, "  "+printable(text))
		}
		return ErrRefuted
	}
	wrong := demonstration(grids[0], q.strategies)
	for _, what := range wrong {
		fmt.Fprintln(w, "staleproof: "+what)
	}
	if len(wrong) > 0 {
		return ErrRefuted
	}
	return nil
}
