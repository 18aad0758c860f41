package replay

import (
	"sync"
	"time"
)

// clock is the time of caches and servers. It stands still until the trace moves it.
type clock struct {
	start time.Time

	mu    sync.Mutex
	ahead time.Duration // guarded by mu
}

// newClock begins now, in whole seconds: a browser among the visitors has real time,
// and is given dates of which none has passed.
func newClock() *clock { return &clock{start: time.Now().UTC().Truncate(time.Second)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start.Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
