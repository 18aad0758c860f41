package prove

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

// drawEncodings lets visitors of half of all deploys take encodings, in whatever way
// they may say so, and draws who has variants, and what the key has of them.
func drawEncodings(t *rapid.T, d *Deploy) {
	if rapid.Bool().Draw(t, "no encodings") {
		return
	}
	said := rapid.SampledFrom([]Encodings{"", "gzip", "br", "br,gzip", "br,gzip", "gzip, deflate, br;q=0.9", "deflate", "br;q=0, GZIP ;q=0.5"})
	most := 2
	if d.Visitors != nil {
		most = len(d.Visitors)
	}
	d.Takes = rapid.SliceOfN(said, 1, most).Draw(t, "takes")
	d.Site.Copies = rapid.SampledFrom([][]string{nil, {"gzip"}, {"br", "gzip"}}).Draw(t, "copies")
	d.CDN.Origin.Encodes = rapid.IntRange(0, 3).Draw(t, "encodes") == 0
	d.CDN.Origin.NoVary = rapid.Bool().Draw(t, "no vary")
	for i := range d.CDN.Behaviors {
		drawVariants(t, &d.CDN.Behaviors[i])
	}
	if rapid.Bool().Draw(t, "variants one by one") {
		d.Mode.Steps = append([]Step{{Name: "files", Do: Put, Build: 2, Files: Plain}, {Name: "copies", Do: Put, Build: 2, Files: Copies}}, d.Mode.Steps...)
		for i := range d.Mode.Steps[2:] {
			d.Mode.Steps[i+2].After = nil
		}
	}
}

// drawVariants draws what a cache behavior makes of encodings.
func drawVariants(t *rapid.T, b *Behavior) {
	p := &b.Terms.Policy
	switch rapid.SampledFrom([]string{"flags", "flags", "flags", "legacy", "forwarded", "in the key", "ignored", "none"}).Draw(t, "variants") {
	case "flags":
		p.Gzip, p.Brotli = rapid.Bool().Draw(t, "gzip"), rapid.Bool().Draw(t, "brotli")
	case "legacy": // [AE-11]
		b.Terms.Legacy = true
	case "forwarded": // [AE-05]
		b.Terms.OriginRequest.Headers = cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"Accept-Encoding"}}
	case "in the key": // [CMP-18]
		p.Headers = cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"Accept-Encoding"}}
	case "ignored": // [AE-10]
		p.Gzip, p.Brotli, b.Terms.IgnoresEncoding = true, true, true
	}
	b.Compress = rapid.IntRange(0, 2).Draw(t, "compress") == 0
}

// asking is a visitor's request.
func asking(url string, takes Encodings) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://site"+url, nil)
	if takes != "" {
		r.Header.Set("Accept-Encoding", string(takes))
	}
	return r
}

// padding makes a body as long as its header says.
func padding(r *reply, id string) string {
	if r.header.Get("Content-Length") == "" {
		return ""
	}
	return strings.Repeat(" ", 2000-len(id))
}

// decoded is a body that an edge compressed, decompressed. What the origin sends as
// coded is not, which the edge cannot know, and comes as it is.
func decoded(body, coding string) string {
	if coding == "" {
		return body
	}
	var r io.Reader = brotli.NewReader(strings.NewReader(body))
	if coding == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			return body
		}
		r = z
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return body
	}
	return string(text)
}

// encoded has assets whose key has the encodings, as CachingOptimized does. [MCP-01]
func encoded(c CDN) CDN {
	p := &c.Behaviors[1].Terms.Policy
	p.Gzip, p.Brotli = true, true
	return c
}

// forwarded has the encodings in the requests to the servers and not in the key.
// [AE-05]
func forwarded(c CDN) CDN {
	c.Behaviors[1].Terms.OriginRequest.Headers = cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"Accept-Encoding"}}
	return c
}

// copied has a compressed copy of every asset, which br visitors are given, and others
// not.
func copied() Site {
	s := SampleSite()
	s.Copies = []string{"br"}
	return s
}

// TestEncodings: one URL is up to three variants, each of which may be of another
// build.
func TestEncodings(t *testing.T) {
	versioned, plain, hashed := strategy(t, "?v everywhere"), strategy(t, "plain"), strategy(t, "name.hash")
	exact := Bounds{Exact: true}
	brAndGzip := []Encodings{"br,gzip", "gzip"}
	left, last, lastInvalidated, first := CopyModes()[0], CopyModes()[1], CopyModes()[2], CopyModes()[3]
	proxied := []Kind{BehindProxy, BehindProxy}
	encodes := func(c CDN, vary bool) CDN {
		c.Origin.Encodes, c.Origin.NoVary = true, !vary
		return c
	}
	compress := func(c CDN) CDN {
		c.Behaviors[1].Compress = true
		return c
	}
	regional := func(c CDN) CDN {
		c.Regional = true
		return c
	}
	rows := []kindRow{
		{name: "franken by encoding: who takes br sees the old copy, who takes gzip the new file",
			deploy: Deploy{Site: copied(), Strategy: versioned, Mode: left, CDN: encoded(K(1)), Takes: brAndGzip}, want: "Sa",
			property: ViewConsistency, class: Stale, sticky: true, count: 3, blame: "A2", who: "new visitor"},
		{name: "nobody who takes only gzip sees it", deploy: Deploy{Site: copied(), Strategy: versioned, Mode: left, CDN: encoded(K(1)), Takes: []Encodings{"gzip"}}, want: "a"},
		{name: "with a hash in the name a copy left behind is never asked for",
			deploy: Deploy{Site: copied(), Strategy: hashed, Mode: left, CDN: encoded(K(1)), Takes: brAndGzip}, want: "ok"},
		{name: "copies that come last are kept old", deploy: Deploy{Site: copied(), Strategy: versioned, Mode: last, CDN: encoded(K(1)), Takes: []Encodings{"br"}}, want: "Sa",
			property: ViewConsistency, class: Stale, sticky: true, count: 6, blame: "A2", who: "new visitor"},
		{name: "INV: an invalidation covers all variants of a path",
			deploy: Deploy{Site: copied(), Strategy: versioned, Mode: lastInvalidated, CDN: encoded(K(5)), Takes: brAndGzip}, want: "sa"},
		{name: "copies that come first", deploy: Deploy{Site: copied(), Strategy: versioned, Mode: first, CDN: encoded(K(1)), Takes: []Encodings{"br"}}, want: "a"},
		{name: "AE-01: an old tab that takes br poisons nobody who takes gzip",
			deploy: Deploy{Strategy: plain, Mode: mode(t, "atomic, invalidate"), CDN: encoded(encodes(K(5), true)), Takes: brAndGzip}, want: "sa"},
		{name: "AE-05: with one key he does", bounds: exact,
			deploy: Deploy{Strategy: plain, Mode: mode(t, "atomic"), CDN: K(1), Takes: brAndGzip, Visitors: []Kind{OldTab, Fresh}}, want: "Sa",
			property: ViewConsistency, class: Stale, sticky: true, count: 5, blame: "A1", who: "new visitor"},
		{name: "AE-05: forwarded and not in the key, br comes to one who does not take it",
			deploy: Deploy{Site: copied(), Strategy: hashed, Mode: mode(t, "atomic"), CDN: forwarded(K(1)), Takes: []Encodings{"br", ""}}, want: "T",
			property: ViewConsistency, class: Torn, sticky: true, count: 5, blame: "A3", who: "new visitor"},
		{name: "a proxy keeps to Vary", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: encoded(encodes(K(1), true)), Takes: []Encodings{"br", ""}, Visitors: proxied}, want: "ok"},
		{name: "without Vary it mixes what it cannot tell apart", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: encoded(encodes(K(1), false)), Takes: []Encodings{"br", ""}, Visitors: proxied}, want: "T"},
		{name: "CMP-01: an edge that compresses never keeps another build", deploy: Deploy{Strategy: versioned, Mode: mode(t, "atomic"), CDN: compress(encoded(K(1))), Takes: brAndGzip}, want: "a"},
		{name: "two tiers", deploy: Deploy{Site: copied(), Strategy: versioned, Mode: left, CDN: regional(encoded(K(1))), Takes: brAndGzip}, want: "Sa"},
		{name: "a crawler takes what anybody takes", deploy: Deploy{Site: copied(), Strategy: versioned, Mode: last, CDN: encoded(K(1)), Takes: []Encodings{"br", ""}, Visitors: []Kind{Fresh, Crawler}}, want: "Sa"},
		{name: "one who comes back", deploy: Deploy{Site: copied(), Strategy: versioned, Mode: left, CDN: encoded(K(1)), Takes: []Encodings{"br"}, Visitors: []Kind{Returning}}, want: "S"},
	}
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}

// TestTagsOfVariants: an edge that compresses makes the tag of what it stores weak [CMP-08],
// and the origin's strong one still matches it; the tags of two variants never match, nor
// those of two builds, so that 304 is said of the same bytes in the same coding alone.
func TestTagsOfVariants(t *testing.T) {
	compressed, mixed := encoded(K(1)), forwarded(K(1))
	compressed.Behaviors[1].Compress = true
	for _, c := range []*CDN{&compressed, &mixed} {
		c.Origin.AssetControl, c.Origin.Validator = "max-age=60", ByBytes
	}
	mixed.Origin.Encodes = true
	wait := Mode{"wait, switch", []Step{{Name: "wait", Do: Wait, For: 61 * time.Second}, put("switch to 2", 2, All)}}
	for _, r := range []struct {
		name      string
		cdn       CDN
		weak      bool // what is stored has a weak tag
		unchanged bool // the same bytes in another coding are asked about
	}{
		{"the edge compresses", compressed, true, false},
		{"the origin encodes, and all variants have one key [AE-05]", mixed, false, true},
	} {
		m, err := newModel(Deploy{Strategy: strategy(t, "plain"), Mode: wait, CDN: r.cdn, Takes: []Encodings{"gzip", "", "gzip"}}, Bounds{Flights: -1}.withDefaults(), hook{})
		if err != nil {
			t.Fatal(err)
		}
		m.explore(context.Background(), nil)
		same, weak, other := 0, 0, 0
		for id, row := range m.conditions {
			for got, made := range row {
				s, rep := &m.stored[id], &m.replies[got]
				etag, _ := s.Validators()
				coding := s.Header.Get("Content-Encoding")
				switch {
				case made == 0:
				case m.replies[made].status == http.StatusNotModified:
					same++
					if strings.HasPrefix(etag, "W/") && !strings.HasPrefix(rep.etag, "W/") {
						weak++
					} else if coding != rep.coding {
						t.Errorf("%s: 304 for %s in coding %q, asked about %q", r.name, m.bodies[rep.body].id, rep.coding, coding)
					}
					if s.body != rep.body {
						t.Errorf("%s: 304 for %s, asked about %s", r.name, m.bodies[rep.body].id, m.bodies[s.body].id)
					}
				case s.body == rep.body && coding != rep.coding:
					other++
				}
			}
		}
		if same == 0 || r.weak != (weak > 0) || r.unchanged != (other > 0) {
			t.Errorf("%s: %d times 304, %d for a weak tag; %d times not, since the coding is another", r.name, same, weak, other)
		}
	}
}
