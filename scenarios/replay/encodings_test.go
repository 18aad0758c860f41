package replay

import (
	"context"
	"slices"
	"strings"
	"testing"

	"staleproof/cachepolicy"
	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// copied has compressed copies of every asset.
func copied(codings ...string) prove.Site {
	s := prove.SampleSite()
	s.Copies = codings
	return s
}

// keyed has assets whose key has the encodings, as CachingOptimized does. [MCP-01]
func keyed(c prove.CDN) prove.CDN {
	p := &c.Behaviors[1].Terms.Policy
	p.Gzip, p.Brotli = true, true
	return c
}

// encodingsRow is a deploy whose visitors take encodings.
type encodingsRow struct {
	name     string
	deploy   prove.Deploy
	bounds   prove.Bounds
	strategy string
	mode     string
}

// encodingsRows are what befalls variants: copies of another release, variants that
// a key tells apart or does not, servers and edges that compress, proxies that keep to
// Vary and that cannot.
func encodingsRows() []encodingsRow {
	both := []prove.Encodings{"br,gzip", "gzip"}
	encodes := func(c prove.CDN, vary bool) prove.CDN {
		c.Origin.Encodes, c.Origin.NoVary = true, !vary
		return c
	}
	compress := func(c prove.CDN) prove.CDN {
		c.Behaviors[1].Compress = true
		return c
	}
	forwarded := func(c prove.CDN) prove.CDN {
		c.Behaviors[1].Terms.OriginRequest.Headers = cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"Accept-Encoding"}}
		return c
	}
	verbatim := func(c prove.CDN) prove.CDN {
		c.Behaviors[1].Terms.Policy.Headers = cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"Accept-Encoding"}}
		return c
	}
	regional := func(c prove.CDN) prove.CDN {
		c.Regional = true
		return c
	}
	proxied := []prove.Kind{prove.BehindProxy, prove.BehindProxy}
	return []encodingsRow{
		{name: "copies left behind", strategy: "?v everywhere", mode: "copies left behind", deploy: prove.Deploy{Site: copied("br"), CDN: keyed(prove.K(1)), Takes: both}},
		{name: "copies last", strategy: "?v everywhere", mode: "copies last", deploy: prove.Deploy{Site: copied("br", "gzip"), CDN: keyed(prove.K(1)), Takes: []prove.Encodings{"br", ""}}},
		{name: "copies last, one variant evicted", strategy: "plain", mode: "copies last", bounds: prove.Bounds{Evictions: 1}, deploy: prove.Deploy{Site: copied("br"), CDN: keyed(prove.K(2)), Takes: both}},
		{name: "copies last, invalidated, pages kept", strategy: "?v everywhere", mode: "copies last, invalidate", deploy: prove.Deploy{Site: copied("br"), CDN: keyed(prove.K(5)), Takes: both}},
		{name: "one who takes nothing", strategy: "?v everywhere", mode: "copies left behind", deploy: prove.Deploy{Site: copied("gzip"), CDN: keyed(prove.K(1)), Takes: []prove.Encodings{"gzip", ""}}},
		{name: "validators that an edge weakens", strategy: "plain", bounds: prove.Bounds{Flights: -1}, deploy: prove.Deploy{CDN: compress(keyed(sizeAndTime())), Takes: both, Mode: prove.Mode{Name: "switch, wait", Steps: switchAndWait()}}},
		{name: "one key for whoever asks", strategy: "name.hash", mode: "atomic", deploy: prove.Deploy{Site: copied("br"), CDN: forwarded(prove.K(1)), Takes: []prove.Encodings{"br", ""}}},
		{name: "his own words in the key", strategy: "?v everywhere", mode: "copies left behind", deploy: prove.Deploy{Site: copied("br"), CDN: verbatim(prove.K(1)), Takes: []prove.Encodings{"gzip, deflate, br;q=0.9", "br;q=0, GZIP ;q=0.5"}}},
		{name: "servers that compress", strategy: "plain", mode: "atomic", deploy: prove.Deploy{CDN: encodes(keyed(prove.K(1)), true), Takes: both}},
		{name: "an edge that compresses", strategy: "?v everywhere", mode: "rolling", deploy: prove.Deploy{CDN: compress(keyed(prove.K(1))), Takes: both}},
		{name: "behind a proxy that cannot tell", strategy: "name.hash", mode: "atomic", deploy: prove.Deploy{CDN: encodes(keyed(prove.K(1)), false), Takes: []prove.Encodings{"br", ""}, Visitors: proxied}},
		{name: "behind a proxy that keeps to Vary", strategy: "plain", mode: "atomic", deploy: prove.Deploy{CDN: encodes(keyed(prove.K(1)), true), Takes: []prove.Encodings{"br", ""}, Visitors: proxied}},
		{name: "two tiers", strategy: "?v everywhere", mode: "copies left behind", deploy: prove.Deploy{Site: copied("br"), CDN: regional(keyed(prove.K(1))), Takes: both}},
		{name: "one who comes back", strategy: "?v everywhere", mode: "copies left behind", deploy: prove.Deploy{Site: copied("br"), CDN: keyed(prove.K(1)), Takes: []prove.Encodings{"br"}, Visitors: []prove.Kind{prove.Returning}}},
		{name: "beside a crawler", strategy: "?v everywhere", mode: "copies last", deploy: prove.Deploy{Site: copied("br"), CDN: keyed(prove.K(1)), Takes: []prove.Encodings{"br", ""}, Visitors: []prove.Kind{prove.Fresh, prove.Crawler}}},
		{name: "a service worker", strategy: "?v everywhere", mode: "copies last", deploy: prove.Deploy{Site: copied("br"), CDN: keyed(prove.K(1)), Takes: []prove.Encodings{"br"}, Visitors: []prove.Kind{prove.UncheckedWorker}}},
	}
}

// stories are the counterexamples of a row.
func (r *encodingsRow) stories(t *testing.T) []Story {
	t.Helper()
	modes := slices.Concat(prove.Modes(), prove.CopyModes())
	r.deploy.Name = r.name
	r.deploy.Strategy = prove.Strategies()[slices.IndexFunc(prove.Strategies(), func(s prove.Strategy) bool { return s.Name == r.strategy })]
	if r.mode != "" {
		r.deploy.Mode = modes[slices.IndexFunc(modes, func(m prove.Mode) bool { return m.Name == r.mode })]
	}
	all := Counterexamples(r.deploy, prove.Prove(context.Background(), r.deploy, r.bounds, nil))
	if len(all) == 0 {
		t.Fatal("nothing is refuted")
	}
	return all
}

// TestEncodings plays every counterexample in which visitors take encodings: values, an
// edge and sockets show the same, but for what none of the latter can play.
func TestEncodings(t *testing.T) {
	for _, r := range encodingsRows() {
		t.Run(r.name, func(t *testing.T) {
			for _, s := range r.stories(t) {
				for _, l := range run(t, s, Options{}).Levels {
					half := s.Property == prove.Binding && l.Level != Values && l.Outcome == Cannot && l.Why == string(halfLanded)
					if l.Outcome != Agrees && !half {
						t.Errorf("%s on %s: %s: %s", s.Name, l.Level, l.Outcome, l.Why)
					}
				}
			}
		})
	}
}

// TestVariants plays what no shortest counterexample has: of two variants of one URL one
// lands, or is evicted, before the other.
func TestVariants(t *testing.T) {
	s := Story{Schema: Schema, Deploy: prove.Deploy{
		Name: "variants", Site: copied("br"), Strategy: prove.Strategies()[0], Mode: prove.CopyModes()[0], CDN: keyed(prove.K(1)),
		Takes: []prove.Encodings{"br,gzip", "gzip"}, Visitors: []prove.Kind{prove.Twice, prove.Twice},
	}}
	ask := func(visitor string, takes prove.Encodings, url, from string) prove.Event {
		e := prove.Event{Kind: prove.Requested, Actor: visitor, Visitor: prove.Twice, Entry: "edge", URL: url, Takes: takes, Server: "s1", From: from}
		if url == "/" {
			e.Kind = prove.Navigated
		}
		return e
	}
	const br, gzip = "br,gzip", "gzip"
	rows := []struct {
		name   string
		events []prove.Event
	}{
		{"the one asked for last lands first", []prove.Event{
			ask("v1", br, "/", ""), ask("v2", gzip, "/", ""), ask("v1", br, "/css", "flight"), ask("v2", gzip, "/css", "flight"),
			{Kind: prove.Landed, Actor: "edge", URL: "/css", Takes: gzip}, {Kind: prove.Landed, Actor: "edge", URL: "/css", Takes: br},
		}},
		{"one is evicted, the other stays", []prove.Event{
			ask("v1", br, "/", ""), ask("v1", br, "/css", ""), ask("v1", br, "/img", ""), ask("v2", gzip, "/", ""), ask("v2", gzip, "/css", ""), ask("v2", gzip, "/img", ""),
			{Kind: prove.Evicted, Actor: "edge", Tier: "edge", Key: "site /css\nAccept-Encoding: br,gzip"},
			ask("v2", gzip, "/", ""), ask("v2", gzip, "/css", ""), ask("v1", br, "/", ""), ask("v1", br, "/css", ""),
		}},
	}
	for _, r := range rows {
		for _, l := range []Level{Edge, Sockets} {
			t.Run(r.name+", "+string(l), func(t *testing.T) {
				s.Trace.Events = r.events
				on, err := newValues(&s)
				if err != nil {
					t.Fatal(err)
				}
				p, err := s.open(l, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer p.close()
				for i := range r.events {
					told, _, err := on.play.Do(r.events[i])
					if err != nil {
						t.Fatal(i, err)
					}
					got, err := p.do(t.Context(), &told)
					if err == nil {
						err = differ(Told(&told), got)
					}
					if err != nil {
						t.Fatalf("event %d: %v", i+1, err)
					}
				}
			})
		}
	}
}

// TestEncodingsInChromium plays the first counterexample of each row in a browser, which
// sends what its visitor takes, and refuses bytes in a coding that he does not.
func TestEncodingsInChromium(t *testing.T) {
	if _, err := browser.Find(""); err != nil {
		t.Skip(err)
	}
	browsers := &Browsers{}
	t.Cleanup(func() {
		if err := browsers.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, r := range encodingsRows() {
		if slices.ContainsFunc(r.deploy.Visitors, prove.Kind.HasWorker) {
			continue // what workers are given is decompressed
		}
		t.Run(r.name, func(t *testing.T) {
			s := r.stories(t)[0]
			want, why := Agrees, ""
			if s.Class == prove.Torn {
				want, why = Cannot, "an answer in a coding that was not asked for"
			}
			l := run(t, s, Options{Levels: []Level{Chromium}, Browsers: browsers}).Levels[0]
			if l.Outcome != want || !strings.HasPrefix(l.Why, why) {
				t.Errorf("%s: %s: %s", s.Name, l.Outcome, l.Why)
			}
		})
	}
}
