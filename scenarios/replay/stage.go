package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/scenarios/prove"
)

// patience is how long anything on a stage may take until it is called stuck. Nothing
// is waited for that does not send a signal.
const patience = 30 * time.Second

// stage is a real edge with all around it, on which a trace is played. How the parts
// reach each other, and who the visitors are, is the plumbing's matter.
type stage struct {
	story    *Story
	bodies   *bodies
	clock    *clock
	signals  *signals
	origin   *origin
	dist     *distribution.Distribution
	network  *proxy.Network
	proxy    *proxy.Edge // before the first edge, for who is behind one; nil: nobody is
	plumbing plumbing
	visitors map[string]visitor
	workers  map[string]*worker // by visitor

	manifests []map[string]string // of releases, which workers install; identities by URL
}

// plumbing is how a stage is put together.
type plumbing interface {
	// servers says where the origin is: at a URL, or in this process.
	servers(o *origin) (url string, transport http.RoundTripper, err error)
	// listen makes an edge reachable: a visitor or a proxy who asks there reaches it.
	listen(name string, e *proxy.Edge) error
	// reach is a way to the edge, "edge 2" or "proxy".
	reach(name string) http.RoundTripper
	// visitor is one more visitor, who asks at an edge.
	visitor(ctx context.Context, st *stage, name string, kind prove.Kind, at string) (visitor, error)
	close() error
}

// visitor asks for one thing after the other.
type visitor interface {
	// ask does what an event says that he, or his browser, asks for, and returns; the
	// answer is a signal.
	ask(ctx context.Context, e *prove.Event)
	close() error
}

// installer is a visitor whose browser has a service worker of its own, if his kind has
// one: nothing of it is made up beside him.
type installer interface{ installs() bool }

// backer is a visitor for whom coming back to a page is something to do.
type backer interface {
	back(ctx context.Context) error
}

func newStage(s *Story, p plumbing) (*stage, error) {
	builds, err := s.Deploy.Files()
	if err != nil {
		return nil, err
	}
	manifests, err := s.Deploy.Manifests()
	if err != nil {
		return nil, err
	}
	servers, err := prove.NewServers(s.Deploy)
	if err != nil {
		return nil, err
	}
	st := &stage{story: s, bodies: newBodies(s, builds), clock: newClock(), signals: newSignals(), plumbing: p, visitors: map[string]visitor{}, workers: map[string]*worker{}, manifests: manifests}
	st.origin = &origin{bodies: st.bodies, now: st.clock.now, signals: st.signals, servers: servers, count: cmp.Or(s.Deploy.Servers, 2)}
	if err := st.build(); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

func (st *stage) build() error {
	url, transport, err := st.plumbing.servers(st.origin)
	if err != nil {
		return err
	}
	if st.dist, err = distributionOf(url, st.story.Deploy.CDN.Behaviors); err != nil {
		return err
	}
	cdn := &st.story.Deploy.CDN
	if st.network, err = proxy.NewNetwork(st.config(st.dist, transport), max(1, cdn.Locations), cdn.Regional); err != nil {
		return err
	}
	for i, e := range st.network.POPs {
		name := "edge"
		if len(st.network.POPs) > 1 {
			name = fmt.Sprintf("edge %d", i+1)
		}
		if err := st.plumbing.listen(name, e); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(st.story.Trace.Events, func(e prove.Event) bool { return e.Visitor == prove.BehindProxy }) {
		return nil
	}
	return st.addProxy()
}

// addProxy puts a shared cache before the edge: an edge, too, with other terms.
func (st *stage) addProxy() error {
	if len(st.network.POPs) > 1 {
		return inexpressible("visitors behind proxies at several edge locations")
	}
	terms, err := st.story.Deploy.ProxyTerms()
	if err != nil {
		return err
	}
	d, err := distributionOf("http://site", []prove.Behavior{{Pattern: "*", Terms: terms}})
	if err != nil {
		return err
	}
	if st.proxy, err = proxy.New(st.config(d, st.plumbing.reach("edge"))); err != nil {
		return err
	}
	return st.plumbing.listen("proxy", st.proxy)
}

func (st *stage) config(d *distribution.Distribution, origin http.RoundTripper) proxy.Config {
	c := proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: st.memory(), Seed: "replay", Now: st.clock.now,
		Observe: func(e proxy.Event) {
			switch e.Kind {
			case proxy.Joined:
				st.signals.send(signal{kind: joined})
			case proxy.Kept, proxy.Refused:
				st.signals.send(signal{kind: kept})
			}
		},
	}
	if origin != nil {
		c.Origins = map[string]http.RoundTripper{d.Origins[0].ID: origin}
	}
	return c
}

// memory is enough for whatever an edge may hold of a story: each file in a few variants.
func (st *stage) memory() int64 {
	const made = 8 << 20
	if st.story.own == nil {
		return made
	}
	return made + 16*st.story.own.bytes
}

// distributionOf has a deploy's cache behaviors and one origin.
func distributionOf(url string, behaviors []prove.Behavior) (*distribution.Distribution, error) {
	d, err := distribution.Simple(url, cachepolicy.Selection{})
	if err != nil {
		return nil, err
	}
	base := d.Behaviors[0]
	d.Behaviors = nil
	for _, b := range behaviors {
		base.PathPattern, base.Terms, base.Compress = b.Pattern, b.Terms, b.Compress
		d.Behaviors = append(d.Behaviors, base)
	}
	return d, nil
}

// edges are the tiers that an invalidation or an eviction names. [prove.Step]
func (st *stage) edges(tier string) []*proxy.Edge {
	var n int
	switch _, err := fmt.Sscanf(tier, "edge %d", &n); {
	case tier == "edge":
		return st.network.POPs
	case err == nil && n >= 1 && n <= len(st.network.POPs):
		return st.network.POPs[n-1 : n]
	case tier == "regional" && st.network.Regional != nil:
		return []*proxy.Edge{st.network.Regional}
	case tier == "proxy" && st.proxy != nil:
		return []*proxy.Edge{st.proxy}
	}
	return nil
}

// forget drops what an edge has under a key of a trace, which names its site otherwise.
func forget(edge *proxy.Edge, key string) {
	_, want, _ := strings.Cut(key, " ")
	for _, s := range edge.Stored() {
		if _, have, _ := strings.Cut(s.Key, " "); have == want {
			edge.ForgetKey(s.Key)
		}
	}
}

// do plays one event and says what visitors were answered during it.
func (st *stage) do(ctx context.Context, e *prove.Event) ([]Answer, error) {
	switch e.Kind {
	case prove.Deployed, prove.Invalidated:
		return nil, st.step(e)
	case prove.Failed, prove.Recovered:
		st.origin.fail(e.Server, e.Kind == prove.Failed)
		return nil, nil
	case prove.Stopped:
		return nil, nil
	case prove.Restored: // who comes back asks nobody
		if v, ok := st.visitors[e.Actor].(backer); ok {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return nil, v.back(ctx)
		}
		return nil, nil
	case prove.Evicted:
		for _, edge := range st.edges(e.Tier) {
			forget(edge, e.Key)
		}
		return nil, nil
	case prove.Advanced:
		st.clock.advance(time.Duration(e.Seconds) * time.Second)
		return nil, nil
	case prove.Landed:
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		got, err := st.land(ctx, e)
		if err == nil {
			st.installed(e, got)
		}
		return got, err
	case prove.WorkerChecked, prove.WorkerFetched:
		return st.install(ctx, e)
	}
	if got, served, err := st.serve(ctx, e); served || err != nil {
		return got, err
	}
	return st.ask(ctx, e)
}

// step does a step of the deploy.
func (st *stage) step(e *prove.Event) error {
	if err := st.origin.do(e.Step); err != nil {
		return err
	}
	i := slices.IndexFunc(st.story.Deploy.Mode.Steps, func(s prove.Step) bool { return s.Name == e.Step })
	switch s := &st.story.Deploy.Mode.Steps[i]; {
	case s.Do == prove.Wait:
		st.clock.advance(s.For)
	case s.Do == prove.Invalidate && s.Tier == "":
		_, _, err := st.network.Invalidate(st.dist.ID, e.Items...)
		return err
	case s.Do == prove.Invalidate:
		for _, edge := range st.edges(s.Tier) {
			if _, _, err := edge.Invalidate(st.dist.ID, e.Items...); err != nil {
				return err
			}
		}
	}
	return nil
}

// close lets all that is held go, and ends everything.
func (st *stage) close() error {
	st.origin.releaseAll()
	var errs []error
	for _, v := range st.visitors {
		errs = append(errs, v.close())
	}
	errs = append(errs, st.plumbing.close())
	if st.proxy != nil {
		errs = append(errs, st.proxy.Close())
	}
	if st.network != nil {
		errs = append(errs, st.network.Close())
	}
	return errors.Join(errs...)
}
