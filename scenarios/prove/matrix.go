package prove

import (
	"context"
	"strings"
)

// Cell is one deploy of a matrix: a strategy with a mode.
type Cell struct {
	Strategy string    `json:"strategy"`
	Mode     string    `json:"mode"`
	Letters  string    `json:"letters"` // see [Letters]
	States   int       `json:"states"`
	Verdicts []Verdict `json:"verdicts"`
	Deploy   Deploy    `json:"deploy"` // what was proved about
}

// Grid is a matrix: strategies down, modes across.
type Grid struct {
	CDN        string   `json:"cdn"`
	Strategies []string `json:"strategies"`
	Modes      []string `json:"modes"`
	Cells      [][]Cell `json:"cells"` // [strategy][mode]
}

// Matrix proves every strategy with every mode under one CDN. A nil site means
// [SampleSite], nil strategies [Strategies], nil modes [Modes], nil visitors
// Bounds.Visitors fresh ones. When ctx ends, cells that were not reached are
// UNKNOWN.
func Matrix(ctx context.Context, cdn CDN, of Deploy, strategies []Strategy, modes []Mode, b Bounds, progress func(Progress)) Grid {
	if strategies == nil {
		strategies = Strategies()
	}
	if modes == nil {
		modes = Modes()
	}
	g := Grid{CDN: cdn.Name}
	for _, m := range modes {
		g.Modes = append(g.Modes, m.Name)
	}
	done := 0
	for _, s := range strategies {
		g.Strategies = append(g.Strategies, s.Name)
		var row []Cell
		for _, m := range modes {
			d := of
			d.CDN, d.Strategy, d.Mode, d.Name = cdn, s, m, s.Name+" / "+m.Name
			p := prover{ctx: ctx, deploy: d, bounds: b.withDefaults(), progress: progress, done: done, of: len(strategies) * len(modes)}
			v := p.prove()
			row = append(row, Cell{Strategy: s.Name, Mode: m.Name, Letters: Letters(v), States: p.states(), Verdicts: v, Deploy: d})
			done++
			if progress != nil {
				progress(Progress{Deploy: d.Name, States: p.states(), Done: done, Cells: p.of})
			}
		}
		g.Cells = append(g.Cells, row)
	}
	return g
}

// Letters is the short form of verdicts: s STALE, a AHEAD, m MISSING, t TORN,
// capital when sticky; P STALEPAGE. "ok" when all of these are excluded; "?" is
// added when one of them is unknown.
func Letters(verdicts []Verdict) string {
	letter := map[Class]string{Stale: "s", Ahead: "a", Missing: "m", Torn: "t"}
	has, unknown := map[string]bool{}, false
	for _, v := range verdicts {
		if v.Property != ViewConsistency && v.Property != Freshness {
			continue
		}
		switch {
		case v.Status == Unknown:
			unknown = true
		case v.Status == Refuted && v.Class == StalePage:
			has["P"] = true
		case v.Status == Refuted && v.Sticky:
			has[strings.ToUpper(letter[v.Class])] = true
		case v.Status == Refuted:
			has[letter[v.Class]] = true
		}
	}
	out := ""
	for _, l := range [...]string{"s", "a", "m", "t"} {
		switch {
		case has[strings.ToUpper(l)]:
			out += strings.ToUpper(l)
		case has[l]:
			out += l
		}
	}
	if has["P"] {
		out += "P"
	}
	switch {
	case unknown:
		return out + "?"
	case out == "":
		return "ok"
	}
	return out
}
