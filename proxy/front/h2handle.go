package front

import (
	"encoding/binary"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/net/http2"

	"staleproof/proxy/ending"
)

// handle runs the Handler for r in a goroutine, which ends with it.
func (h *h2) handle(f *http2.MetaHeadersFrame, r *http.Request) error {
	life := new(ending.Context)
	r = r.WithContext(life)
	st := &h2stream{id: f.StreamID, handled: true, received: f.StreamEnded(), life: life}
	h.mu.Lock()
	st.window = h.initial
	if !st.received {
		declared := int64(-1)
		if r.Header["Content-Length"] != nil {
			declared = r.ContentLength
		}
		st.body = newH2Body(h, st, declared)
		st.body.expected = strings.EqualFold(r.Header.Get("Expect"), "100-continue") && !h.dataIsNext(st.id)
		r.Header.Del("Expect")
		r.Body = st.body
	}
	h.streams[st.id] = st
	h.handlers++
	h.mu.Unlock()
	go h.run(st, r)
	return nil
}

// dataIsNext reports whether a body is there already, of a viewer who waits for nothing.
// RFC 9110 §10.1.1
func (h *h2) dataIsNext(id uint32) bool {
	b, _ := h.in.Peek(min(h.in.Buffered(), frameHead))
	return len(b) == frameHead && http2.FrameType(b[3]) == http2.FrameData && binary.BigEndian.Uint32(b[5:]) == id
}

func (h *h2) run(st *h2stream, r *http.Request) {
	w := newH2Response(h, st, r.Method == http.MethodHead)
	returned := false
	defer func() {
		st.life.End(nil)
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			h.c.server.logf("front: panic serving %s: %v\n%s", h.c.remote, p, debug.Stack())
		}
		h.handled(st, returned && w.err == nil)
	}()
	h.c.server.handler().ServeHTTP(w, r)
	returned = w.finish()
}

// handled is what is left to do when a handler has returned.
func (h *h2) handled(st *h2stream, whole bool) {
	h.mu.Lock()
	if !st.reset {
		switch {
		case !whole:
			h.resetStream(st.id, http2.ErrCodeInternal)
		case !st.received: // RFC 9113 §8.1: nobody wants the rest
			h.resetStream(st.id, http2.ErrCodeNo)
		}
	}
	if whole && !st.reset {
		h.resets = max(0, h.resets-1)
	}
	if h.streams[st.id] == st {
		h.drop(st)
	}
	if st.body != nil {
		h.giveBack(st.body.discard())
	}
	h.mu.Unlock()
	h.flush()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.handlers--
	h.asked(time.Now())
	if !h.ended {
		h.arm()
	}
	h.changed.Broadcast()
}

// sendHeaders sends a header block of a handler, once what waits to be sent is not too
// much.
func (h *h2) sendHeaders(st *h2stream, end bool, block func([]byte) []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.out) >= h2FlushBytes {
		h.mu.Unlock()
		h.flush()
		h.mu.Lock()
	}
	if st.reset || h.ended {
		return errGone
	}
	h.headers(st.id, end, block)
	return nil
}

// sendData sends a piece of a body when the viewer lets it, and waits for that.
func (h *h2) sendData(st *h2stream, p []byte, last bool) error {
	for {
		h.mu.Lock()
		waited := false
		for !st.reset && !h.ended && len(p) > 0 && (st.window <= 0 || h.window <= 0 || len(h.out) >= h2FlushBytes) {
			if len(h.out) > 0 { // or of many handlers each would add a frame
				h.mu.Unlock()
				h.flush()
				h.mu.Lock()
				continue
			}
			if !waited { // woken for another window, he has waited all the while
				h.asked(time.Now())
			}
			waited = true
			h.waiting++
			h.arm()
			h.changed.Wait()
			h.waiting--
		}
		if st.reset || h.ended {
			h.mu.Unlock()
			return errGone
		}
		n := h.data(st.id, &st.window, p, last)
		if waited || h.blocked() {
			h.took(n)
		}
		full := len(h.out) >= h2FlushBytes
		h.mu.Unlock()
		if p = p[n:]; len(p) == 0 {
			return nil
		}
		if full {
			if err := h.flush(); err != nil {
				return err
			}
		}
	}
}
