package prove

import (
	"context"
	"fmt"
	"slices"
)

// Prove looks for violations of each property in d and returns the verdicts, in
// the order of [Properties]; a property that is refuted has one verdict for each
// class and stickiness, sticky ones first. When ctx ends, what is known by then
// is returned. progress may be nil; it is called from time to time and must not
// block.
func Prove(ctx context.Context, d Deploy, b Bounds, progress func(Progress)) []Verdict {
	p := prover{ctx: ctx, deploy: d, bounds: b.withDefaults(), progress: progress, of: 1}
	return p.prove()
}

// prover runs both provers on one deploy.
type prover struct {
	ctx      context.Context
	deploy   Deploy
	bounds   Bounds
	hook     hook
	progress func(Progress)
	done, of int // cells of a matrix

	model *model
	may   found
	ways  [noViolation]*Trace // by violation, where the explorer reached it
	runs  []run
}

// run is one exploration.
type run struct {
	bounds   Bounds
	visitors []Kind
	crawler  bool
	crowd    string // who is among any number of others; "": there are no others
	exploration
}

func (p *prover) prove() []Verdict {
	var err error
	p.deploy.setCrawlerApart()
	if p.model, err = newModel(p.deploy, p.bounds, p.hook); err != nil {
		var out []Verdict
		for _, prop := range Properties() {
			out = append(out, Verdict{Property: prop, Status: Unknown, Bounds: p.bounds, Method: "none", Cause: err.Error()})
		}
		return out
	}
	p.may = p.model.mayHappen()
	p.explore(p.bounds, p.model.deploy.Visitors)
	decided := p.exploreCrowd()
	if !p.bounds.Exact {
		p.evictForWorkers()
	}
	if decided {
		p.exploreAroundWorkers()
	}
	if !p.bounds.Exact {
		p.widen()
	}
	return p.verdicts()
}

// open is the violations that the fixpoint does not exclude and the explorer has
// not shown.
func (p *prover) open() (f found) {
	for v := range noViolation {
		if p.may.has(v) && p.ways[v] == nil {
			f |= 1 << v
		}
	}
	return f
}

// explore runs the explorer within bounds, and keeps what is new.
func (p *prover) explore(b Bounds, visitors []Kind) {
	if p.ctx.Err() != nil {
		return
	}
	d := p.deploy
	d.Visitors, d.Takes = visitors, p.model.deploy.Takes
	m, err := newModel(d, b, p.hook)
	if err != nil {
		return // what is open stays open
	}
	p.note(m, run{bounds: b, visitors: visitors, crawler: d.crawler, exploration: m.explore(p.ctx, p.report)}, ^found(0))
}

func (p *prover) report(states, depth int) {
	if p.progress != nil {
		p.progress(Progress{Deploy: p.deploy.Name, States: p.states() + states, Depth: depth, Done: p.done, Cells: p.of})
	}
}

// note keeps the violations among which that an exploration was the first to
// reach.
func (p *prover) note(m *model, r run, which found) {
	p.runs = append(p.runs, r)
	for v := range noViolation {
		if r.found.has(v) && which.has(v) && p.ways[v] == nil {
			tr := m.retell(r.first[v].moves, v)
			p.ways[v] = &tr
		}
	}
}

func (p *prover) states() (n int) {
	for i := range p.runs {
		n += p.runs[i].states
	}
	return n
}

// widen looks again within wider bounds as long as something is open: first with
// an eviction, then with more visitors, up to two more than there are tiers: one
// to poison each, a victim, and an old tab that moves bytes.
func (p *prover) widen() {
	b, visitors := p.bounds, p.model.deploy.Visitors
	next := func() { // one more like those there are
		n := len(visitors)
		b.Visitors = n + 1
		if p.model.deploy.Takes == nil { // whose worker has it all fills no cache
			n = max(0, slices.IndexFunc(visitors, func(k Kind) bool { return !k.HasWorker() }))
		}
		visitors = append(slices.Clone(visitors), visitors[n%len(p.model.deploy.Visitors)])
	}
	if b.Evictions == 0 {
		b.Evictions = 1
	} else if len(visitors) < maxVisitors {
		next()
	}
	most := max(len(visitors), min(maxVisitors, len(p.model.tiers)+2))
	for p.open()&^(flips&^p.model.workerFlips) != 0 && len(visitors) <= most {
		if b.States = p.bounds.States - p.states(); b.States <= 0 {
			return
		}
		p.explore(b, visitors)
		next()
	}
}

// verdicts puts together what both provers found.
func (p *prover) verdicts() []Verdict {
	all := p.model.assumptions(p.may)
	base := Verdict{Bounds: p.bounds, States: p.states(), Assumptions: all, Method: p.method(), Coverage: p.coverage()}
	fix := repairer{p.deploy, p.bounds, map[[2]int]found{}}
	var out []Verdict
	for _, prop := range Properties() {
		if prop == Settling {
			out = append(out, p.settling(base, out))
			continue
		}
		before := len(out)
		for _, sticky := range [...]bool{true, false} {
			for v := range noViolation {
				if v.property() == prop && v.sticky() == sticky && (p.may.has(v) || p.ways[v] != nil) {
					out = append(out, p.verdict(base, v, &fix))
				}
			}
		}
		if len(out) == before {
			v := base
			v.Property, v.Status = prop, Proved
			out = append(out, v)
		}
	}
	return out
}

// verdict is what is known about a violation that is not excluded.
func (p *prover) verdict(base Verdict, v violation, fix *repairer) Verdict {
	out, way := base, p.ways[v]
	out.Property, out.Class, out.Sticky = v.property(), v.class(), v.sticky()
	switch {
	case way == nil:
		out.Status, out.Cause = Unknown, p.cause()
	case !p.may.has(v):
		out.Status, out.Trace = Unknown, *way
		out.Cause = "the provers disagree: the explorer reached what the fixpoint excludes; this is a fault of the prover"
	default:
		out.Status, out.Trace = Refuted, *way
		out.Who = who(&out.Trace)
		out.Assumption = p.model.blame(v, &out.Trace, base.Assumptions)
		out.Repair = fix.cheapest(v)
	}
	return out
}

// settling is the verdict on S5: S1 for views that begin after the deploy.
func (p *prover) settling(base Verdict, before []Verdict) Verdict {
	out := base
	out.Status = Proved
	for _, v := range before {
		if v.Property != ViewConsistency || !v.Sticky {
			continue
		}
		shorter := v.Status == Refuted && (out.Status != Refuted || v.Trace.Count < out.Trace.Count)
		if shorter || out.Status == Proved {
			out = v
		}
	}
	out.Property = Settling
	return out
}

// cause says why something that is not excluded was not shown.
func (p *prover) cause() string {
	if err := p.ctx.Err(); err != nil {
		return "stopped: " + err.Error()
	}
	for i := range p.runs {
		if p.runs[i].out != "" {
			return p.runs[i].out
		}
	}
	if len(p.runs) == 0 {
		return "nothing was explored"
	}
	last := len(p.runs) - 1
	for p.runs[last].crowd != "" && last > 0 {
		last--
	}
	return fmt.Sprintf("the provers disagree: the fixpoint does not exclude it, the explorer does not reach it with %s; more visitors, flights or evictions, or a longer horizon might", p.runs[last].limits())
}

func (r *run) limits() string {
	if r.crowd != "" {
		return r.crowd + " among any number of others, any evictions"
	}
	who := fmt.Sprintf("%d visitors", len(r.visitors))
	if r.crawler {
		who += " and a crawler"
	}
	return fmt.Sprintf("%s, %s open at once in a tier, %s, lifetimes up to %v",
		who, amount(r.bounds.Flights, "flights"), amount(r.bounds.Evictions, "evictions"), r.bounds.Horizon)
}

func amount(n int, what string) string {
	switch {
	case n < 0 && what == "flights":
		return "no flights"
	case n < 0:
		return "any number of " + what
	}
	return fmt.Sprintf("%d %s", n, what)
}

func (p *prover) method() string {
	s := fmt.Sprintf("fixpoint: any number of visitors, any eviction, flights of any length, over %d stages of the deploy", len(p.model.nodes))
	for i := range p.runs {
		r := &p.runs[i]
		end := "all explored"
		if r.out != "" {
			end = r.out
		}
		s += fmt.Sprintf("; explorer: breadth first, %s, %d states, %s", r.limits(), r.states, end)
	}
	return s
}

func (p *prover) coverage() string {
	if len(p.runs) == 0 {
		return "nothing was explored"
	}
	r := &p.runs[0]
	return fmt.Sprintf("depth %d, %s", r.depth, r.seen.String())
}
