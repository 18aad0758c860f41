package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"staleproof/scenarios/prove"
)

// Level is a way to play a story, the cheapest first.
type Level string

const (
	Values   Level = "values"   // the prover's own caches and visitors
	Edge     Level = "edge"     // a real edge in this process
	Sockets  Level = "sockets"  // origin servers, balancer, edge and visitors over loopback
	Chromium Level = "chromium" // the same with headless Chromium as each visitor
)

// Levels lists all levels.
func Levels() []Level { return []Level{Values, Edge, Sockets, Chromium} }

// Options say on which levels to play.
type Options struct {
	Levels []Level // nil: all but Chromium
	// Own is the bytes of the story's builds; nil: bytes are made that differ as they do.
	Own *Own
	// Browsers are those of visitors on Chromium, to be shared by several replays; nil:
	// some for this one alone.
	Browsers *Browsers
}

// Outcome is how a level went.
type Outcome string

const (
	Agrees  Outcome = "agrees"         // shows what the trace tells, event by event
	Differs Outcome = "differs"        // does not; Why says in what
	Cannot  Outcome = "cannot express" // has no way to play this; Why says what is missing
)

// LevelResult is how one level went.
type LevelResult struct {
	Level   Level   `json:"level"`
	Outcome Outcome `json:"outcome"`
	Why     string  `json:"why,omitempty"`
}

// Step is one event, and what each level showed, in the order of Result.Levels; nil
// where a level had ended before.
type Step struct {
	Event   prove.Event `json:"event"`
	Answers [][]Answer  `json:"answers"`
}

// Result is a story played.
type Result struct {
	Name     string         `json:"name"`
	Property prove.Property `json:"property"`
	Class    prove.Class    `json:"class"`
	Sticky   bool           `json:"sticky"`
	Bytes    string         `json:"bytes"` // what was given out: "builds", or "made" for the trace
	Levels   []LevelResult  `json:"levels"`
	Steps    []Step         `json:"steps"`
}

// Agreed reports whether no level differs; one that cannot play the story does not
// count, but for all of them.
func (r *Result) Agreed() bool {
	agrees := false
	for _, l := range r.Levels {
		if l.Outcome == Differs {
			return false
		}
		agrees = agrees || l.Outcome == Agrees
	}
	return agrees
}

// inexpressible is what a level has no way to play.
type inexpressible string

func (e inexpressible) Error() string { return string(e) }

// halfLanded cannot be played where an answer goes through all tiers at once.
const halfLanded = inexpressible("a flight that has landed in one tier and not in the one before")

// player plays events, one after the other.
type player interface {
	// do plays an event and returns what visitors were given during it.
	do(ctx context.Context, e *prove.Event) ([]Answer, error)
	// holds is what a cache has under a key, as one who asks for it is given it.
	holds(ctx context.Context, key string) (body string, err error)
	close() error
}

// Run plays a story on each level, event by event, and compares what visitors are
// given with what the trace tells. It returns an error only when ctx ends; the
// goroutines that it starts have ended by then.
func Run(ctx context.Context, s Story, o Options) (Result, error) {
	if o.Levels == nil {
		o.Levels = []Level{Values, Edge, Sockets}
	}
	if o.Browsers == nil {
		o.Browsers = &Browsers{}
		defer o.Browsers.Close()
	}
	s.own = o.Own
	r := Result{Name: s.Name, Property: s.Property, Class: s.Class, Sticky: s.Sticky, Bytes: "made"}
	if s.own != nil {
		r.Bytes = "builds"
	}
	for i := range s.Trace.Events {
		r.Steps = append(r.Steps, Step{Event: s.Trace.Events[i], Answers: make([][]Answer, len(o.Levels))})
	}
	for i, l := range o.Levels {
		result := LevelResult{Level: l, Outcome: Agrees}
		err := s.playOn(ctx, l, o.Browsers, func(n int, got []Answer) { r.Steps[n].Answers[i] = got })
		var cannot inexpressible
		switch {
		case ctx.Err() != nil:
			return r, ctx.Err()
		case errors.As(err, &cannot):
			result.Outcome, result.Why = Cannot, string(cannot)
		case err != nil:
			result.Outcome, result.Why = Differs, err.Error()
		}
		r.Levels = append(r.Levels, result)
	}
	return r, nil
}

// playOn plays the story on one level. The error says what differs.
func (s *Story) playOn(ctx context.Context, l Level, b *Browsers, note func(n int, got []Answer)) (err error) {
	p, err := s.open(l, b)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	j, err := s.newJudge()
	if err != nil {
		return err
	}
	for i := range s.Trace.Events {
		e := &s.Trace.Events[i]
		got, err := p.do(ctx, e)
		note(i, got)
		if err == nil {
			err = differ(s.comparable(Told(e)), s.comparable(got))
		}
		if err == nil {
			err = j.event(ctx, p, e, got, i == len(s.Trace.Events)-1)
		}
		var cannot inexpressible
		if errors.As(err, &cannot) {
			return cannot
		}
		if err != nil {
			return fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	return nil
}

// comparable is answers without what the files of builds decide: whether they are of a
// type and a length that an edge compresses is taken for granted by the trace.
func (s *Story) comparable(all []Answer) []Answer {
	if s.own == nil || !slices.ContainsFunc(s.Deploy.CDN.Behaviors, func(b prove.Behavior) bool { return b.Compress }) {
		return all
	}
	all = slices.Clone(all)
	for i := range all {
		all[i].Coding = ""
	}
	return all
}

func (s *Story) open(l Level, b *Browsers) (player, error) {
	switch l {
	case Values:
		return newValues(s)
	case Edge:
		return newStage(s, newProcess())
	case Sockets:
		return newStage(s, newSockets())
	case Chromium:
		return newStage(s, &browsing{sockets: newSockets(), browsers: b, keepers: map[string]*keeper{}})
	}
	return nil, fmt.Errorf("there is no level %q", l)
}
