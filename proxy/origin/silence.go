package origin

import (
	"context"
	"sync"
	"time"
)

// silence ends a request when its origin says nothing for too long: before the
// first byte and between packets. [ORG-14] It counts only while the edge waits for
// the origin, not while the viewer is slow to send or to read.
type silence struct {
	limit time.Duration
	end   context.CancelCauseFunc

	mu      sync.Mutex // guards what follows
	timer   *time.Timer
	waiting bool
	ended   bool
	settled bool // the head has come
}

// sent starts the count when the request is out, unless the head of the response
// came before the end of the request.
func (s *silence) sent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.settled {
		s.start()
	}
}

// settle ends the count when the head has come, or will not.
func (s *silence) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled = true
	s.halt()
}

// wait starts the count.
func (s *silence) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start()
}

func (s *silence) start() {
	s.waiting = true
	if s.timer == nil {
		s.timer = time.AfterFunc(s.limit, s.expire)
	} else {
		s.timer.Reset(s.limit)
	}
}

// heard starts the count anew, if there is one: a packet came.
func (s *silence) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting && !s.ended {
		s.timer.Reset(s.limit)
	}
}

// stop ends the count.
func (s *silence) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.halt()
}

func (s *silence) halt() {
	s.waiting = false
	if s.timer != nil {
		s.timer.Stop()
	}
}

// expire runs in the timer's goroutine. It may come too late, when stop has just
// been called; then it does nothing.
func (s *silence) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting {
		s.ended = true
		s.end(errSilent)
	}
}

// over reports whether the origin was silent for too long.
func (s *silence) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}
