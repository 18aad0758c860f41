package proxy

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/store"
)

// maxTallies is how many behaviors and how many outcomes of origin requests are
// counted apart; what is beyond is counted together as "(theRest)".
const maxTallies = 4096

const theRest = "(theRest)"

// Counts are what an edge or a network has counted since it began or was reset.
type Counts struct {
	Answers []AnswerCount `json:"answers"`
	Origins []OriginCount `json:"origins"`
	Lost    []LossCount   `json:"lost"`
}

// AnswerCount is how many answers had one result for one reason under one
// behavior, as judged before their bodies were sent. What the regional edge cache
// answered to the edge locations stands under its own name.
type AnswerCount struct {
	POP          string             `json:"pop"`
	Distribution string             `json:"distribution"` // id; "": none has the host name
	Behavior     string             `json:"behavior"`     // path pattern; "": it did not come to that
	Result       cachepolicy.Result `json:"result"`
	Reason       cachepolicy.Reason `json:"reason"`
	Count        int64              `json:"count"`
}

// OriginCount is how many requests to one origin ended in one way, as the network
// sees it: what one tier asks of another is not among them.
type OriginCount struct {
	POP          string        `json:"pop"`
	Distribution string        `json:"distribution"`
	Origin       string        `json:"origin"`
	Status       int           `json:"status"`            // of the answer, or that a failure leads to
	Failure      string        `json:"failure,omitempty"` // x-edge-detailed-result-type [LOG-24]; "": the origin answered
	Count        int64         `json:"count"`
	Took         time.Duration `json:"-"` // until the heads came, together, in network time
}

// LossCount is how many stored responses memory could not keep, for one reason.
type LossCount struct {
	POP   string     `json:"pop"`
	Why   store.Loss `json:"why"`
	Count int64      `json:"count"`
}

// tallies are the counters of one edge. A hit on the short way counts with a look
// at a map and one addition.
type tallies struct {
	byRule sync.Map // *distribution.Behavior to *tally

	mu      sync.Mutex           // guards what follows, and changing byRule
	rules   int                  // in byRule
	named   map[tallyName]*tally // distributions that were replaced go on counting
	origins map[originName]*OriginCount
	losses  map[store.Loss]int64
}

type tallyName struct{ distribution, behavior string }

type originName struct {
	distribution, origin string
	status               int
	failure              string
}

// tally counts the answers under one behavior.
type tally struct {
	fresh atomic.Int64 // hits that were fresh

	mu   sync.Mutex // guards rest
	rest map[verdict]int64
}

type verdict struct {
	result cachepolicy.Result
	reason cachepolicy.Reason
}

// of is the tally of a behavior of d; both may be nil.
func (t *tallies) of(d *distribution.Distribution, rule *distribution.Behavior) *tally {
	if rule != nil {
		if found, ok := t.byRule.Load(rule); ok {
			return found.(*tally)
		}
	}
	var name tallyName
	if d != nil {
		name.distribution = d.ID
	}
	if rule != nil {
		name.behavior = rule.PathPattern
	}
	return t.add(name, rule)
}

// add finds the tally of a name and remembers it for rule. Behaviors that are no
// longer served are forgotten when there are too many.
func (t *tallies) add(name tallyName, rule *distribution.Behavior) *tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.named[name]
	if found == nil && len(t.named) >= maxTallies {
		name = tallyName{theRest, theRest}
		found = t.named[name]
	}
	if found == nil {
		found = &tally{rest: map[verdict]int64{}}
		if t.named == nil {
			t.named = map[tallyName]*tally{}
		}
		t.named[name] = found
	}
	if rule == nil {
		return found
	}
	if t.rules >= maxTallies {
		t.byRule.Clear()
		t.rules = 0
	}
	if _, known := t.byRule.Swap(rule, found); !known {
		t.rules++
	}
	return found
}

// count counts an answer.
func (t *tally) count(result cachepolicy.Result, reason cachepolicy.Reason) {
	if result == cachepolicy.Hit && reason == cachepolicy.Fresh {
		t.fresh.Add(1)
		return
	}
	t.mu.Lock()
	t.rest[verdict{result, reason}]++
	t.mu.Unlock()
}

// asked counts a request to an origin.
func (t *tallies) asked(name originName, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.origins[name]
	if c == nil && len(t.origins) >= maxTallies {
		name = originName{distribution: theRest, origin: theRest}
		c = t.origins[name]
	}
	if c == nil {
		c = &OriginCount{Distribution: name.distribution, Origin: name.origin, Status: name.status, Failure: name.failure}
		if t.origins == nil {
			t.origins = map[originName]*OriginCount{}
		}
		t.origins[name] = c
	}
	c.Count++
	c.Took += took
}

func (t *tallies) lost(why store.Loss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.losses == nil {
		t.losses = map[store.Loss]int64{}
	}
	t.losses[why]++
}

// clear begins anew.
func (t *tallies) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.named, t.origins, t.losses = nil, nil, nil
	t.byRule.Clear()
	t.rules = 0
}

// Counts are what this edge has counted, in a stable order.
func (e *Edge) Counts() Counts {
	c := Counts{Answers: []AnswerCount{}, Origins: []OriginCount{}, Lost: []LossCount{}}
	pop, t := e.config.POP, &e.tallies
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, tally := range t.named {
		add := func(v verdict, n int64) {
			if n > 0 {
				c.Answers = append(c.Answers, AnswerCount{pop, name.distribution, name.behavior, v.result, v.reason, n})
			}
		}
		add(verdict{cachepolicy.Hit, cachepolicy.Fresh}, tally.fresh.Load())
		tally.mu.Lock()
		for v, n := range tally.rest {
			add(v, n)
		}
		tally.mu.Unlock()
	}
	for _, o := range t.origins {
		o := *o
		o.POP = pop
		c.Origins = append(c.Origins, o)
	}
	for why, n := range t.losses {
		c.Lost = append(c.Lost, LossCount{pop, why, n})
	}
	c.sort()
	return c
}

func (c *Counts) sort() {
	slices.SortFunc(c.Answers, func(a, b AnswerCount) int {
		return cmp.Or(cmp.Compare(a.Distribution, b.Distribution), cmp.Compare(a.Behavior, b.Behavior),
			cmp.Compare(a.Result, b.Result), cmp.Compare(a.Reason, b.Reason))
	})
	slices.SortFunc(c.Origins, func(a, b OriginCount) int {
		return cmp.Or(cmp.Compare(a.Distribution, b.Distribution), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Status, b.Status),
			cmp.Compare(a.Failure, b.Failure))
	})
	slices.SortFunc(c.Lost, func(a, b LossCount) int { return cmp.Compare(a.Why, b.Why) })
}

// Counts are what all tiers have counted, the regional one first.
func (nw *Network) Counts() Counts {
	all := Counts{Answers: []AnswerCount{}, Origins: []OriginCount{}, Lost: []LossCount{}}
	for _, e := range nw.Edges() {
		c := e.Counts()
		all.Answers, all.Origins, all.Lost = append(all.Answers, c.Answers...), append(all.Origins, c.Origins...), append(all.Lost, c.Lost...)
	}
	return all
}
