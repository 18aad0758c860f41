package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// Options say how a story is played. The zero value is fine.
type Options struct {
	Store httpcache.Cache // behind the edge's memory; nil: none
	Seed  string          // of request ids; "": the story's name
	// Stall is how long, in network time, nothing may happen before a step is
	// given up. Default 10 s.
	Stall time.Duration
	// Through gives the viewers' way to the edge, through a front and a network, and
	// what ends it. nil: they call the edge.
	Through func(*proxy.Network) (way http.RoundTripper, end func())
}

// Play plays a story against an edge of its own, in this process, and reports. It
// goes on until a step fails. Cache time begins at [Start] and moves only by the
// story's steps and its origins' delays; the same story gives the same report,
// byte for byte.
func Play(ctx context.Context, s *Scenario, o Options) Report {
	rep := Report{Scenario: s}
	p, err := newPlayer(s, o)
	if err != nil {
		rep.Problems = append(rep.Problems, err.Error())
		return rep
	}
	defer p.close()
	for i := range s.Steps {
		step := p.step(ctx, &s.Steps[i])
		rep.Steps = append(rep.Steps, step)
		if len(step.Problems) > 0 {
			return rep
		}
	}
	for _, or := range s.Origins {
		rep.Problems = append(rep.Problems, p.origins[or.ID].left()...)
	}
	return rep
}

// memoryBytes is the memory of each tier: more than a story's files can fill, so
// that nothing is evicted but by a step.
const memoryBytes = 64 << 20

// player plays one story once.
type player struct {
	story    *Scenario
	stall    time.Duration
	clock    *Clock
	stage    *stage
	origins  map[string]*scripted
	edge     *proxy.Network
	way      http.RoundTripper // to the edge, for viewers
	end      func()            // of the way
	visitors map[string]*http.Client
	settling sync.WaitGroup
}

func newPlayer(s *Scenario, o Options) (*player, error) {
	p := &player{
		story: s, stall: o.Stall, clock: &Clock{}, stage: newStage(),
		origins: map[string]*scripted{}, visitors: map[string]*http.Client{},
	}
	if p.stall == 0 {
		p.stall = 10 * time.Second
	}
	seed := o.Seed
	if seed == "" {
		seed = s.Name
	}
	roundTrippers := map[string]http.RoundTripper{}
	for _, or := range s.Origins {
		sc := &scripted{script: or, conf: *s.Distribution.Origin(or.ID), stage: p.stage, clock: p.clock}
		p.origins[or.ID], roundTrippers[or.ID] = sc, sc
	}
	var err error
	p.edge, err = proxy.NewNetwork(proxy.Config{
		Distributions: []*distribution.Distribution{s.Distribution}, Store: o.Store, Origins: roundTrippers,
		MemoryBytes: memoryBytes, Now: p.clock.Now, Seed: seed, Observe: p.stage.observe, InvalidationDelay: s.InvalidationDelay,
	}, s.POPs, s.Regional)
	if err != nil {
		return nil, err
	}
	p.way, p.end = p.edge, func() {}
	if o.Through != nil {
		p.way, p.end = o.Through(p.edge)
	}
	return p, nil
}

func (p *player) step(ctx context.Context, s *Step) StepReport {
	rep := StepReport{Step: s, At: p.clock.Now().Sub(Start)}
	switch s.Do {
	case Advance:
		p.clock.Advance(s.For)
	case Invalidate:
		p.invalidate(s, &rep)
	case Forget:
		p.forget(s, &rep)
	case Break:
		p.origins[s.Which].broken = s.How
	case Mend:
		p.origins[s.Which].broken = ""
	default:
		p.requests(ctx, s, &rep)
		s.Expect.judge(&rep)
	}
	return rep
}

func (p *player) invalidate(s *Step, rep *StepReport) {
	_, reports, err := p.edge.Invalidate("", s.Items...)
	if err != nil {
		rep.problem("%v", err)
		return
	}
	n := 0
	for _, r := range reports {
		for _, item := range r.Items {
			n += len(item.Covered)
		}
	}
	rep.Covered = n
	if want := s.Expect.Covered; want != nil && n != *want {
		rep.problem("covered %d, want %d", n, *want)
	}
}

func (p *player) forget(s *Step, rep *StepReport) {
	for _, e := range p.edge.Edges() {
		if tier := (e == p.edge.Regional); s.At == AtEdge && tier || s.At == AtRegional && !tier {
			continue
		}
		for _, item := range s.Items {
			rep.Covered += e.Forget(item)
		}
	}
	if rep.Covered == 0 {
		rep.problem("nothing stored matches")
	}
}

// requests lets all viewers of a step ask, and the origins answer.
func (p *player) requests(ctx context.Context, s *Step, rep *StepReport) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.stall, fmt.Errorf("nothing happened for %v", p.stall))
	defer cancel()
	p.stage.begin()
	var viewers sync.WaitGroup
	defer viewers.Wait()
	defer cancel() // before the wait: whoever still waits leaves
	if err := errors.Join(p.begin(ctx, s, &viewers), p.converse(ctx, s, rep)); err != nil {
		rep.problem("%v", err)
		return
	}
	viewers.Wait()
	for _, c := range p.stage.calls {
		if c.left {
			rep.Answers = append(rep.Answers, Answer{Left: true})
			continue
		}
		a := c.answer
		a.Result, a.Reason = string(c.outcome.Result), string(c.outcome.Reason)
		if c.id == "" {
			a.Result = FromBrowser
		}
		rep.Answers = append(rep.Answers, a)
	}
}

// begin starts one viewer after the other: the next one when the one before waits
// or has his answer.
func (p *player) begin(ctx context.Context, s *Step, viewers *sync.WaitGroup) error {
	client := p.viewer(s)
	for n := range s.Together {
		c := &call{n: n}
		callCtx, cancel := context.WithCancel(ctx)
		c.cancel = cancel
		r, err := p.request(callCtx, s, n)
		if err != nil {
			return err
		}
		p.stage.change(func() { p.stage.calls = append(p.stage.calls, c) })
		viewers.Go(func() {
			defer cancel()
			a := ask(client, r)
			p.stage.change(func() { c.got(a) })
		})
		if err := p.stage.wait(ctx, p.stage.stable); err != nil {
			return err
		}
	}
	return nil
}

// converse lets the origins answer, one at a time, until nobody waits and nothing
// is under way.
func (p *player) converse(ctx context.Context, s *Step, rep *StepReport) error {
	p.assign(rep)
	if err := p.leave(ctx, s, rep); err != nil {
		return err
	}
	for {
		if err := p.stage.wait(ctx, p.stage.stable); err != nil {
			return err
		}
		p.assign(rep)
		h := p.stage.next()
		if h == nil && p.stage.over() {
			break
		}
		if h == nil {
			return errors.New("the viewers wait, and no origin has been asked")
		}
		p.answer(h)
	}
	return p.settle(ctx, rep)
}

// answer lets cache time come to when the reply is due, and sends it.
func (p *player) answer(h *held) {
	p.clock.until(h.due)
	p.stage.release(h, h.reply(p.clock.Now()))
}

// assign finds replies to what the origins have been asked since.
func (p *player) assign(rep *StepReport) {
	for _, h := range p.stage.unassigned() {
		rep.Fetched = append(rep.Fetched, Fetch{Origin: h.origin.script.ID, Method: h.ask.method, URL: h.ask.url, Header: h.ask.header})
		rep.Problems = append(rep.Problems, h.origin.assign(h)...)
	}
}

// leave lets the first viewers go away.
func (p *player) leave(ctx context.Context, s *Step, rep *StepReport) error {
	for _, c := range p.stage.calls[:s.Leaves] {
		gone := false
		p.stage.change(func() {
			if gone = c.state != done; gone {
				c.left, c.state = true, running
			}
		})
		if !gone {
			rep.problem("viewer %d cannot leave: the answer was there already", c.n+1)
			continue
		}
		c.cancel()
		if err := p.stage.wait(ctx, p.stage.stable); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until nothing is under way at the edge, and lets the origins answer
// what the edge refreshes behind its viewers' backs.
func (p *player) settle(ctx context.Context, rep *StepReport) error {
	quiet := false         // guarded by the stage
	p.settling.Go(func() { // ends with the last flight, which the origins' answers or Close end
		p.quiet()
		p.stage.change(func() { quiet = true })
	})
	for over := false; !over; {
		err := p.stage.wait(ctx, func() bool {
			over = quiet
			return quiet || p.stage.asked()
		})
		if err != nil {
			return err
		}
		p.assign(rep)
		if h := p.stage.next(); h != nil {
			p.answer(h)
		}
	}
	return nil
}

// quiet waits for the edge locations first: what they fetch keeps the regional one
// busy.
func (p *player) quiet() {
	for _, e := range p.edge.POPs {
		e.Quiet()
	}
	if p.edge.Regional != nil {
		p.edge.Regional.Quiet()
	}
}

func (p *player) close() {
	p.end()
	p.edge.Close()
	p.settling.Wait()
}
