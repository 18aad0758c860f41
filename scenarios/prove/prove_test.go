package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSameInputSameBytes: the verdicts of a deploy are the same bytes each time.
func TestSameInputSameBytes(t *testing.T) {
	d := Deploy{Strategy: strategy(t, "name.hash, nested bare"), Mode: mode(t, "rolling, invalidate"), CDN: K(2)}
	var first []byte
	for range 3 {
		got, err := json.Marshal(Prove(context.Background(), d, Bounds{}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !bytes.Equal(first, got) {
			t.Fatalf("different verdicts for the same deploy:\n%s\n%s", first, got)
		}
	}
}

// TestNeverABareGreen: every verdict names its method, bounds, coverage and
// assumptions; every refutation its trace; every unknown its cause.
func TestNeverABareGreen(t *testing.T) {
	for _, n := range []int{1, 2} {
		for _, row := range grids[n]().Cells {
			for _, c := range row {
				for _, v := range c.Verdicts {
					where := c.Strategy + " / " + c.Mode + ": " + string(v.Property)
					if v.Method == "" || v.Coverage == "" || v.Bounds == (Bounds{}) || len(v.Assumptions) != 10 {
						t.Errorf("%s: %+v", where, v)
					}
					if v.Status == Refuted && (v.Trace.Count == 0 || v.Trace.Events[len(v.Trace.Events)-1].Violation != v.Class || v.Class != Flip && v.Assumption == "") {
						t.Errorf("%s: refuted without trace or assumption: %+v", where, v)
					}
					if v.Status == Unknown && v.Cause == "" {
						t.Errorf("%s: unknown without cause", where)
					}
				}
			}
		}
	}
}

// TestBlamedAssumptionIsBroken: a verdict never blames an assumption that is said
// to hold.
func TestBlamedAssumptionIsBroken(t *testing.T) {
	for n := 1; n <= 7; n++ {
		for _, row := range grids[n]().Cells {
			for _, c := range row {
				for _, v := range c.Verdicts {
					for _, a := range v.Assumptions {
						if v.Status == Refuted && a.ID == v.Assumption && a.Holds == Holds {
							t.Errorf("K%d %s / %s: %s %s sticky=%v blames %s, which holds", n, c.Strategy, c.Mode, v.Property, v.Class, v.Sticky, a.ID)
						}
					}
				}
			}
		}
	}
}

// TestTheorem: where A1 to A5 hold, no STALE, AHEAD or MIXED is possible; where A6
// and A7 hold as well, nothing is MISSING.
func TestTheorem(t *testing.T) {
	for n := 1; n <= 7; n++ {
		for _, row := range grids[n]().Cells {
			for _, c := range row {
				holds := map[string]bool{}
				for _, a := range c.Verdicts[0].Assumptions {
					holds[a.ID] = a.Holds == Holds
				}
				safe := holds["A1"] && holds["A2"] && holds["A3"] && holds["A4"] && holds["A5"]
				if safe && strings.ContainsAny(c.Letters, "sSaA") || safe && holds["A6"] && holds["A7"] && c.Letters != "ok" && c.Letters != "P" {
					t.Errorf("K%d %s / %s: %s although %v hold", n, c.Strategy, c.Mode, c.Letters, holds)
				}
			}
		}
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	list := Prove(ctx, Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "rolling"), CDN: K(1)}, Bounds{}, nil)
	known := 0
	for _, v := range list {
		switch v.Status {
		case Unknown:
			if !strings.Contains(v.Cause, "canceled") {
				t.Errorf("%s: cause %q", v.Property, v.Cause)
			}
		case Proved: // by the fixpoint
			known++
		default:
			t.Errorf("%s: %s", v.Property, v.Status)
		}
	}
	if known == 0 || known == len(list) {
		t.Errorf("%d of %d known", known, len(list))
	}
}

func TestBoundsRunOut(t *testing.T) {
	rows := []struct {
		name   string
		bounds Bounds
		cause  string
	}{
		{"states", Bounds{States: 5000, Exact: true}, "bound of 5000 states"},
		{"memory", Bounds{Memory: 1 << 20, Exact: true}, "bound of 1048576 bytes"},
	}
	for _, r := range rows {
		d := Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "atomic, invalidate"), CDN: K(5), Visitors: []Kind{Returning, Returning, Returning}}
		found := false
		for _, v := range Prove(context.Background(), d, r.bounds, nil) {
			found = found || v.Status == Unknown && strings.Contains(v.Cause, r.cause)
			if v.Status == Proved && !strings.Contains(v.Method, r.cause) {
				t.Errorf("%s: proved, and the method does not say that the explorer stopped: %s", r.name, v.Method)
			}
		}
		if !found {
			t.Errorf("%s: no verdict names %q", r.name, r.cause)
		}
	}
}

// TestMistakes: what is wrong with a deploy is said once, with the field.
func TestMistakes(t *testing.T) {
	good := func() Deploy { return Deploy{Name: "d", Mode: mode(t, "atomic"), CDN: K(1)} }
	rows := []struct {
		name   string
		change func(*Deploy)
		bounds Bounds
		want   string
	}{
		{"no steps", func(d *Deploy) { d.Mode.Steps = nil }, Bounds{}, "0 steps, want 1 to 31"},
		{"too many orders of steps", func(d *Deploy) {
			d.Mode.Steps = slices.Repeat([]Step{{Do: Wait, For: time.Second, After: []int{}}}, 14)
		}, Bounds{}, "more than 8192 stages"},
		{"no behaviors", func(d *Deploy) { d.CDN.Behaviors = nil }, Bounds{}, "no behaviors"},
		{"a build that is not there", func(d *Deploy) { d.Mode.Steps = []Step{put("x", 3, All)} }, Bounds{}, "step 0: build 3 of 2"},
		{"a server that is not there", func(d *Deploy) { d.Mode.Steps = []Step{{Do: Put, Build: 2, Server: 3}} }, Bounds{}, "server 3 of 2"},
		{"an act that is none", func(d *Deploy) { d.Mode.Steps = []Step{{Do: "copy"}} }, Bounds{}, `no act "copy"`},
		{"a wait of nothing", func(d *Deploy) { d.Mode.Steps = []Step{{Do: Wait}} }, Bounds{}, "waits 0s"},
		{"a tier that is not there", func(d *Deploy) { d.Mode.Steps = []Step{{Do: Invalidate, Tier: "regional"}} }, Bounds{}, `no tier "regional"`},
		{"an invalidation path", func(d *Deploy) { d.Mode.Steps = []Step{{Do: Invalidate, Items: []string{"css"}}} }, Bounds{}, "css does not begin with /"},
		{"an order that is none", func(d *Deploy) {
			d.Mode.Steps = []Step{{Do: Put, Build: 1, After: []int{}}, {Do: Put, Build: 2, After: []int{}}}
		}, Bounds{}, "steps 0 and 1 write the same file"},
		{"a step after itself", func(d *Deploy) { d.Mode.Steps = []Step{{Do: Put, Build: 2, After: []int{0}}} }, Bounds{}, "step 0 comes after step 0"},
		{"a reference to nothing", func(d *Deploy) { d.Site.Assets = []Asset{{Name: "html", Page: true, Refs: []string{"x"}}} }, Bounds{}, "x, which is not an asset"},
		{"a circle", func(d *Deploy) {
			d.Site.Assets = []Asset{{Name: "html", Page: true}, {Name: "a", Refs: []string{"b"}}, {Name: "b", Refs: []string{"a"}}}
		}, Bounds{}, "refers to itself"},
		{"too many visitors", func(d *Deploy) { d.Visitors = []Kind{Fresh, Fresh, Fresh, Fresh, Fresh} }, Bounds{}, "5 visitors"},
		{"a kind that is none", func(d *Deploy) { d.Visitors = []Kind{"ghost"} }, Bounds{}, `no kind "ghost"`},
		{"a site without pages", func(d *Deploy) { d.Site.Assets = []Asset{{Name: "css"}} }, Bounds{}, "build 1 has no page"},
		{"bounds", func(*Deploy) {}, Bounds{Flights: 9}, "bounds.flights: 9, want -1 to 4"},
		{"one build", func(d *Deploy) { d.Site.Builds = []Build{{}} }, Bounds{}, "1 builds, want 2 to 8"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := good()
			r.change(&d)
			for _, v := range Prove(context.Background(), d, r.bounds, nil) {
				if v.Status != Unknown || !strings.Contains(v.Cause, r.want) {
					t.Errorf("%s: %s %q, want %q", v.Property, v.Status, v.Cause, r.want)
				}
			}
		})
	}
}

func TestProgress(t *testing.T) {
	var all []Progress
	Matrix(context.Background(), K(1), Deploy{}, Strategies()[:1], Modes()[:3], Bounds{}, func(p Progress) { all = append(all, p) })
	if len(all) == 0 || all[len(all)-1].Done != 3 || all[len(all)-1].Cells != 3 {
		t.Errorf("got %+v", all)
	}
}

// TestSomethingWasSeen: in every cell of K2 the explorer met what it is there to
// meet, or proving nothing wrong would mean nothing.
func TestSomethingWasSeen(t *testing.T) {
	late := 0
	for _, row := range grids[2]().Cells {
		for _, c := range row {
			seen := c.Verdicts[0].Coverage
			for _, never := range []string{"hits 0,", "misses 0,", "joined 0,", "stored 0,", "last step not reached"} {
				if strings.Contains(seen, never) {
					t.Errorf("%s / %s: %s", c.Strategy, c.Mode, seen)
				}
			}
			if !strings.Contains(seen, "landed after an invalidation 0") {
				late++
			}
		}
	}
	if late != 4*len(Strategies()) { // of the columns, four invalidate at the end
		t.Errorf("a flight landed after an invalidation in %d cells", late)
	}
}
