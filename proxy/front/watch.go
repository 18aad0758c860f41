package front

import (
	"sync"
	"time"

	"staleproof/proxy/ending"
)

// watchAfter is how long a handler may take before anybody looks whether the
// viewer has left. Most answers are quicker, also those that wait for their turn on a
// busy machine, and need no goroutine.
const watchAfter = 50 * time.Millisecond

// watch looks for a viewer who leaves while a handler runs: it reads one byte of
// the next request, or the end of the connection. It reads in the goroutine of its
// timer, which ends at the latest in end. The next request of the connection has the
// same watch, unless its timer has gone off.
type watch struct {
	c     *conn
	life  *ending.Context // of the request
	timer *time.Timer
	done  chan struct{} // closed when the read has returned

	mu      sync.Mutex
	ended   bool // guarded by mu
	reading bool // guarded by mu
	got     int  // bytes in c.one; by done
}

func (c *conn) watch(life *ending.Context) *watch {
	w := c.watching
	if w != nil {
		w.life = life
		w.timer.Reset(watchAfter)
		return w
	}
	w = &watch{c: c, life: life}
	w.timer = time.AfterFunc(watchAfter, w.look)
	c.watching = w
	return w
}

// begin reports whether there still is a handler to watch for.
func (w *watch) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return false
	}
	w.reading, w.done = true, make(chan struct{})
	w.c.rwc.SetReadDeadline(time.Time{})
	return true
}

func (w *watch) look() {
	if !w.begin() {
		return
	}
	defer close(w.done)
	n, err := w.c.rwc.Read(w.c.one[:])
	w.got = n
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended { // else it is end's own doing
		w.life.End(nil)
	}
}

// end stops looking and waits for it. A byte that was read goes where it belongs.
func (w *watch) end() {
	if w.timer.Stop() {
		w.life = nil
		return
	}
	w.c.watching = nil // look may still be about to begin
	w.mu.Lock()
	w.ended = true
	reading := w.reading
	if reading {
		w.c.rwc.SetReadDeadline(time.Unix(1, 0)) // long ago
	}
	w.mu.Unlock()
	if !reading {
		return
	}
	<-w.done
	if w.got > 0 {
		w.c.unread(w.c.one[0])
	}
}

// unread puts a byte behind what is unread.
func (c *conn) unread(b byte) {
	if c.buf == nil {
		c.takeBuffer()
	}
	c.makeRoom()
	c.buf[c.to] = b
	c.to++
}
