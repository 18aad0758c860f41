package command

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/scenarios/site"
)

// placeFlags say under which URLs builds of one's own are served.
func placeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "base", Value: "/", Usage: "URL `PATH` under which the folders are served"},
		&cli.StringSliceFlag{Name: "host", Usage: "host `NAME`, with port if any, that is this same site, as a CDN's is; may be repeated"},
		&cli.StringFlag{Name: "strip", Usage: "what servers take away from the beginning of a path below --base before they look for a file, as a `REGEXP`: 'version[0-9]+/'"},
	}
}

// readPlace reads under which URLs builds are served.
func readPlace(c *cli.Context) (site.Options, error) {
	o := site.Options{Base: c.String("base"), Hosts: c.StringSlice("host")}
	if !strings.HasPrefix(o.Base, "/") || strings.ContainsAny(o.Base, "?#") {
		return o, usagef("--base /static/", "--base %s: want a path that begins with /", o.Base)
	}
	for _, h := range o.Hosts {
		if h == "" || strings.ContainsAny(h, "/@ \t") {
			return o, usagef("--host cdn.example.com", "--host %q: want a name alone, without https:// and path", h)
		}
	}
	if text := c.String("strip"); text != "" {
		strip, err := regexp.Compile(text)
		if err != nil {
			return o, usage{fmt.Errorf("--strip: %w", err), "--strip 'version[0-9]+/'"}
		}
		o.Strip = strip
	}
	return o, nil
}
