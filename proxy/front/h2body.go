package front

import (
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// h2body is the body of a request over HTTP/2. What it holds is bounded by the
// window of its stream.
type h2body struct {
	h  *h2
	st *h2stream

	mu       sync.Mutex // guards what follows; taken after h2.mu
	arrived  *sync.Cond // of mu
	buf      []byte
	from     int
	declared int64 // Content-Length; -1: none
	total    int64
	window   int64 // what the viewer may still send
	credit   int64 // read, not yet told the viewer
	end      error
	expected bool // a 100 Continue is to be sent before the first Read
	patience
}

func newH2Body(h *h2, st *h2stream, declared int64) *h2body {
	b := &h2body{h: h, st: st, declared: declared, window: h2StreamWindow, patience: newPatience(h.c.server.bodyTimeout())}
	b.arrived = sync.NewCond(&b.mu)
	return b
}

// take keeps what arrived.
func (b *h2body) take(p []byte, last bool) http2.ErrCode {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total += int64(len(p))
	switch {
	case b.window < int64(len(p)):
		return http2.ErrCodeFlowControl
	case b.declared >= 0 && (b.total > b.declared || last && b.total < b.declared): // RFC 9113 §8.1.1
		return http2.ErrCodeProtocol
	}
	b.window -= int64(len(p))
	if b.from > len(b.buf)/2 { // there is less to be moved than was read
		b.buf, b.from = b.buf[:copy(b.buf, b.buf[b.from:])], 0
	}
	b.buf = append(b.buf, p...)
	if last && b.end == nil {
		b.end = io.EOF
	}
	b.arrived.Broadcast()
	return http2.ErrCodeNo
}

// fail ends the body with err, unless it has ended.
func (b *h2body) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil {
		b.end = err
	}
	b.arrived.Broadcast()
}

var errUnread = errors.New("front: the rest of the viewer's body was thrown away")

// discard forgets what was not read, and says how much that was. Who reads on learns that
// it was not the end.
func (b *h2body) discard() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.buf) - b.from
	b.buf, b.from = nil, 0
	if b.end == nil || n > 0 && b.end == io.EOF {
		b.end = errUnread
	}
	b.arrived.Broadcast()
	return int64(n)
}

// Read waits for bytes of the viewer.
func (b *h2body) Read(p []byte) (int, error) {
	b.sayContinue()
	b.mu.Lock()
	if b.wait(); b.missing() {
		b.mu.Unlock()
		b.h.giveUp(b.st)
		return 0, errSlow
	}
	n := copy(p, b.buf[b.from:])
	b.from += n
	var err error
	if n == 0 && len(p) > 0 {
		err = b.end
	}
	b.credit += int64(n)
	grow := int64(0)
	if b.credit >= h2StreamWindow/4 && b.end == nil {
		grow, b.credit = b.credit, 0
		b.window += grow
	}
	b.mu.Unlock()
	if n > 0 {
		b.h.letMore(b.st, int64(n), grow)
	}
	return n, err
}

// missing reports whether there is nothing to be read, not even the end. It needs mu.
func (b *h2body) missing() bool { return b.from == len(b.buf) && b.end == nil }

// wait waits for bytes or the end as long as there is patience. It needs mu.
func (b *h2body) wait() {
	if !b.missing() {
		return
	}
	over := false
	began := time.Now()
	if b.left > 0 {
		var t *time.Timer
		t = time.AfterFunc(b.left, func() {
			since := b.h.roomSince()
			b.mu.Lock()
			defer b.mu.Unlock()
			if since.After(began) { // until then it was not for the viewer that we waited
				began = since
			}
			if wait := b.left - time.Since(began); wait > 0 && !over {
				t.Reset(wait)
				return
			}
			over = true
			b.arrived.Broadcast()
		})
		defer func() {
			over = true
			t.Stop()
		}()
	}
	for b.missing() && !over {
		b.arrived.Wait()
		if !b.missing() {
			b.waited(time.Since(began), len(b.buf)-b.from)
		}
	}
}

// full reports whether the viewer may send next to nothing, as others' bodies are not read.
// It needs mu.
func (h *h2) full() bool { return h.owed < h2MaxFrame }

// roomSince is since when he may send more; now, if he may not.
func (h *h2) roomSince() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.full() {
		return time.Now()
	}
	return h.room
}

// giveUp resets a stream of which nothing comes.
func (h *h2) giveUp(st *h2stream) {
	h.mu.Lock()
	if !st.reset {
		h.abandon(st, errSlow)
		h.resetStream(st.id, http2.ErrCodeCancel)
		h.forgetReset(st)
	}
	h.mu.Unlock()
	h.flush()
}

// letMore takes note of n bytes of a body that were read, and lets the viewer send grow
// more on its stream. The connection's window has n at once: it is for all bodies, and
// many that each keep a little back would use it up.
func (h *h2) letMore(st *h2stream, n, grow int64) {
	h.mu.Lock()
	if grow > 0 && !st.reset {
		h.out = appendUint32(h.frame(4, http2.FrameWindowUpdate, 0, st.id), uint32(grow))
	}
	said := h.giveBack(n)
	h.mu.Unlock()
	if said || grow > 0 {
		h.flush()
	}
}

// sayContinue tells a viewer who waits for it to go on. [PROT-06]
func (b *h2body) sayContinue() {
	b.mu.Lock()
	say := b.expected && b.total == 0 && b.end == nil
	b.expected = false
	b.mu.Unlock()
	if !say {
		return
	}
	b.h.mu.Lock()
	if !b.st.reset && !b.st.answered {
		b.h.headers(b.st.id, false, func(p []byte) []byte { return appendStatus(p, 100) })
	}
	b.h.mu.Unlock()
	b.h.flush()
}

// Close is the handler's; what it did not read is dealt with when it returns.
func (b *h2body) Close() error { return nil }
