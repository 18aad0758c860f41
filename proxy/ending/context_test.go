package ending

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// TestIsAContext compares with package context: whatever is done to the two, in
// whatever order, they say the same.
func TestIsAContext(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"end", "end for a", "done", "watch", "AfterFunc", "child", "stop the first", "stop the second", "stop the last"}), 1, 16).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			p := newPair()
			for _, step := range steps {
				p.take(step)
				synctest.Wait()
				if differ := p.differ(); differ != "" {
					t.Errorf("%v, after %q: %s", steps, step, differ)
				}
			}
			p.ours.End(nil)
			p.end(nil)
		})
		if t.Failed() {
			rt.FailNow()
		}
	})
}

// pair is a Context beside one of package context.
type pair struct {
	ours   Context
	theirs context.Context
	end    context.CancelCauseFunc
	done   [2]<-chan struct{}
	watch  []*watched
	stops  [2][]bool
}

// watched is one function for each of the two.
type watched struct {
	stop   [2]func() bool
	called [2]atomic.Int32
}

func newPair() *pair {
	p := &pair{}
	p.theirs, p.end = context.WithCancelCause(context.Background())
	return p
}

var errA = errors.New("a")

func (p *pair) take(step string) {
	switch step {
	case "end":
		p.ours.End(nil)
		p.end(nil)
	case "end for a":
		p.ours.End(errA)
		p.end(errA)
	case "done":
		p.done = [2]<-chan struct{}{p.ours.Done(), p.theirs.Done()}
	case "stop the first", "stop the second", "stop the last":
		i := map[string]int{"stop the second": 1, "stop the last": len(p.watch) - 1}[step]
		if i < 0 || i >= len(p.watch) {
			return
		}
		w := p.watch[i]
		for i, stop := range w.stop {
			p.stops[i] = append(p.stops[i], stop())
		}
	default:
		w := new(watched)
		ours, theirs := func() { w.called[0].Add(1) }, func() { w.called[1].Add(1) }
		switch step {
		case "watch":
			own := new(Watcher)
			own.Watch(&p.ours, ours)
			w.stop[0] = own.Stop
		case "AfterFunc":
			w.stop[0] = p.ours.AfterFunc(ours)
		case "child":
			child, cancel := context.WithCancel(&p.ours)
			stop := context.AfterFunc(child, ours)
			w.stop[0] = func() bool { defer cancel(); return stop() }
		}
		w.stop[1] = context.AfterFunc(p.theirs, theirs)
		p.watch = append(p.watch, w)
	}
}

// differ is what the two say differently; "": nothing.
func (p *pair) differ() string {
	if p.ours.Err() != p.theirs.Err() || p.ours.Cause() != context.Cause(p.theirs) {
		return fmt.Sprintf("Err %v, Cause %v; want %v, %v", p.ours.Err(), p.ours.Cause(), p.theirs.Err(), context.Cause(p.theirs))
	}
	if open(p.done[0]) != open(p.done[1]) {
		return fmt.Sprintf("Done is open: %v, want %v", open(p.done[0]), open(p.done[1]))
	}
	for i, w := range p.watch {
		if ours, theirs := w.called[0].Load(), w.called[1].Load(); ours != theirs {
			return fmt.Sprintf("function %d was called %d times, want %d", i, ours, theirs)
		}
	}
	if !slices.Equal(p.stops[0], p.stops[1]) {
		return fmt.Sprintf("stops say %v, want %v", p.stops[0], p.stops[1])
	}
	return ""
}

// TestStopsInAnyOrder takes watchers off the list from every place.
func TestStopsInAnyOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, order := range [][]int{{0, 1}, {0, 2}, {1, 0}, {1, 2}, {2, 0}, {2, 1}} {
			var c Context
			var w [3]Watcher
			var called [3]atomic.Int32
			for i := range w {
				w[i].Watch(&c, func() { called[i].Add(1) })
			}
			for _, i := range order {
				w[i].Stop()
			}
			c.End(nil)
			synctest.Wait()
			for i := range w {
				if got, want := called[i].Load() > 0, !slices.Contains(order, i); got != want {
					t.Errorf("%v were stopped; %d was called: %v", order, i, got)
				}
			}
		}
	})
}

func open(done <-chan struct{}) bool {
	select {
	case <-done:
		return false
	default:
		return true
	}
}

// TestWatchesOthers is a Watcher of contexts that are not of this package.
func TestWatchesOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var called atomic.Int32
		var w, stopped, never Watcher
		w.Watch(ctx, func() { called.Add(1) })
		stopped.Watch(ctx, func() { t.Error("was stopped, and called") })
		never.Watch(context.Background(), func() { t.Error("called, though nothing ended") })
		if !stopped.Stop() {
			t.Error("Stop before the end: too late")
		}
		cancel()
		synctest.Wait()
		if n := called.Load(); n != 1 || w.Stop() {
			t.Errorf("called %d times; want once, and too late to stop", n)
		}
		if !never.Stop() {
			t.Error("Stop of what cannot end: too late")
		}
	})
}

type key struct{}

// TestInheritsValues has the values of another context, but not its end.
func TestInheritsValues(t *testing.T) {
	parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "v"))
	var a, b, none Context
	a.Inherit(parent)
	b.Inherit(&a)
	cancel(errors.New("the parent's"))
	for name, c := range map[string]*Context{"from another": &a, "from one of these": &b} {
		if c.Value(key{}) != "v" || c.Err() != nil || context.Cause(c) != nil {
			t.Errorf("%s: value %v, err %v, cause %v; want v and no more", name, c.Value(key{}), c.Err(), context.Cause(c))
		}
		child, cancel := context.WithCancel(c)
		if child.Err() != nil || context.Cause(child) != nil {
			t.Errorf("%s: a child has ended with the parent: %v", name, context.Cause(child))
		}
		cancel()
	}
	if a.End(nil); context.Cause(&a) != context.Canceled {
		t.Errorf("ended, but with the cause %v of the parent", context.Cause(&a))
	}
	if none.Value(key{}) != nil {
		t.Error("a value out of nowhere")
	}
}

// TestWatchingAllocatesNothing is what the package is for.
func TestWatchingAllocatesNothing(t *testing.T) {
	f := func() {}
	n := testing.AllocsPerRun(100, func() {
		var of struct {
			Context
			Watcher
		}
		of.Watch(&of.Context, f)
		of.Stop()
		of.End(nil)
	})
	if n > 1 { // the two themselves
		t.Errorf("%v allocations, want 1", n)
	}
}
