package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/scenarios/prove"
)

// columns say in words what is behind --cdn K1 to K7.
var columns = [...]string{
	"K1: the full URL as cache key, pages not cached, a 404 kept for 10 s",
	"K2: like K1, and pages cached for a day",
	"K3: like K1, with query strings left out of the cache key",
	"K4: like K1, seen by visitors who come back with a browser cache",
	"K5: like K2, and late fills dropped",
	"K6: like K1, and servers that verify versions",
	"K7: like K6, and a 404 that is not kept",
}

// worldFlags say who visits, what stands before the built-in site, and how far the
// explorer goes.
func worldFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cdn", Usage: "CDN before the built-in site: `K1` to K7, as docs/STRATEGIES.md has them; default: K1"},
		&cli.StringSliceFlag{Name: "visitors", Usage: "who visits, one to four `KINDS`: " + kindNames() + "; default: fresh, fresh"},
		&cli.StringSliceFlag{Name: "encodings", Usage: "what visitors take, one for each in turn: `br+gzip`, gzip, br or none; compressed copies (site.css.br beside site.css; built-in assets then have them) are given to who takes them, and deployed by themselves, too"},
		&cli.BoolFlag{Name: "more-modes", Usage: "deploys that the published matrix does not have, too"},
		&cli.BoolFlag{Name: "fail-anywhere", Usage: "let every deploy fail after any of its steps, too"},
		&cli.IntFlag{Name: "outages", Usage: "let a server stop working for a while and answer 503, `N` times at most, 0 to 8"},
		&cli.IntFlag{Name: "states", Value: 1_000_000, Usage: "`N` worlds that are explored at most for each deploy; what is open then is UNKNOWN"},
		&cli.IntFlag{Name: "memory", Value: 1024, Usage: "`MIB` of memory for the worlds of one deploy, 1 to 1048576; what is open then is UNKNOWN"},
	}
}

func kindNames() string {
	return strings.Join(namesOf(prove.Kinds(), func(k prove.Kind) string { return string(k) }), ", ")
}

// readWorld reads who visits, and the bounds.
func (q *question) readWorld(c *cli.Context) error {
	words := c.StringSlice("visitors")
	if len(words) > 4 {
		return usagef("--visitors fresh,returning", "--visitors: %d visitors, the prover takes 1 to 4", len(words))
	}
	for _, word := range words {
		k := prove.Kind(strings.ToLower(strings.TrimSpace(word)))
		if k == "crowd" {
			return usagef("--visitors fresh,fresh: what is PROVED holds for any number of visitors of the kinds that are named; REFUTED is shown by the few that suffice",
				"--visitors crowd names nobody whose browser is known")
		}
		if !slices.Contains(prove.Kinds(), k) {
			return usagef("one or more of "+kindNames(), "--visitors %s is no kind of visitor", word)
		}
		q.deploy.Visitors = append(q.deploy.Visitors, k)
	}
	if len(words) > 0 && !slices.ContainsFunc(q.deploy.Visitors, func(k prove.Kind) bool { return k != prove.Crawler }) {
		return usagef("--visitors crawler,fresh", "--visitors crawler: he is not judged, so somebody has to be beside him")
	}
	if err := q.readEncodings(c.StringSlice("encodings")); err != nil {
		return err
	}
	q.bounds = prove.Bounds{Prefixes: c.Bool("fail-anywhere"), States: c.Int("states"), Memory: int64(c.Int("memory")) << 20}
	if n := c.Int("states"); n < 1 {
		return usagef("--states 1000", "--states %d: want 1 or more", n)
	}
	if n := c.Int("memory"); n < 1 || n > 1<<20 {
		return usagef("--memory 1024", "--memory %d: want 1 to 1048576 MiB", n)
	}
	if n := c.Int("outages"); n < 0 || n > 8 {
		return usagef("--outages 1", "--outages %d: want 0 to 8", n)
	}
	q.known = !c.IsSet("outages") && len(words) == 0 && q.deploy.Takes == nil && !c.IsSet("cdn") && !q.bounds.Prefixes && !c.IsSet("states") && !c.IsSet("memory")
	return nil
}

// readColumn takes the CDN of a column of the published matrix.
func (q *question) readColumn(c *cli.Context) error {
	word := strings.ToUpper(c.String("cdn"))
	switch {
	case word == "":
		return nil
	case c.IsSet("query"):
		return usagef("--cdn K3 leaves query strings out of the key", "--query goes without --cdn")
	case len(word) != 2 || word[0] != 'K' || word[1] < '1' || word[1] > '7':
		return usagef("one of "+strings.Join(columns[:], "; "), "--cdn %s is none of K1 to K7", c.String("cdn"))
	}
	n := int(word[1] - '0')
	q.cdn = prove.K(n)
	q.cdn.Name = columns[n-1]
	if q.deploy.Visitors == nil {
		q.deploy.Visitors = prove.KVisitors(n)
	}
	return nil
}

// visitorsTold says who visits, when that was asked for.
func (q *question) visitorsTold() string {
	text := ""
	if q.deploy.Takes != nil {
		text = fmt.Sprintf(" They take, in turn: %s.", strings.Join(namesOf(q.deploy.Takes, encodingsTold), "; "))
	}
	if q.deploy.Visitors == nil {
		return text
	}
	return fmt.Sprintf(" Visitors: %s.", strings.Join(namesOf(q.deploy.Visitors, func(k prove.Kind) string { return string(k) }), ", ")) + text
}
