package replay

import (
	"context"
	"sync"
)

// signal is something that happened beside the one who plays.
type signal struct {
	kind    signalKind
	gate    *gate  // arrived
	visitor string // answered
	answer  Answer // answered
	err     error  // answered
}

type signalKind uint8

const (
	arrived  signalKind = iota // a request is at the servers
	joined                     // a viewer waits for another one's answer
	kept                       // a response was stored, or will not be
	answered                   // a visitor has his answer, whole
)

// signals are what happened and was not looked at yet, in order. A trace has at most
// [MaxEvents] requests, of which each sends a few.
type signals struct {
	mu    sync.Mutex
	list  []signal      // guarded by mu
	ready chan struct{} // of one: the list is not empty
}

func newSignals() *signals { return &signals{ready: make(chan struct{}, 1)} }

func (s *signals) send(x signal) {
	s.mu.Lock()
	s.list = append(s.list, x)
	s.mu.Unlock()
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// next waits for the next signal, as long as ctx lasts.
func (s *signals) next(ctx context.Context) (signal, error) {
	for {
		if x, ok := s.take(); ok {
			return x, nil
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			return signal{}, ctx.Err()
		}
	}
}

func (s *signals) take() (signal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == 0 {
		return signal{}, false
	}
	x := s.list[0]
	s.list = s.list[1:]
	return x, true
}

// drain forgets what was not looked at.
func (s *signals) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
}
