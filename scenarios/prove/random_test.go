package prove

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

// drawSite is a page and one or two more pages and assets that refer to each
// other without a cycle.
func drawSite(t *rapid.T) Site {
	assets := []Asset{{Name: "html", Page: true}, {Name: "css"}, {Name: "img"}}
	if rapid.Bool().Draw(t, "js") {
		assets = append(assets, Asset{Name: "js"})
	}
	for i := range assets {
		for j := i + 1; j < len(assets); j++ {
			if rapid.Bool().Draw(t, "ref") || i == 0 && j == 1 {
				assets[i].Refs = append(assets[i].Refs, assets[j].Name)
			}
		}
		assets[i].Fixed = rapid.IntRange(0, 4).Draw(t, "fixed") == 0
	}
	return Site{Name: "drawn", Assets: assets}
}

func drawMode(t *rapid.T, regional bool) Mode {
	if rapid.Bool().Draw(t, "published") {
		return rapid.SampledFrom(Modes()).Draw(t, "mode")
	}
	m := Mode{Name: "drawn"}
	for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
		s := Step{Name: fmt.Sprintf("step %d", i), Do: rapid.SampledFrom([]Act{Put, Put, Put, Put, Delete, Remove, Tear, Invalidate, Wait}).Draw(t, "act")}
		switch s.Do {
		case Wait:
			s.For = rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, time.Minute}).Draw(t, "for")
		case Invalidate:
			s.Tier = rapid.SampledFrom([]string{"", "edge"}).Draw(t, "tier")
			if regional && rapid.Bool().Draw(t, "in regional") {
				s.Tier = "regional"
			}
			s.Items = rapid.SampledFrom([][]string{nil, {"/"}, {"/css*"}}).Draw(t, "items")
		default:
			s.Build = rapid.IntRange(1, 2).Draw(t, "build")
			s.Server = rapid.IntRange(0, 2).Draw(t, "server")
			s.Files = rapid.SampledFrom([]Select{All, Pages, Assets, Parents, Leaves}).Draw(t, "files")
		}
		m.Steps = append(m.Steps, s)
	}
	return m
}

func drawCDN(t *rapid.T) CDN {
	c := K(rapid.IntRange(1, 7).Draw(t, "K"))
	c.Regional = rapid.IntRange(0, 3).Draw(t, "regional") == 0
	if rapid.IntRange(0, 3).Draw(t, "short") == 0 {
		c.Origin.AssetControl = rapid.SampledFrom([]string{"max-age=60", "max-age=10, stale-while-revalidate=30", "no-cache", "max-age=60, stale-if-error=60"}).Draw(t, "control")
	}
	c.Origin.Validator = rapid.SampledFrom([]Checked{ByBytes, ByBytes, ByPath, NoTag}).Draw(t, "validator")
	c.Origin.Outages = rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "outages")
	c.Origin.Fallback = rapid.IntRange(0, 5).Draw(t, "fallback") == 0
	c.Origin.FallbackControl = rapid.SampledFrom([]string{"", "max-age=1, s-maxage=10"}).Draw(t, "fallback control")
	if rapid.IntRange(0, 4).Draw(t, "cookies") == 0 { // no collapsing, no conditions [COLL-04]
		c.Behaviors[1].Terms.OriginRequest.Cookies = cachepolicy.Selection{Mode: cachepolicy.All}
	}
	return c
}

func drawDeploy(t *rapid.T) Deploy {
	d := Deploy{
		Name: "drawn", Site: drawSite(t), Strategy: rapid.SampledFrom(Strategies()).Draw(t, "strategy"),
		CDN: drawCDN(t),
	}
	d.Mode = drawMode(t, d.CDN.Regional)
	kinds := []Kind{Fresh, Fresh, Returning, OldTab, Twice, BehindProxy, BackButton, Worker, UncheckedWorker, SkipWaitingWorker}
	d.Visitors = rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 2).Draw(t, "visitors")
	if rapid.IntRange(0, 4).Draw(t, "crawler") == 0 {
		d.Visitors = append(d.Visitors, Crawler)
	}
	drawEncodings(t, &d)
	return d
}

func drawBounds(t *rapid.T) Bounds {
	return Bounds{
		Flights:   rapid.SampledFrom([]int{-1, 1, 2, 4}).Draw(t, "flights"),
		Evictions: rapid.SampledFrom([]int{0, 1, -1}).Draw(t, "evictions"),
		Prefixes:  rapid.Bool().Draw(t, "prefixes"),
		States:    20_000,
	}.withDefaults()
}

// TestProversAgree: whatever the explorer reaches in any deploy, the fixpoint does
// not exclude.
func TestProversAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, b := drawDeploy(t), drawBounds(t)
		m, err := newModel(d, b, hook{})
		if err != nil {
			t.Skip(err)
		}
		may, x := m.mayHappen(), m.explore(context.Background(), nil)
		for v := range noViolation {
			if x.found.has(v) && !may.has(v) {
				t.Fatalf("the fixpoint excludes %s %s sticky=%v\n%s", v.property(), v.class(), v.sticky(), tell(m.retell(x.first[v].moves, v)))
			}
		}
	})
}

// TestWorldsEncode: encoding and decoding a reachable world loses nothing, and a
// told trace has the length it was found with.
func TestWorldsEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := newModel(drawDeploy(t), drawBounds(t), hook{})
		if err != nil {
			t.Skip(err)
		}
		w := m.begin()
		var moves []move
		for range rapid.IntRange(0, 20).Draw(t, "moves") {
			list := m.moves(nil, &w)
			if len(list) == 0 {
				break
			}
			to, e := w, effect{seen: &sights{}}
			mv := rapid.SampledFrom(list).Draw(t, "move")
			if m.apply(&to, mv, &e); e.refused {
				continue
			}
			m.canonical(&to, nil)
			w, moves = to, append(moves, mv)
		}
		var back World
		m.wide = rapid.Bool().Draw(t, "wide")
		m.decode(&back, m.encode(nil, &w))
		if m.tooNarrow {
			t.Skip("too many numbers for narrow encodings")
		}
		if !reflect.DeepEqual(w, back) {
			t.Fatalf("got %+v\nwant %+v", back, w)
		}
		counted := 0
		for _, mv := range moves {
			if mv.counted() {
				counted++
			}
		}
		if tr := m.retell(moves, staleView); tr.Count != counted {
			t.Fatalf("told %d events, want %d", tr.Count, counted)
		}
	})
}
