package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/scenarios"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
	"staleproof/scenarios/site"
)

func proveCommand() *cli.Command {
	return &cli.Command{
		Name:  "prove",
		Usage: "say of each way to version assets, and each way to deploy them, whether it can show anyone the wrong files",
		Description: "With no flags: the built-in site, from its release 1 to its release 2, over two servers behind a CDN.\n" +
			"With --before and --after: your own site, as two folders that are published one after the other.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "before", Usage: "`DIR` with the build that is deployed now"},
			&cli.StringFlag{Name: "after", Usage: "`DIR` with the build that will be deployed"},
			&cli.StringSliceFlag{Name: "strategy", Usage: "only strategies whose name contains `TEXT`; may be repeated"},
			&cli.StringSliceFlag{Name: "mode", Usage: "only deploys whose name contains `TEXT`; may be repeated"},
			&cli.StringFlag{Name: "query", Value: "all", Usage: "query strings in the CDN's cache key: `none` or all"},
			&cli.StringFlag{Name: "html", Usage: "write the report that opens in a browser to `FILE`; default staleproof-report.html in the folder for temporary files"},
			&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to `FILE`"},
			&cli.BoolFlag{Name: "json", Usage: "print everything as JSON instead of text"},
			&cli.BoolFlag{Name: "markdown", Usage: "print Markdown instead of text"},
			&cli.BoolFlag{Name: "no-color", Usage: "no colours"},
		},
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
	bar := newProgress(c.App.ErrWriter, q.cells())
	grid := proveGrid(ctx, q, bar.show)
	bar.end()
	rep := report.Report{Title: q.title, About: q.about, Grids: []prove.Grid{grid}}
	if err := q.print(c.App.Writer, rep); err != nil {
		return err
	}
	if err := q.write(c.App.Writer, rep); err != nil {
		return err
	}
	if ctx.Err() != nil {
		fmt.Fprintln(c.App.ErrWriter, "staleproof: stopped: what is unknown above was not looked at")
		return ErrRefuted
	}
	return q.judge(c.App.ErrWriter, grid)
}

// question is what is to be proved, and how to say it.
type question struct {
	title, about string
	deploy       prove.Deploy
	cdn          prove.CDN
	strategies   []prove.Strategy
	modes        []prove.Mode
	demo         bool

	preface string // printed before the table
	format  string // "", "json" or "markdown"
	html    string // file; "": none
	junit   string // file; "": none
	plain   bool   // no colours
}

func (q *question) cells() int { return len(q.strategies) * len(q.modes) }

func readQuestion(c *cli.Context) (*question, error) {
	if err := noArguments(c); err != nil {
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
	if c.Bool("json") && c.Bool("markdown") {
		return nil, usagef("run it twice, once with each", "--json and --markdown both want the standard output")
	}
	switch {
	case c.Bool("json"):
		q.format = "json"
	case c.Bool("markdown"):
		q.format = "markdown"
	}
	if err := q.readSite(c.String("before"), c.String("after")); err != nil {
		return nil, err
	}
	if q.html = c.String("html"); q.html == "" && q.format == "" {
		q.html = defaultReport()
	}
	return q, q.filter(c.StringSlice("strategy"), c.StringSlice("mode"))
}

// readSite takes the built-in site, or the two builds given.
func (q *question) readSite(before, after string) error {
	switch {
	case before == "" && after == "":
		return q.readDemo()
	case before == "" || after == "":
		return usagef("--before DIR --after DIR", "a deploy needs two builds, and one is given")
	}
	return q.readBuilds(before, after)
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
	q.about = fmt.Sprintf("The built-in site, release 1 to release 2, on two servers. %s stand for its pages, assets, and assets of assets; all three change. %s",
		strings.Join(files, ", "), q.caching())
	return nil
}

func (q *question) caching() string {
	return "The CDN keeps assets for a year and pages not at all, " + q.cdn.Name + "."
}

// filter leaves the strategies and modes whose names contain one of the texts.
func (q *question) filter(strategies, modes []string) error {
	q.strategies = matching(q.strategies, strategies, func(s prove.Strategy) string { return s.Name })
	q.modes = matching(q.modes, modes, func(m prove.Mode) string { return m.Name })
	switch {
	case len(q.strategies) == 0:
		return usagef("one of: "+strings.Join(namesOf(prove.Strategies(), func(s prove.Strategy) string { return s.Name }), "; "),
			"no strategy is called like %s", strings.Join(strategies, " or "))
	case len(q.modes) == 0:
		return usagef("one of: "+strings.Join(namesOf(prove.Modes(), func(m prove.Mode) string { return m.Name }), "; "),
			"no way to deploy is called like %s", strings.Join(modes, " or "))
	}
	return nil
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
// site as the known picture, whose deviations are told; for a site of one's own
// without a wrong or missing file for anybody, which the table tells.
func (q *question) judge(w io.Writer, g prove.Grid) error {
	if !q.demo {
		if allProved(g) {
			return nil
		}
		return ErrRefuted
	}
	wrong := demonstration(g, q.strategies)
	for _, what := range wrong {
		fmt.Fprintln(w, "staleproof: "+what)
	}
	if len(wrong) > 0 {
		return ErrRefuted
	}
	return nil
}
