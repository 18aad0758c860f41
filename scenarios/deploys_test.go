package scenarios

import (
	"slices"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
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
		{"no such encoding", "deploy: atomic", "deploy: atomic\nencodings: [brotli]", `x.yaml:7: encodings: "brotli" is nothing that a visitor takes, only br+gzip, gzip, br, none`},
		{"no encodings", "deploy: atomic", "deploy: atomic\nencodings: []", "x.yaml:7: encodings: is empty"},
		{"encodings in a map", "deploy: atomic", "deploy: atomic\nencodings: {br: true}", "x.yaml:7: encodings: is a map, want text or a list"},
		{"more encodings than visitors", "deploy: atomic", "deploy: atomic\nvisitors: [fresh]\nencodings: [br, gzip]", "x.yaml:8: encodings: says what 2 visitors take, and there are 1"},
		{"too many encodings", "deploy: atomic", "deploy: atomic\nencodings: [br, br, br, br, br]", "x.yaml:7: encodings: says what 5 visitors take, want 1 to 4"},
		{"no such copies", "deploy: atomic", "deploy: atomic\nencodings: br\ncopies: [zstd]", `x.yaml:8: copies: "zstd" is no coding of copies, only br, gzip`},
		{"copies for nobody", "deploy: atomic", "deploy: atomic\ncopies: br", "x.yaml:7: copies: are given to who takes them"},
		{"no such coding in a key", "deploy: atomic", "deploy: atomic\nencodings: br\ncdn: {encodings: [none, br]}", `x.yaml:8: cdn.encodings: "none" is no coding of a key`},
		{"variants for nobody", "deploy: atomic", "deploy: atomic\ncdn: {compress: true}", "x.yaml:7: cdn.compress: says nothing as long as nobody takes encodings"},
		{"no flag", "deploy: atomic", "deploy: atomic\nencodings: br\ncdn: {vary: never}", "x.yaml:8: cdn.vary: is"},
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

// What deploy files say about encodings is what the prover is asked.
func TestDeployEncodings(t *testing.T) {
	const text = `name: a deploy
source: somewhere
rows: [T3]
site: sample
strategy: plain
copies: [br]
encodings: [BR+gzip, none]
cdn: {encodings: br, compress: true, encodes: true, vary: false, pages: no-cache}
deploy: [{put: 2, files: plain}, {put: 2, files: copies}]
expect: {proved: true}
`
	d, err := ReadDeploy("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p := &d.Prove
	if !slices.Equal(p.Takes, []prove.Encodings{"br,gzip", ""}) || !slices.Equal(p.Site.Copies, []string{"br"}) {
		t.Errorf("takes %q, copies %q", p.Takes, p.Site.Copies)
	}
	if p.Mode.Steps[0].Files != prove.Plain || p.Mode.Steps[1].Files != prove.Copies {
		t.Errorf("steps %+v", p.Mode.Steps)
	}
	pages, assets := &p.CDN.Behaviors[0], &p.CDN.Behaviors[1]
	if a := &assets.Terms.Policy; !a.Brotli || a.Gzip || !assets.Compress || !pages.Terms.Policy.Brotli || !p.CDN.Origin.Encodes || !p.CDN.Origin.NoVary {
		t.Errorf("%+v", p.CDN)
	}
	for cdn, want := range map[string][2]bool{"": {true, true}, "cdn: {encodings: none}\n": {false, false}, "cdn: {encodings: [gzip, br]}\n": {true, true}, "cdn: {vary: true}\n": {true, true}} {
		lines := strings.SplitAfter(text, "\n")
		lines[7] = cdn
		d, err := ReadDeploy("x.yaml", []byte(strings.Join(lines, "")))
		if err != nil {
			t.Fatal(err)
		}
		if p := &d.Prove.CDN.Behaviors[1].Terms.Policy; p.Brotli != want[0] || p.Gzip != want[1] || d.Prove.CDN.Origin.NoVary {
			t.Errorf("%q: br %v, gzip %v", cdn, p.Brotli, p.Gzip)
		}
	}
}
