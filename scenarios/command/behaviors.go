package command

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/scenarios"
	"staleproof/scenarios/figures"
	"staleproof/scenarios/prove"
)

// readDistribution reads the one distribution that files describe.
func readDistribution(files []string, o distribution.Options) (*distribution.Distribution, []distribution.Note, error) {
	sources, err := distribution.Load(openFile, files...)
	if err != nil {
		return nil, nil, usage{fmt.Errorf("read the configuration: %w", err), unlessHinted(err, "--config wants readable files, or a folder that cdk synth wrote")}
	}
	ds, notes, err := o.ReadSources(sources)
	if err != nil {
		return nil, nil, usage{err, unlessHinted(err, "docs/configuration.md has every setting")}
	}
	if len(ds) != 1 {
		return nil, nil, usagef("give the file of one distribution, and those of the policies it refers to",
			"--config names %d distributions, and a site is proved behind one", len(ds))
	}
	return ds[0], notes, nil
}

// unlessHinted is a hint for mistakes that have none of their own.
func unlessHinted(err error, hint string) string {
	if strings.Contains(err.Error(), "hint: ") {
		return ""
	}
	return hint
}

// readOptions are what the flags say beside the files of a configuration.
func readOptions(c *cli.Context) (o distribution.Options, err error) {
	if p, ok := c.Generic("parameter").(*distribution.Parameters); ok {
		o.Parameters = *p
	}
	file := c.String("imports")
	if file == "" {
		return o, nil
	}
	sources, err := distribution.Load(openFile, file)
	if err == nil && len(sources) == 1 {
		o.Imports, err = distribution.ReadImports(sources[0])
	}
	if err != nil {
		return o, usage{fmt.Errorf("read the imports: %w", err), "--imports wants a file like {export-name: value}"}
	}
	return o, nil
}

func openFile(name string) (fs.File, error) { return os.Open(name) }

// behaviors are those of a distribution as the prover has them, in order. A leading
// slash is implied in patterns. [PATH-03]
func behaviors(d *distribution.Distribution) []prove.Behavior {
	var out []prove.Behavior
	for _, b := range d.Behaviors {
		pattern := b.PathPattern
		if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") {
			pattern = "/" + pattern
		}
		out = append(out, prove.Behavior{Pattern: pattern, Terms: b.Terms, Compress: b.Compress})
	}
	return out
}

// pageForMissing is how a distribution answers a missing file with a page and status
// 200, as single-page applications ask for; nil: it does not.
func pageForMissing(d *distribution.Distribution) *distribution.ErrorResponse {
	for i := range d.ErrorResponses {
		e := &d.ErrorResponses[i]
		if (e.Code == http.StatusNotFound || e.Code == http.StatusForbidden) && e.Page != "" && e.Status == http.StatusOK {
			return e
		}
	}
	return nil
}

// answerWithPage lets servers answer missing files with the page of an error response:
// the CDN keeps it for the error caching minimum TTL, as it would the error [ERR-04],
// and browsers what that page says. A minimum TTL of the cache policy that is longer
// counts here, and not in the CDN.
func (o *own) answerWithPage(e *distribution.ErrorResponse) {
	var browser time.Duration
	for i, b := range o.builds {
		if f, ok := b.Locate(e.Page); ok {
			control := asSent(o.control(i, f, f.URL))
			browser = max(browser, figures.BrowserLifetime(control))
		}
	}
	o.cdn.Origin.Fallback = true
	o.cdn.Origin.FallbackControl = fmt.Sprintf("max-age=%d, s-maxage=%d", int(browser.Seconds()), int(e.MinTTL.Seconds()))
}

// cdnFor is the CDN as the files of a row meet it. Without a configuration pages are
// not cached, unless it is known what is sent with them: then that decides.
func (o *own) cdnFor(r *scenarios.Row) prove.CDN {
	c := o.cdn
	if o.dist != nil {
		return c
	}
	assets := c.Behaviors[len(c.Behaviors)-1]
	if o.pagesKnown {
		c.Behaviors = []prove.Behavior{assets}
		return c
	}
	disabled := cachepolicy.Terms{Policy: cachepolicy.Policy{Name: "caching disabled"}}
	c.Behaviors = nil
	for _, b := range r.Site.Builds {
		for _, f := range b.Files {
			if f.Page && !hasPattern(c.Behaviors, f.Path) {
				c.Behaviors = append(c.Behaviors, prove.Behavior{Pattern: f.Path, Terms: disabled})
			}
		}
	}
	c.Behaviors = append(c.Behaviors, assets)
	return c
}

func hasPattern(list []prove.Behavior, pattern string) bool {
	for _, b := range list {
		if b.Pattern == pattern {
			return true
		}
	}
	return false
}

// terms are those for a path, as the prover chooses them.
func (o *own) terms(path string, page bool) *cachepolicy.Terms {
	list := o.cdn.Behaviors
	if o.dist == nil {
		if page && !o.pagesKnown {
			return &cachepolicy.Terms{Policy: cachepolicy.Policy{Name: "caching disabled"}}
		}
		return &list[len(list)-1].Terms
	}
	if root := o.dist.DefaultRootObject; path == "/" && root != "" {
		path = "/" + root // [ROOT-01]
	}
	return &o.dist.Behavior(path).Terms
}

// atRoot gives the page at / the name that the edge asks for instead. [ROOT-01]
func atRoot(rows []scenarios.Row, root string) {
	if root == "" {
		return
	}
	for i := range rows {
		rows[i].AtRoot(root)
	}
}
