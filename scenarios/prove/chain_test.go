package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// told is a mode in one line: each step with those that it comes after, where these
// are not just the one before.
func told(m Mode) string {
	var steps []string
	for i, s := range m.Steps {
		text := s.Name
		if s.After != nil && !(len(s.After) > 0 && s.After[len(s.After)-1] == i-1) {
			text += fmt.Sprint(s.After)
		}
		steps = append(steps, text)
	}
	return strings.Join(steps, " · ")
}

// A chain is the mode for 1 to 2, then for 2 to 3; what goes back is done at the end.
func TestChainOfDeploys(t *testing.T) {
	rows := []struct {
		mode string
		n    int
		to   int
		want string
	}{
		{"atomic", 4, 1, "switch to 2 · switch to 3 · switch to 4"},
		{"rolling, invalidate", 3, 1, "s1 switches to 2 · s2 switches to 2 · invalidate /* · s1 switches to 3 · s2 switches to 3 · invalidate /*"},
		{"upload, invalidate, prune", 3, 1, "img of 2 · css of 2 · html of 2 · invalidate /* · prune 1 · img of 3 · css of 3 · html of 3 · invalidate /* · prune 2"},
		{"atomic, rollback", 3, 1, "switch to 2 · switch to 3 · back to 1"},
		{"rollback, invalidate", 3, 4, "switch to 2 · switch to 3 · back to 4 · invalidate /*"},
		{"in place, any order", 3, 1, "img of 2[] · css of 2[] · html of 2[] · img of 3 · css of 3[0 1 2] · html of 3[0 1 2]"},
		{"assets server by server, roll", 2, 1, "assets of 2 on s1[] · assets of 2 on s2[] · s1 gives html of 2 · s2 gives html of 2"},
		{"upload, wait a day, prune", 3, 1, "assets of 2 · html of 2 · wait 25 h · prune 1 · assets of 3 · html of 3 · wait 25 h · prune 2"},
	}
	all := append(Modes(), MoreModes()...)
	for _, r := range rows {
		m := all[slices.IndexFunc(all, func(m Mode) bool { return m.Name == r.mode })]
		if got := told(m.Chain(r.n, r.to)); got != r.want {
			t.Errorf("%s, %d builds, back to %d:\n got %s\nwant %s", r.mode, r.n, r.to, got, r.want)
		}
	}
}

// TestChainOfTwoIsTheMode: with two builds nothing is new.
func TestChainOfTwoIsTheMode(t *testing.T) {
	for _, m := range append(Modes(), MoreModes()...) {
		d := Deploy{Strategy: strategy(t, "name.hash, nested bare"), CDN: K(2)}
		var letters [2]string
		for i, m := range []Mode{m, m.Chain(2, 1)} {
			d.Mode = m
			letters[i] = Letters(Prove(context.Background(), d, Bounds{Exact: true}, nil))
		}
		if letters[0] != letters[1] {
			t.Errorf("%s: %s, as a chain of two %s", m.Name, letters[0], letters[1])
		}
	}
}

// linked is a page that names an asset, in one build; name "": none.
func linked(n int, name, body string) Build {
	page := File{Path: "/", Body: fmt.Sprintf("page %d", n), Page: true}
	if name == "" {
		return Build{Files: []File{page}}
	}
	page.Refs = []string{"/" + name}
	return Build{Files: []File{page, {Path: "/" + name, Body: body}}}
}

// TestOnlyTheChainShows: a name that comes back with other bytes is wrong in a chain
// of three builds, and in none of its pairs.
func TestOnlyTheChainShows(t *testing.T) {
	rows := []struct {
		name   string
		builds []Build
		mode   string
		want   string // letters of the chain
		pairs  string // letters of each pair
		class  Class
		count  int
	}{
		{"T15 over three builds: a hash used again", []Build{linked(1, "app.11.js", "A"), linked(2, "app.22.js", "B"), linked(3, "app.11.js", "A'")}, "atomic", "Sa", "ok ok", Stale, 6},
		{"gone in 2, back in 3 with other bytes", []Build{linked(1, "banner.png", "A"), linked(2, "", ""), linked(3, "banner.png", "A'")}, "atomic", "Sa", "ok ok", Stale, 6},
		{"gone in 2, back in 3 with the same bytes", []Build{linked(1, "banner.png", "A"), linked(2, "", ""), linked(3, "banner.png", "A")}, "atomic", "ok", "ok ok", "", 0},
		{"names that are never used again", []Build{linked(1, "app.11.js", "A"), linked(2, "app.22.js", "B"), linked(3, "app.33.js", "C")}, "atomic", "ok", "ok ok", "", 0},
		{"a prune that does not know what comes: A is missing although 3 has it again", []Build{linked(1, "a.js", "A"), linked(2, "", ""), linked(3, "a.js", "A")}, "upload, invalidate, prune", "M", "m ok", Missing, 0},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			m := mode(t, r.mode)
			var pairs []string
			for i := 1; i < len(r.builds); i++ {
				d := Deploy{Site: Site{Builds: r.builds[i-1 : i+1]}, Mode: m, CDN: K(1)}
				pairs = append(pairs, Letters(Prove(context.Background(), d, Bounds{}, nil)))
			}
			list := Prove(context.Background(), Deploy{Site: Site{Builds: r.builds}, Mode: m.Chain(len(r.builds), 1), CDN: K(1)}, Bounds{}, nil)
			if got := Letters(list); got != r.want || strings.Join(pairs, " ") != r.pairs {
				t.Errorf("chain %s, pairs %q; want %s, %s", got, pairs, r.want, r.pairs)
			}
			if v := verdictOf(list, ViewConsistency, r.class, true); r.count > 0 && (v == nil || v.Trace.Count != r.count || v.Assumption != "A1") {
				t.Errorf("got %+v, want %d events and A1", v, r.count)
			}
		})
	}
}
