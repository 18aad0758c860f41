package scenarios

import (
	"strings"
	"testing"
)

// Each deploy file is explored: a safe strategy that turns unsafe fails, and an
// unsafe one that turns safe does, too.
func TestDeploys(t *testing.T) {
	all, err := Deploys()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			if r := Explore(t.Context(), d, nil); !r.Passed() {
				t.Error(r.String())
			}
		})
	}
}

// Both directions fail: what is expected proved and is not, and the other way
// round, and a trace that is longer or shorter than expected.
func TestDeploysThatFail(t *testing.T) {
	const text = `name: a deploy
source: somewhere
rows: [T3]
site: sample
strategy: plain
deploy: atomic
expect: {class: STALE, sticky: true, events: 5}
`
	rows := []struct{ name, old, new, want string }{
		{"turned safe", "strategy: plain", "strategy: /v/ real", "line 7: S1: PROVED, want sticky STALE"},
		{"turned unsafe", "expect: {class: STALE, sticky: true, events: 5}", "expect: {proved: true}", "want PROVED"},
		{"longer", "events: 5", "events: 4", "sticky STALE, 5 events, want 4"},
		{"shorter", "events: 5", "events: 6", "sticky STALE, 5 events, want 6"},
		{"not for good", "class: STALE, sticky: true", "class: AHEAD, sticky: true", "passing AHEAD, 3 events, want sticky AHEAD"},
		{"another class", "STALE", "MISSING", "passing AHEAD, 3 events, want sticky MISSING"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d, err := ReadDeploy("x.yaml", []byte(strings.Replace(text, r.old, r.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			rep := Explore(t.Context(), d, nil)
			if rep.Passed() || !strings.Contains(rep.String(), r.want) {
				t.Errorf("got\n%s\nwant %s", rep.String(), r.want)
			}
		})
	}
	wrong := []struct{ name, old, new, want string }{
		{"no such strategy", "plain", "plane", `x.yaml:5: strategy: is "plane", want one of plain; ?v, nested bare;`},
		{"no such deploy", "atomic", "nuclear", `x.yaml:6: deploy: is "nuclear", want a list of steps, or one of atomic;`},
		{"no such site", "sample", "mine", `x.yaml:4: site: is "mine", want one of sample, demo`},
		{"no such step", "atomic", "[{pat: 2}]", "x.yaml:6: deploy[0]: no step does so"},
		{"no such visitor", "deploy: atomic", "deploy: atomic\nvisitors: [ghost]", `"ghost" is no visitor`},
		{"a class is missing", "class: STALE, ", "", "x.yaml:7: expect: class is missing"},
		{"no such class", "STALE", "OLD", `is "OLD", want one of STALE,`},
		{"proved, and more", "{class: STALE, sticky: true, events: 5}", "{proved: true, events: 3}", "events: is not known here"},
		{"a cdn's key", "deploy: atomic", "deploy: atomic\ncdn: {qeury: all}", "cdn.qeury: is not known here"},
	}
	for _, r := range wrong {
		t.Run(r.name, func(t *testing.T) {
			if _, err := ReadDeploy("x.yaml", []byte(strings.Replace(text, r.old, r.new, 1))); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %v\nwant %s", err, r.want)
			}
		})
	}
}
