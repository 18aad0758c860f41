package command

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/gregjones/httpcache"
	"github.com/urfave/cli/v2"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/control"
	"staleproof/proxy/control/cloudfront"
	"staleproof/proxy/distribution"
	"staleproof/proxy/stack"
	"staleproof/proxy/state"
	"staleproof/proxy/store"
)

// Timeouts and limits of the control door. A connection that says nothing is
// closed after idleTimeout; a head has headTimeout to arrive. The viewers' own
// limits are those of front.Server.
const (
	headTimeout   = 10 * time.Second
	idleTimeout   = 60 * time.Second
	shutdownGrace = 30 * time.Second
)

// mostMemory is the most MiB that --memory can be: 1 TiB.
const mostMemory = 1 << 20

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:      "serve",
		Usage:     "put a local CloudFront in front of an origin",
		UsageText: "staleproof serve --origin http://localhost:8000\n   staleproof serve --origin ./dist\n   staleproof serve --config distribution.yaml --origin-map assets=./dist --watch",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "origin", Usage: "`URL` of the origin, or a directory, or s3://BUCKET; one distribution with the policy CachingOptimized"},
			&cli.StringSliceFlag{Name: "config", Usage: "`FILE` with distributions or policies: YAML, a CloudFormation template, terraform show -json, or what the AWS command line prints; or the folder cdk.out; may be repeated"},
			parameterFlag(), importsFlag(),
			&cli.StringFlag{Name: "query", Usage: "with --origin, query strings in the cache key: `none|all|allow:v,w|deny:x`", Value: "none"},
			&cli.StringFlag{Name: "listen", Usage: "`ADDRESS` for viewers", Value: "127.0.0.1:8080"},
			&cli.StringFlag{Name: "tls-listen", Usage: "`ADDRESS` for viewers over HTTPS, with HTTP/2"},
			&cli.StringFlag{Name: "cert", Usage: "`FILE` of the certificate for --tls-listen; default: one made for this run"},
			&cli.StringFlag{Name: "key", Usage: "`FILE` of its key"},
			&cli.StringFlag{Name: "control", Usage: "`ADDRESS` of the control door", Value: "127.0.0.1:9180"},
			controlHostFlag(), frontFlag(), viewerTimeoutFlag(),
			&cli.IntFlag{Name: "pops", Usage: fmt.Sprintf("`N` edge locations, 1 to %d, one chosen per request by the header %s", proxy.MaxPOPs, proxy.POPHeader), Value: 1},
			&cli.BoolFlag{Name: "regional", Usage: "a regional edge cache behind the edge locations"},
			&cli.StringSliceFlag{Name: "invalidation-delay", Usage: "how long an invalidation takes: `30s` for all, or regional=2s, FRA56-P1=5s for one tier or edge location; may be repeated"},
			&cli.StringFlag{Name: "store", Usage: "a shared or lasting store behind the memory: `disk:DIR|leveldb:DIR|redis://…|memcached://…`"},
			stateFlag(),
			&cli.Int64Flag{Name: "memory", Usage: fmt.Sprintf("`MIB` for stored responses, each edge location, 1 to %d", mostMemory), Value: 1024},
			&cli.StringFlag{Name: "access-log", Usage: "a line for each request to `FILE`; - is the standard output"},
			watchFlag(),
		}, originFlags()...),
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	if err := NoFlagsAfter(c); err != nil {
		return err
	}
	if c.NArg() > 0 {
		return Usagef("staleproof serve --origin "+c.Args().First(), "serve takes no arguments, but there is %q", c.Args().First())
	}
	places, err := readPlaces(c)
	if err != nil {
		return err
	}
	first := map[string][sha256.Size]byte{}
	read := func() ([]*distribution.Distribution, []distribution.Note, error) {
		ds, notes, err := distributions(c, places, first)
		if err == nil {
			err = places.apply(ds)
		}
		return ds, notes, err
	}
	ds, notes, err := read()
	if err == nil {
		err = places.used(c)
	}
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintf(c.App.ErrWriter, "staleproof: note: %s: %s\n", n.Path, n.Message)
	}
	if c.String("origin") != "" {
		read = nil // nothing to read again
	}
	s := &server{distributions: ds, read: read, places: places, clock: &proxy.Clock{}, out: c.App.Writer, errors: c.App.ErrWriter}
	keepHeadroom()
	if err := s.open(c); err != nil {
		return err
	}
	return s.run(c.Context)
}

// distributions reads what the flags name.
func distributions(c *cli.Context, places *places, first map[string][sha256.Size]byte) ([]*distribution.Distribution, []distribution.Note, error) {
	files, origin := c.StringSlice("config"), c.String("origin")
	switch {
	case origin == "" && len(files) == 0:
		return nil, nil, nil // what --state keeps, and what will be created
	case origin != "" && (c.IsSet("parameter") || c.IsSet("imports")):
		return nil, nil, Usagef("staleproof serve --config template.yaml --parameter NAME=VALUE", "--parameter and --imports go with --config only")
	case origin != "" && len(files) > 0:
		return nil, nil, Usagef("name the origin in the file, or leave --config out", "--origin and --config exclude each other")
	case origin != "":
		query, err := parseQuery(c.String("query"))
		if err != nil {
			return nil, nil, err
		}
		d, err := places.simple(origin, query)
		if err != nil {
			return nil, nil, err
		}
		return []*distribution.Distribution{d}, nil, nil
	case c.IsSet("query"):
		return nil, nil, Usagef("write queryStrings into the cache policy of the file", "--query goes with --origin only")
	}
	return readAgain(c, files, first)
}

// parseQuery reads --query.
func parseQuery(s string) (cachepolicy.Selection, error) {
	mode, names, named := strings.Cut(s, ":")
	list := strings.Split(names, ",")
	switch {
	case s == "none":
		return cachepolicy.Selection{}, nil
	case s == "all":
		return cachepolicy.Selection{Mode: cachepolicy.All}, nil
	case mode == "allow" && named && names != "":
		return cachepolicy.Selection{Mode: cachepolicy.Only, Names: list}, nil
	case mode == "deny" && named && names != "":
		return cachepolicy.Selection{Mode: cachepolicy.AllBut, Names: list}, nil
	}
	return cachepolicy.Selection{}, Usagef("--query none, --query all, --query allow:v,w or --query deny:utm_source", "--query %s is none of its forms", s)
}

// parseDelays reads --invalidation-delay: the delay of all, and those of single
// tiers and edge locations.
func parseDelays(words []string) (all time.Duration, single map[string]time.Duration, err error) {
	single = map[string]time.Duration{}
	for _, word := range words {
		name, value, named := strings.Cut(word, "=")
		if !named {
			value = word
		}
		d, err := distribution.ParseDuration(value)
		if err != nil {
			return 0, nil, Usagef("--invalidation-delay 5s, or --invalidation-delay regional=2s", "--invalidation-delay %s: %q is no duration", word, value)
		}
		if named {
			single[name] = d
		} else {
			all = d
		}
	}
	return all, single, nil
}

// server is a network with its two listeners.
type server struct {
	distributions []*distribution.Distribution
	read          func() ([]*distribution.Distribution, []distribution.Note, error) // again; nil: nothing to read
	places        *places
	watched       *watchList // nil: not watched
	clock         *proxy.Clock
	out, errors   io.Writer

	state   *state.Dir      // what --state names; nil: none
	behind  httpcache.Cache // what --store opened; nil: none
	network *proxy.Network
	api     *cloudfront.API // CloudFront's own
	viewers net.Listener
	secure  net.Listener // over HTTPS; nil: none
	tls     *tls.Config
	control net.Listener
	door    doorParts
	netHTTP bool // reads the viewers' requests
	timeouts
	log *accessLog
}

// readFlags reads what is looked at before anything is opened or made.
func (s *server) readFlags(c *cli.Context) (config proxy.Config, err error) {
	config = proxy.Config{
		Distributions: s.distributions, AnyHost: true, Now: s.clock.Now, Dir: bodiesDir(storeSpec(c)),
		MemoryBytes: c.Int64("memory") << 20, Open: s.places.open,
	}
	if n := c.Int64("memory"); n < 1 || n > mostMemory {
		return config, Usagef("--memory 1024", "--memory %d: want 1 to %d MiB", n, mostMemory)
	}
	if config.InvalidationDelay, config.InvalidationDelays, err = parseDelays(c.StringSlice("invalidation-delay")); err != nil {
		return config, err
	}
	if s.netHTTP, err = parseFront(c.String("front")); err != nil {
		return config, err
	}
	if s.timeouts, err = parseTimeouts(c.StringSlice("viewer-timeout")); err != nil {
		return config, err
	}
	s.door.hosts, err = parseControlHosts(c.StringSlice("control-host"))
	return config, err
}

// open opens everything that can fail, so that nothing is served by halves.
func (s *server) open(c *cli.Context) error {
	config, err := s.readFlags(c)
	if err != nil {
		return err
	}
	if s.state, err = openState(c); err != nil {
		return err
	}
	if spec := storeSpec(c); spec != "" {
		if s.behind, err = store.Open(spec); err != nil {
			return badStore(c, err)
		}
	}
	if s.log, err = openAccessLog(c.String("access-log"), c.App.Writer, s.logLost); err != nil {
		return Usagef("--access-log wants a file that can be written, or - for the standard output", "%w", err)
	}
	config.Store, config.Warn = s.behind, s.warn
	s.door.join(&config)
	if s.log != nil {
		config.Observe = s.log.observe
	}
	if s.network, err = proxy.NewNetwork(config, c.Int("pops"), c.Bool("regional")); err != nil {
		return Usagef("staleproof serve --help says what --pops, --regional and --invalidation-delay take", "%w", err)
	}
	if s.watched, err = watchConfig(c); err == nil {
		err = s.cloudFront()
	}
	if err == nil {
		err = s.listen(c)
	}
	if err != nil {
		s.watched.close()
		s.closeListeners()
		s.network.Close()
		return err
	}
	return nil
}

// warn says a hazard aloud, or a failure that no request has caused.
func (s *server) warn(ev proxy.Event) {
	if ev.URL == "" {
		fmt.Fprintf(s.errors, "staleproof: warning: %s\n", ev.Detail)
		return
	}
	fmt.Fprintf(s.errors, "staleproof: warning: %s: %s [%s]\n", ev.URL, ev.Detail, ev.Row)
}

// logLost says aloud that the access log has not all lines.
func (s *server) logLost(err error) {
	fmt.Fprintf(s.errors, "staleproof: warning: lines of the access log are lost: %v\n", err)
}

func (s *server) listen(c *cli.Context) (err error) {
	if s.viewers, err = listen("listen", c.String("listen")); err != nil {
		return err
	}
	if address := c.String("tls-listen"); address != "" {
		if s.tls, err = tlsConfig(c.String("cert"), c.String("key"), s.distributions); err != nil {
			return err
		}
		if s.secure, err = listen("tls-listen", address); err != nil {
			return err
		}
	} else if c.IsSet("cert") || c.IsSet("key") {
		return Usagef("--tls-listen 127.0.0.1:8443", "--cert and --key go with --tls-listen")
	}
	s.control, err = listenControl(c.String("control"))
	return err
}

func (s *server) closeListeners() {
	for _, l := range []net.Listener{s.viewers, s.secure, s.control} {
		if l != nil {
			l.Close()
		}
	}
}

func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, Usagef("--"+flag+" 127.0.0.1:0 takes any free port", "--%s %s: another program listens there already", flag, address)
	case err != nil:
		return nil, Usagef("--"+flag+" wants host:port, such as 127.0.0.1:8080", "--%s: %w", flag, err)
	}
	return l, nil
}

// run serves until a signal or a failure, then lets requests in flight finish.
func (s *server) run(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	door := &control.Door{Network: s.network, Clock: s.clock, CloudFront: s.api}
	viewers := s.front()
	tests := s.door.server(door)
	servers := []interface{ Shutdown(context.Context) error }{viewers, tests}
	failed := make(chan error, 3)
	// Each has the stack that it takes to accept a connection.
	go func() { stack.Reserve4K(); failed <- viewers.Serve(s.viewers) }()
	if s.secure != nil {
		go func() { stack.Reserve4K(); failed <- viewers.ServeTLS(s.secure, s.tls) }()
	}
	go func() { stack.Reserve4K(); failed <- tests.Serve(s.control) }()
	s.announce()
	unfollow := s.follow()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		stop() // a second signal ends at once
		fmt.Fprintln(s.out, "stopping: requests in flight finish first; once more to stop at once")
	}
	unfollow() // before there is nothing that could serve what is read
	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	for _, srv := range servers {
		if e := srv.Shutdown(grace); e != nil && err == nil {
			err = fmt.Errorf("requests in flight did not finish within %s", shutdownGrace)
		}
	}
	if e := s.network.Close(); e != nil && err == nil {
		err = e
	}
	if s.behind != nil {
		if e := store.CloseCache(s.behind); e != nil && err == nil {
			err = e
		}
	}
	if s.state != nil {
		if e := s.state.Close(); e != nil && err == nil {
			err = e
		}
	}
	if e := s.log.Close(); e != nil && err == nil {
		err = e
	}
	return err
}

// bodiesDir is where bodies too large for the store behind are kept: beside what it
// keeps in a directory of its own, else nowhere that lasts.
func bodiesDir(spec string) string {
	for _, kind := range []string{"disk:", "leveldb:"} {
		if dir, ok := strings.CutPrefix(spec, kind); ok {
			return strings.TrimSuffix(dir, "/") + "-bodies"
		}
	}
	return ""
}

// announce prints what is served, where, with which behaviors.
func (s *server) announce() {
	fmt.Fprintf(s.out, "listening on http://%s\n", s.viewers.Addr())
	if s.secure != nil {
		fmt.Fprintf(s.out, "listening on https://%s\n", s.secure.Addr())
	}
	announceControl(s.out, s.control.Addr())
	if ds := s.network.Distributions(); len(ds) > 0 {
		s.table(ds)
	} else {
		fmt.Fprintf(s.out, "no distribution yet: start with --origin http://localhost:8000, or create one through CloudFront's API\n"+
			"  aws --endpoint-url http://%s cloudfront create-distribution --origin-domain-name …\n", s.control.Addr())
	}
	if n := len(s.network.POPs); n > 1 || s.network.Regional != nil {
		var names []string
		for _, e := range s.network.POPs {
			names = append(names, e.POP())
		}
		tier := ""
		if s.network.Regional != nil {
			tier = ", a regional edge cache behind"
		}
		fmt.Fprintf(s.out, "\nedge locations: %s (choose with the header %s: 1 to %d)%s\n", strings.Join(names, " "), proxy.POPHeader, n, tier)
	}
}

// table prints behaviors and where origins are.
func (s *server) table(ds []*distribution.Distribution) {
	tw := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "DISTRIBUTION\tHOSTS\tPATH PATTERN\tORIGIN\tCACHE POLICY\tQUERY STRINGS IN KEY\tTTL MIN/DEFAULT/MAX")
	for _, d := range ds {
		hosts := strings.Join(append([]string{d.Domain}, d.Aliases...), " ")
		if len(ds) == 1 {
			hosts = "any"
		}
		for i := range d.Behaviors {
			b := &d.Behaviors[i]
			p := &b.Terms.Policy
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, hosts, b.PathPattern, originText(d, b.TargetOriginID),
				proxy.PolicyName(&b.Terms), selectionText(p.QueryStrings), ttlText(p))
		}
	}
	tw.Flush()
	for _, line := range s.places.lines() {
		fmt.Fprintln(s.out, line)
	}
}

func originText(d *distribution.Distribution, id string) string {
	o := d.Origin(id)
	switch {
	case o == nil:
		return id
	case o.URL != "":
		return o.URL
	}
	return o.Domain + o.Path
}

func selectionText(s cachepolicy.Selection) string {
	switch s.Mode {
	case cachepolicy.Only:
		return strings.Join(s.Names, ",")
	case cachepolicy.AllBut:
		return "all but " + strings.Join(s.Names, ",")
	}
	return s.Mode.String()
}

func ttlText(p *cachepolicy.Policy) string {
	if p.Disabled() {
		return "caching disabled"
	}
	return distribution.FormatDuration(p.MinTTL) + "/" + distribution.FormatDuration(p.DefaultTTL) + "/" + distribution.FormatDuration(p.MaxTTL)
}
