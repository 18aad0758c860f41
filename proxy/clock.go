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

// MaxAhead is how far a Clock can be ahead of the system's: 100 years, the longest
// that an age counts. [TTL-27]
const MaxAhead = 100 * 365 * 24 * time.Hour

// Advance moves the cache time forward: everything stored is older by d at once. It
// reports whether it did: it never goes back, nor beyond [MaxAhead].
func (c *Clock) Advance(d time.Duration) bool {
	return d > 0 && c.move(func(ahead time.Duration) time.Duration {
		if d > MaxAhead-ahead { // the sum could be more than a Duration can be
			return ahead
		}
		return ahead + d
	})
}

// Set moves the cache time forward to t, and reports whether it did: it never goes
// back, nor beyond [MaxAhead].
func (c *Clock) Set(t time.Time) bool {
	return c.move(func(time.Duration) time.Duration { return time.Until(t) })
}

// move changes how far the clock is ahead, if it goes forward by that.
func (c *Clock) move(to func(time.Duration) time.Duration) bool {
	for {
		ahead := c.Ahead()
		next := to(ahead)
		if next <= ahead || next > MaxAhead {
			return false
		}
		if c.ahead.CompareAndSwap(int64(ahead), int64(next)) {
			return true
		}
	}
}
