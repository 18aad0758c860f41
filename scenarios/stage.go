package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"staleproof/proxy"
)

// stage is where viewers and origins of one step meet. It lets things happen one
// at a time, so that a step with a thousand viewers at once goes the same way
// every time:
//
//   - The next viewer begins when the one before has been answered, has joined a
//     flight, or has made the edge ask the origin.
//   - Origins answer only when nobody else is running, and then one: the answer
//     that is due first, of the first viewer if two are.
//   - What the edge refreshes behind a viewer's back comes after the viewers.
type stage struct {
	mu      sync.Mutex
	calls   []*call
	held    []*held
	changed chan struct{} // closed and made anew at each change
}

// held is an origin request that waits for its reply.
type held struct {
	call   *call // whom it was sent for; nil: nobody we know
	origin *scripted
	ask    asking
	since  time.Time // cache time
	due    time.Time // cache time; zero: no reply assigned yet
	reply  func(now time.Time) delivery
	answer chan delivery // of one
	gone   bool          // the edge no longer waits
}

func newStage() *stage { return &stage{changed: make(chan struct{})} }

// begin empties the stage for a new step.
func (st *stage) begin() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.calls, st.held = nil, nil
}

// change does something to the stage and wakes who waits for it.
func (st *stage) change(do func()) {
	st.mu.Lock()
	defer st.mu.Unlock()
	do()
	close(st.changed)
	st.changed = make(chan struct{})
}

// wait returns when ok holds; ok is called with the stage locked.
func (st *stage) wait(ctx context.Context, ok func() bool) error {
	for {
		st.mu.Lock()
		fine, changed := ok(), st.changed
		st.mu.Unlock()
		if fine {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%w while %s", context.Cause(ctx), st.describe())
		}
	}
}

// describe says who is where, for a story that is stuck.
func (st *stage) describe() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	var counts [done + 1]int
	for _, c := range st.calls {
		counts[c.state]++
	}
	return fmt.Sprintf("%d viewers were running, %d had joined another, %d waited for the origin, %d were done",
		counts[running], counts[joined], counts[atOrigin], counts[done])
}

// observe is the edge's Observe.
func (st *stage) observe(ev proxy.Event) {
	st.change(func() {
		c := st.find(ev.Exchange)
		if c == nil && ev.Kind == proxy.Arrived { // only the call that begins can be new
			if n := len(st.calls); n > 0 && st.calls[n-1].id == "" {
				c = st.calls[n-1]
				c.id = ev.Exchange
			}
		}
		if c == nil {
			return
		}
		switch {
		case ev.Kind == proxy.Joined:
			st.join(c, st.find(ev.Leader), ev.Key)
		case ev.Kind == proxy.Fetching:
			c.key, c.behind = ev.Key, c.behind || isBehind(ev)
		case ev.Kind == proxy.Answered && ev.POP != regional:
			c.outcome = ev
			c.finish()
		}
	})
}

// regional is the edge location that proxy.NewNetwork gives a regional edge cache.
const regional = "regional"

// isBehind reports whether the edge fetches for itself, having answered stale.
func isBehind(ev proxy.Event) bool {
	return strings.HasPrefix(string(ev.Reason), "stale-while-revalidate")
}

func (st *stage) find(exchange string) *call {
	i := slices.IndexFunc(st.calls, func(c *call) bool { return c.id == exchange })
	if i < 0 || exchange == "" {
		return nil
	}
	return st.calls[i]
}

// hold parks an origin request until the stage lets it have a reply, or the edge
// gives it up.
func (st *stage) hold(ctx context.Context, h *held, exchange string) (delivery, error) {
	h.answer = make(chan delivery, 1)
	st.change(func() {
		h.call = st.find(exchange)
		if c := h.call; c != nil && !c.behind && c.state != done {
			c.state, c.loose = atOrigin, false
			st.waitAgain(c)
		}
		st.held = append(st.held, h)
	})
	select {
	case d := <-h.answer:
		return d, nil
	case <-ctx.Done():
		st.change(func() { h.gone = true })
		return delivery{}, context.Cause(ctx)
	}
}

// join says that c waits for the answer to its leader, unless that one is running:
// then the answer may be there already, or he is about to ask an origin.
func (st *stage) join(c, leader *call, key string) {
	c.leader, c.key = leader, key
	c.state, c.loose = joined, false
	if leader != nil && leader.state != joined && !st.holds(leader) {
		c.state, c.loose = running, true
	}
}

// holds reports whether an origin has been asked for c and has not replied.
func (st *stage) holds(c *call) bool {
	return slices.ContainsFunc(st.held, func(h *held) bool { return h.call == c && !h.gone })
}

// free sets running all who wait for c's answer, and all who wait for theirs: they
// may have what they waited for.
func (st *stage) free(c *call) {
	for _, o := range st.calls {
		if o.state == joined && o.leader == c {
			o.state, o.loose = running, true
			st.free(o)
		}
	}
}

// waitAgain takes that back when c asks an origin for the same key again: the first
// one of a group has failed, or c asks by himself what he had waited for. A request
// for another key is another flight: a custom error page, which each of them asks
// for himself.
func (st *stage) waitAgain(c *call) {
	for _, o := range st.calls {
		if o.state == running && o.loose && o.leader == c && o.key == c.key {
			o.state, o.loose = joined, false
			st.waitAgain(o)
		}
	}
}

// stable reports whether nothing happens by itself any more.
func (st *stage) stable() bool {
	return !slices.ContainsFunc(st.calls, func(c *call) bool { return c.state == running })
}

func (st *stage) finished() bool {
	return !slices.ContainsFunc(st.calls, func(c *call) bool { return c.state != done })
}

// over is finished for who does not hold the stage.
func (st *stage) over() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.finished()
}

// asked reports whether an origin has been asked behind the viewers' backs.
func (st *stage) asked() bool {
	return slices.ContainsFunc(st.held, func(h *held) bool { return !h.gone && h.rank() >= behindRank })
}

// unassigned are the held requests that no reply was found for yet, in order of
// their viewers.
func (st *stage) unassigned() []*held {
	st.mu.Lock()
	defer st.mu.Unlock()
	var out []*held
	for _, h := range st.held {
		if h.due.IsZero() {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b *held) int { return a.rank() - b.rank() })
	return out
}

// next is the request that is due first, nil if there is none. When all viewers
// are done, what was asked for one of them is about to be given up by the edge, and
// only what is behind remains.
func (st *stage) next() *held {
	st.mu.Lock()
	defer st.mu.Unlock()
	finished := st.finished()
	var first *held
	for _, h := range st.held {
		switch {
		case h.gone, finished && h.rank() < behindRank:
		case first == nil, h.before(first):
			first = h
		}
	}
	return first
}

func (h *held) before(o *held) bool {
	if a, b := h.rank() >= behindRank, o.rank() >= behindRank; a != b {
		return b // what is behind comes after all viewers, however long they take
	}
	if !h.due.Equal(o.due) {
		return h.due.Before(o.due)
	}
	return h.rank() < o.rank()
}

// behindRank is more than the number of viewers.
const behindRank = 1 << 20

func (h *held) rank() int {
	if h.call == nil || h.call.behind {
		return behindRank
	}
	return h.call.n
}

// release lets one held request have its reply. Its viewer runs again, and so do
// all who may have waited for the same.
func (st *stage) release(h *held, d delivery) {
	st.change(func() {
		st.held = slices.DeleteFunc(st.held, func(o *held) bool { return o == h })
		if c := h.call; c != nil {
			if c.state == atOrigin {
				c.state = running
			}
			st.free(c)
		}
		h.answer <- d
	})
}
