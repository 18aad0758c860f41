package prove

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestPlayTellsTheTrace plays every trace of the matrix again, event by event and
// from its JSON alone, and compares all that is told, and that the last event breaks
// what the trace says.
func TestPlayTellsTheTrace(t *testing.T) {
	played := 0
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7} {
		for i, row := range grids[n]().Cells {
			for j, c := range row {
				d := Deploy{Strategy: Strategies()[i], Mode: Modes()[j], CDN: K(n), Visitors: KVisitors(n)}
				for _, v := range c.Verdicts {
					if v.Status != Refuted {
						continue
					}
					played++
					if problem := playAgain(t, d, v); problem != "" {
						t.Errorf("K%d %s / %s, %s %s sticky=%v: %s\n%s", n, c.Strategy, c.Mode, v.Property, v.Class, v.Sticky, problem, tell(v.Trace))
					}
				}
			}
		}
	}
	if played < 1000 {
		t.Errorf("played %d traces", played)
	}
}

func playAgain(t *testing.T, d Deploy, v Verdict) string {
	t.Helper()
	text, err := json.Marshal(v.Trace)
	if err != nil {
		t.Fatal(err)
	}
	var tr Trace
	if err := json.Unmarshal(text, &tr); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlay(d, v.Bounds, tr.Events)
	if err != nil {
		return err.Error()
	}
	for i, want := range tr.Events {
		got, broken, err := p.Do(want)
		if err != nil {
			return err.Error()
		}
		b := Breach{v.Property, v.Class, v.Sticky}
		if b.Property == Settling {
			b.Property = ViewConsistency
		}
		if last := i == len(tr.Events)-1; last && !slices.Contains(broken, b) {
			return "it breaks " + strings.TrimSpace(string(tell(Trace{Events: []Event{got}})))
		}
		got.N, got.Violation, got.Sticky, got.via = want.N, want.Violation, want.Sticky, ""
		if want.Poisoned != "" && got.Poisoned == "" {
			got.Poisoned = want.Poisoned // which of several is told may differ
		}
		if !reflect.DeepEqual(got, want) {
			return "told as " + eventLine(got) + "instead of " + eventLine(want)
		}
	}
	return ""
}

// TestPlayRefuses has events that cannot be.
func TestPlayRefuses(t *testing.T) {
	d := Deploy{Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: K(1)}
	ask := Event{Kind: Requested, Actor: "v1", Visitor: Fresh, Entry: "edge", URL: "/css"}
	open := Event{Kind: Navigated, Actor: "v1", Visitor: Fresh, Entry: "edge", URL: "/", Server: "s1"}
	rows := []struct {
		name   string
		before []Event
		event  Event
		want   string
	}{
		{"an asset before its page", nil, ask, "nothing that v1 was given refers to /css"},
		{"an asset twice", []Event{open, ask}, ask, "nothing that v1 was given refers to /css"},
		{"a page twice", []Event{open}, open, "no other view"},
		{"an unknown visitor", []Event{open}, Event{Kind: Requested, Actor: "v2", URL: "/css"}, `no visitor "v2"`},
		{"an unknown URL", []Event{open}, Event{Kind: Requested, Actor: "v1", URL: "/other"}, `ask for "/other"`},
		{"an unknown step", []Event{open}, Event{Kind: Deployed, Step: "x"}, `step "x"`},
		{"an unknown server", nil, Event{Kind: Navigated, Actor: "v1", URL: "/", Server: "s9"}, `no server "s9"`},
		{"a flight that is not open", []Event{open}, Event{Kind: Landed, Actor: "edge", URL: "/css"}, "no flight for /css"},
		{"time that changes nothing", []Event{open}, Event{Kind: Advanced, Seconds: 5}, "5 s pass"},
		{"an unknown key", []Event{open}, Event{Kind: Evicted, Tier: "edge", Key: "site /x"}, `a key "site /x"`},
		{"a deploy that cannot fail", []Event{open}, Event{Kind: Stopped}, "cannot fail here"},
		{"an unknown kind of event", nil, Event{Kind: "sneeze"}, `no event "sneeze"`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			p, err := NewPlay(d, Bounds{}, append(slices.Clone(r.before), open, r.event))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range r.before {
				if _, _, err := p.Do(e); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := p.Do(r.event); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("%v, want %q", err, r.want)
			}
		})
	}
}
