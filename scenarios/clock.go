package scenarios

import (
	"sync"
	"time"
)

// Start is the cache time at which every story begins.
var Start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Clock is a cache time that stands still until it is moved. The zero Clock shows
// [Start].
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration // since Start; guarded by mu
}

// Now is the cache time: what Config.Now of an edge wants.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Start.Add(c.ahead)
}

// Advance moves the cache time forward by whole seconds, the grain of HTTP dates.
// A fraction is dropped; a negative d does nothing.
func (c *Clock) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d.Truncate(time.Second)
}

// until moves the cache time forward to t, if that is later.
func (c *Clock) until(t time.Time) { c.Advance(t.Sub(c.Now())) }
