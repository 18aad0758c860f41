package command

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/scenarios"
	"staleproof/scenarios/prove"
)

// readDistribution reads the one distribution that files describe.
func readDistribution(files []string) (*distribution.Distribution, []distribution.Note, error) {
	var sources []distribution.Source
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, nil, usage{fmt.Errorf("read the configuration: %w", err), "--config wants a readable file"}
		}
		sources = append(sources, distribution.Source{Name: f, Data: b})
	}
	ds, notes, err := distribution.ReadSources(sources)
	if err != nil {
		return nil, nil, usage{err, ""} // it says what to do
	}
	if len(ds) != 1 {
		return nil, nil, usagef("give the file of one distribution, and those of the policies it refers to",
			"--config names %d distributions, and a site is proved behind one", len(ds))
	}
	return ds[0], notes, nil
}

// behaviors are those of a distribution as the prover has them, in order. A leading
// slash is implied in patterns. [PATH-03]
func behaviors(d *distribution.Distribution) []prove.Behavior {
	var out []prove.Behavior
	for _, b := range d.Behaviors {
		pattern := b.PathPattern
		if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") {
			pattern = "/" + pattern
		}
		out = append(out, prove.Behavior{Pattern: pattern, Terms: b.Terms})
	}
	return out
}

// pageForMissing reports whether a distribution answers a missing file with a page
// and status 200, as single-page applications ask for. The prover has it as if the
// origin did so, so that the page is kept as long as the asset would be and not for
// the error caching minimum TTL: it may say sticky of what ends sooner.
func pageForMissing(d *distribution.Distribution) bool {
	for _, e := range d.ErrorResponses {
		if (e.Code == http.StatusNotFound || e.Code == http.StatusForbidden) && e.Page != "" && e.Status == http.StatusOK {
			return true
		}
	}
	return false
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
		for j := range rows[i].Site.Builds {
			files := rows[i].Site.Builds[j].Files
			for k := range files {
				if files[k].Page && files[k].Path == "/" {
					files[k].Path, files[k].URL = "/"+root, "/"+root
				}
			}
		}
	}
}
