package command

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/cachepolicy"
	"staleproof/proxy/bucket"
	"staleproof/proxy/distribution"
	"staleproof/proxy/headers"
	"staleproof/proxy/origin"
)

// originFlags say where origins are really reached. docs/ORIGINS.md
func originFlags() []cli.Flag {
	return []cli.Flag{
		textsFlag("origin-map", "`ID=WHERE` sends an origin, by its id or its domain name, somewhere else: to a URL, to a directory, which answers as an S3 bucket does, or to s3://BUCKET at --s3-endpoint; may be repeated"),
		textsFlag("header", "a header of the objects in directories, `'PATTERN: NAME: VALUE'`, as in '*.html: Cache-Control: no-cache'; may be repeated, the last that matches counts; a file _headers in a directory is read, too"),
		&cli.StringFlag{Name: "website", Usage: "directories answer as S3's website endpoint does, with these documents: `INDEX[,ERROR]`, as in index.html,404.html; default: only for origins whose domain is one"},
		&cli.BoolFlag{Name: "list-bucket", Usage: "the permission s3:ListBucket for directories: a missing file is 404 and not 403"},
		&cli.StringFlag{Name: "s3-endpoint", Usage: "`URL` of the store that has s3://BUCKET; credentials are taken from AWS_ACCESS_KEY_ID and the like, without them requests are not signed", EnvVars: []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}},
	}
}

// place is where an origin is really reached.
type place struct {
	text string // as it was written
	url  string // over the network: scheme://host:port
	// door is in the place of the network; nil: url.
	door func(distribution.Origin) (http.RoundTripper, error)
	dir  bool // a directory is
}

// places are those of origins, by id or by domain name. They are worked out once and stay when the
// configuration is read again.
type places struct {
	byName  map[string]place
	website *bucket.Website
	list    bool
	rules   headers.Rules
	store   string // the endpoint of s3://; "": none
	errors  io.Writer
}

// of is the place of an origin: its id counts more than its domain name.
func (p *places) of(o *distribution.Origin) (place, bool) {
	if at, ok := p.byName[o.ID]; ok {
		return at, true
	}
	at, ok := p.byName[o.Domain]
	return at, ok
}

// readPlaces reads --origin-map and what goes with it.
func readPlaces(c *cli.Context) (*places, error) {
	p := &places{byName: map[string]place{}, list: c.Bool("list-bucket"), store: c.String("s3-endpoint"), errors: c.App.ErrWriter}
	for _, text := range textsOf(c, "header") {
		rule, err := headers.ParseRule(text)
		if err == nil && !bucket.Keeps(rule.Set[0].Name) {
			err = fmt.Errorf("%q: S3 keeps no header %s with an object; CloudFront sets it with a response headers policy", text, rule.Set[0].Name)
		}
		if err != nil {
			return nil, Usagef("--header '*.html: Cache-Control: no-cache'", "--header %w", err)
		}
		p.rules = append(p.rules, rule)
	}
	if text := c.String("website"); text != "" {
		index, page, _ := strings.Cut(text, ",")
		if index == "" || strings.Contains(index, "/") || strings.Contains(page, ",") {
			return nil, Usagef("--website index.html,404.html", "--website %s: the name of the index document, and perhaps the key of the error document", text)
		}
		p.website = &bucket.Website{Index: index, Error: strings.TrimPrefix(page, "/")}
	}
	for _, text := range textsOf(c, "origin-map") {
		id, where, ok := strings.Cut(text, "=")
		if !ok || id == "" || where == "" {
			return nil, Usagef("--origin-map web=http://localhost:3000, or --origin-map assets=./dist", "--origin-map %s is not ID=WHERE", text)
		}
		if _, twice := p.byName[id]; twice {
			return nil, Usagef("", "--origin-map: %s is sent to two places", id)
		}
		at, err := p.find(where)
		if err != nil {
			return nil, misplaced("--origin-map "+text, err, "--origin-map ID=http://localhost:3000, ID=./dist or ID=s3://bucket")
		}
		p.byName[id] = at
	}
	return p, nil
}

// used refuses what is said about directories where there is none.
func (p *places) used(c *cli.Context) error {
	for _, at := range p.byName {
		if at.dir {
			return nil
		}
	}
	for _, flag := range []string{"header", "website", "list-bucket"} {
		if c.IsSet(flag) {
			return Usagef("--origin ./dist, or --origin-map ID=./dist", "--%s is about directories, and no origin is one", flag)
		}
	}
	return nil
}

// isPort reports whether s is the port of a URL; it may have none.
func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n >= 1 && n <= 65535
}

// misplaced is a mistake in a flag, with a hint unless the mistake has its own.
func misplaced(flag string, err error, hint string) error {
	var hinted usage
	if errors.As(err, &hinted) && hinted.hint != "" {
		hint = hinted.hint
	}
	return Usagef(hint, "%s: %w", flag, err)
}

// find tells what a place is.
func (p *places) find(where string) (place, error) {
	if strings.HasPrefix(where, "s3://") {
		store, err := readObjectStore(p.store)
		if err != nil {
			return place{}, err
		}
		door, err := store.door(where)
		return place{text: where, door: door}, err
	}
	if strings.Contains(where, "://") {
		u, err := url.Parse(where)
		switch {
		case err != nil:
			return place{}, fmt.Errorf("%s is no URL", where)
		case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
			return place{}, fmt.Errorf("%s is neither http://HOST nor https://HOST nor s3://BUCKET", where)
		case !isPort(u.Port()):
			return place{}, fmt.Errorf("%s: port %s is not 1 to 65535", where, u.Port())
		case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "":
			return place{}, fmt.Errorf("%s is more than scheme, host and port; a path is the origin's own", where)
		}
		return place{text: where, url: u.Scheme + "://" + u.Host}, nil
	}
	b, err := bucket.Open(where, bucket.Options{Rules: p.rules, Note: p.note})
	if err != nil {
		return place{}, err
	}
	for _, name := range []string{".git", ".env"} { // [S3-38]
		if _, err := os.Lstat(filepath.Join(b.Dir(), name)); err == nil {
			p.note(where + " has " + name + ", which is served, as aws s3 sync would upload it")
		}
	}
	return place{text: where, dir: true, door: func(o distribution.Origin) (http.RoundTripper, error) {
		return p.endpoint(b, o), nil
	}}, nil
}

func (p *places) note(text string) { fmt.Fprintf(p.errors, "staleproof: note: %s\n", text) }

// endpoint is how an origin reaches a directory: as the endpoint that its domain
// names. One whose domain is no bucket's takes any Host.
func (p *places) endpoint(b *bucket.Bucket, o distribution.Origin) *bucket.Endpoint {
	e := &bucket.Endpoint{Bucket: b, Path: o.Path, List: p.list, Website: p.website}
	name, host, isBucket := strings.Cut(o.Domain, ".s3")
	if isBucket && strings.HasPrefix(host, "-website") && e.Website == nil {
		e.Website = &bucket.Website{}
	}
	if isBucket && strings.HasSuffix(host, ".amazonaws.com") || o.S3 {
		e.Name, e.Hosts = name, []string{o.Domain, name} // [S3-09], [S3-10]
	}
	return e
}

// open is [proxy.Config.Open].
func (p *places) open(o distribution.Origin) (http.RoundTripper, error) {
	at, ok := p.of(&o)
	switch {
	case !ok || o.URL == at.url && at.door == nil: // where its configuration says
		return nil, nil
	case at.door != nil:
		return at.door(o)
	}
	o.URL = at.url // it came by the control door
	return origin.New(o)
}

// apply sends the origins of distributions that were just read to their places. It
// is an error when there is a place for an origin that is none of theirs.
func (p *places) apply(ds []*distribution.Distribution) error {
	if len(ds) == 0 {
		return nil // they come by the control door
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for _, d := range ds {
		for i := range d.Origins {
			o := &d.Origins[i]
			ids[o.ID], names[o.ID], names[o.Domain] = true, true, true
			if at, ok := p.of(o); ok {
				o.URL = at.url
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.byName)) {
		if !names[id] {
			return Usagef("the origins are "+strings.Join(slices.Sorted(maps.Keys(ids)), ", "), "--origin-map: there is no origin %s", id)
		}
	}
	return nil
}

// simple is the distribution of --origin: a URL, a directory or s3://BUCKET.
func (p *places) simple(where string, query cachepolicy.Selection) (*distribution.Distribution, error) {
	const urlHint = "write the whole URL, --origin http://localhost:8000, or name a directory"
	if len(p.byName) > 0 {
		return nil, Usagef("--origin-map goes with --config", "--origin says where its one origin is")
	}
	isStore := strings.HasPrefix(where, "s3://")
	if _, err := os.Stat(where); !isStore && (strings.Contains(where, "://") || err != nil && !strings.HasPrefix(where, ".") && !filepath.IsAbs(where)) {
		d, err := distribution.Simple(where, query)
		if err != nil {
			return nil, Usagef(urlHint, "%w", err)
		}
		return d, nil
	}
	at, err := p.find(where)
	if err != nil {
		return nil, misplaced("--origin "+where, err, urlHint)
	}
	d, err := bucketDistribution(where, query)
	if err != nil {
		return nil, Usagef("", "--origin %s: %w", where, err)
	}
	p.byName[d.Origins[0].ID] = at
	return d, nil
}

// bucketDistribution is a distribution with one origin, a bucket's REST endpoint, and
// index.html as its default root object. Its identity is the place.
func bucketDistribution(where string, query cachepolicy.Selection) (*distribution.Distribution, error) {
	name := strings.TrimPrefix(where, "s3://")
	identity := where
	if !strings.HasPrefix(where, "s3://") {
		abs, err := filepath.Abs(where)
		if err != nil {
			return nil, err
		}
		name, identity = filepath.Base(abs), abs
	}
	d, err := distribution.Simple(fmt.Sprintf("http://%s.s3.us-east-1.amazonaws.com/%x", bucketName(name), sha256.Sum256([]byte(identity))), query)
	if err != nil {
		return nil, err
	}
	o := &d.Origins[0]
	o.URL, o.Path, o.S3 = "", "", true
	for i := range d.Behaviors {
		d.Behaviors[i].Terms.S3 = true
	}
	d.DefaultRootObject = "index.html" // as every such site has; S3 has none [S3-05]
	return d, nil
}

// bucketName makes a name that a bucket can have of another.
func bucketName(name string) string {
	name, _, _ = strings.Cut(name, "/")
	name = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-")
	if name == "" {
		return "bucket"
	}
	return name[:min(len(name), 63)]
}

// lines tell where origins are that are not where their configuration says.
func (p *places) lines() []string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(p.byName)) {
		at := p.byName[id]
		kind := ""
		if at.dir {
			kind = ", as an S3 bucket"
		}
		lines = append(lines, fmt.Sprintf("origin %s is at %s%s", id, at.text, kind))
	}
	return lines
}
