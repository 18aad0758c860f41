package proxy

import (
	"sync/atomic"
	"time"
)

// Clock is a cache time that can be moved forward while a server runs: Now is the
// system's clock plus what it was advanced by. The zero Clock is the system's.
type Clock struct{ ahead atomic.Int64 }

// Now is the cache time.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Ahead()) }

// Ahead is how far the cache time is ahead of the system's.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Advance moves the cache time forward: everything stored is older by d at once.
// It never goes back, so a negative d does nothing.
func (c *Clock) Advance(d time.Duration) {
	if d > 0 {
		c.ahead.Add(int64(d))
	}
}

// Set moves the cache time forward to t, and reports whether it did: it never goes
// back.
func (c *Clock) Set(t time.Time) bool {
	for {
		ahead := c.ahead.Load()
		next := int64(time.Until(t))
		if next <= ahead {
			return false
		}
		if c.ahead.CompareAndSwap(ahead, next) {
			return true
		}
	}
}
