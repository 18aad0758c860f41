package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
)

// Bounds of a [Feed]. Ours.
const (
	MaxListeners = 16   // of one feed at a time
	queueEvents  = 1024 // for each listener, until he takes them
)

// ErrTooManyListeners is why a [Feed] takes no more listeners.
var ErrTooManyListeners = fmt.Errorf("there are %d listeners already, which is the limit", MaxListeners)

// Feed passes events on to listeners who come and go. It never waits for one: who
// is too slow loses events and is told how many. Without listeners it costs a look
// at memory. The zero Feed is ready; nil has no listeners ever.
type Feed struct {
	mu        sync.Mutex                  // held by whoever changes what follows
	listeners atomic.Pointer[[]*Listener] // nil: nobody; what it points to never changes
	closed    bool
}

// Listener gets the events he wants.
type Listener struct {
	feed *Feed
	want func(*Event) bool
	more chan struct{} // one is in it when there is something to take

	mu    sync.Mutex // guards what follows
	queue []Event    // up to queueEvents
	lost  int64      // since the queue was last taken; all younger than what is in it
	ended bool
}

// heard reports whether anybody listens.
func (f *Feed) heard() bool { return f != nil && f.listeners.Load() != nil }

// Listen begins to listen. want chooses events and is called by the edge: it must
// be quick and keep nothing; nil wants all. End ends it.
func (f *Feed) Listen(want func(*Event) bool) (*Listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errClosed
	}
	list := f.all()
	if len(list) >= MaxListeners {
		return nil, ErrTooManyListeners
	}
	l := &Listener{feed: f, want: want, more: make(chan struct{}, 1)}
	list = append(slices.Clone(list), l)
	f.listeners.Store(&list)
	return l, nil
}

func (f *Feed) all() []*Listener {
	if list := f.listeners.Load(); list != nil {
		return *list
	}
	return nil
}

// Listeners is how many listen.
func (f *Feed) Listeners() int { return len(f.all()) }

// publish offers an event to everybody.
func (f *Feed) publish(ev *Event) {
	for _, l := range f.all() {
		if l.want == nil || l.want(ev) {
			l.offer(ev)
		}
	}
}

func (l *Listener) offer(ev *Event) {
	l.mu.Lock()
	if len(l.queue) < queueEvents {
		l.queue = append(l.queue, *ev)
	} else {
		l.lost++
	}
	l.mu.Unlock()
	l.wake()
}

func (l *Listener) wake() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// Next waits for events and takes all there are, in into if that has room. Lost is
// how many were dropped after them. The error is io.EOF when the feed was closed or
// the listener ended, or that of ctx.
func (l *Listener) Next(ctx context.Context, into []Event) (events []Event, lost int64, err error) {
	for {
		l.mu.Lock()
		events, lost = l.queue, l.lost
		ended := l.ended
		l.queue, l.lost = into[:0], 0
		l.mu.Unlock()
		switch {
		case len(events) > 0 || lost > 0:
			return events, lost, nil
		case ended:
			return nil, 0, io.EOF
		}
		into = events
		select {
		case <-l.more:
		case <-ctx.Done():
			return nil, 0, context.Cause(ctx)
		}
	}
}

// End is a listener going. What is queued can still be taken.
func (l *Listener) End() {
	f := l.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(f.all()), func(other *Listener) bool { return other == l })
	if len(rest) == 0 {
		f.listeners.Store(nil)
	} else {
		f.listeners.Store(&rest)
	}
	l.end()
}

func (l *Listener) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.wake()
}

// Close ends all listeners and takes no more.
func (f *Feed) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errors.New("the feed of events: closed twice")
	}
	f.closed = true
	for _, l := range f.all() {
		l.end()
	}
	f.listeners.Store(nil)
	return nil
}

// watched reports whether anybody wants events of this edge.
func (e *Edge) watched() bool { return e.config.Observe != nil || e.config.Feed.heard() }

// tell tells everybody who wants events.
func (e *Edge) tell(ev Event) {
	if e.config.Observe != nil {
		e.config.Observe(ev)
	}
	if e.config.Feed.heard() {
		copied := ev // so that ev itself stays off the heap when nobody listens
		e.config.Feed.publish(&copied)
	}
}
