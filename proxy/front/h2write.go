package front

import (
	"encoding/binary"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// h2Buffers are for frames on their way out.
var h2Buffers = sync.Pool{New: func() any { return new([h2FlushBytes + 2*h2MaxFrame]byte) }}

// frame begins a frame of n bytes in h.out. It needs mu.
func (h *h2) frame(n int, t http2.FrameType, flags http2.Flags, id uint32) []byte {
	if h.out == nil {
		h.out = h2Buffers.Get().(*[h2FlushBytes + 2*h2MaxFrame]byte)[:0]
	}
	return appendFrame(h.out, n, t, flags, id)
}

func appendFrame(b []byte, n int, t http2.FrameType, flags http2.Flags, id uint32) []byte {
	b = append(b, byte(n>>16), byte(n>>8), byte(n), byte(t), byte(flags))
	return appendUint32(b, id)
}

func appendUint32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

func appendSetting(b []byte, id http2.SettingID, v uint32) []byte {
	return appendUint32(binary.BigEndian.AppendUint16(b, uint16(id)), v)
}

// resetStream needs mu.
func (h *h2) resetStream(id uint32, code http2.ErrCode) {
	if len(h.dropped) < h2Streams {
		h.dropped = append(h.dropped, id)
	} else {
		h.dropped[h.oldest] = id
		h.oldest = (h.oldest + 1) % h2Streams
	}
	h.out = appendUint32(h.frame(4, http2.FrameRSTStream, 0, id), uint32(code))
}

// headers writes a header block, whose encoding is appended by block, in as many
// frames as it takes. It needs mu.
func (h *h2) headers(id uint32, end bool, block func(b []byte) []byte) {
	flags := http2.FlagHeadersEndHeaders
	if end {
		flags |= http2.FlagHeadersEndStream
	}
	b := h.frame(0, http2.FrameHeaders, flags, id)
	start := len(b)
	if h.resized {
		h.resized = false
		b = append(b, 0x20) // a dynamic table of no size. RFC 7541 §6.3
	}
	b = block(b)
	n := len(b) - start
	if n > h2MaxFrame {
		b = h.continued(b, start, flags, id)
		n = h2MaxFrame
	}
	b[start-9], b[start-8], b[start-7] = byte(n>>16), byte(n>>8), byte(n)
	h.out = b
}

// continued cuts the block at start into a HEADERS frame and CONTINUATION frames.
func (h *h2) continued(b []byte, start int, flags http2.Flags, id uint32) []byte {
	rest := append([]byte(nil), b[start+h2MaxFrame:]...)
	b = b[:start+h2MaxFrame]
	b[start-5] &^= byte(http2.FlagHeadersEndHeaders)
	for len(rest) > 0 {
		n := min(len(rest), h2MaxFrame)
		var end http2.Flags
		if n == len(rest) {
			end = http2.FlagContinuationEndHeaders
		}
		b = append(appendFrame(b, n, http2.FrameContinuation, end, id), rest[:n]...)
		rest = rest[n:]
	}
	return b
}

// data writes what the windows let through of p, until there is enough to be sent,
// and says how much that was. An empty last frame always goes. It needs mu.
func (h *h2) data(id uint32, window *int64, p []byte, last bool) int {
	sent := 0
	for {
		n := int(min(int64(len(p)-sent), *window, h.window, h2MaxFrame))
		if n <= 0 && len(p) > sent || n == 0 && !last || sent > 0 && len(h.out) >= h2FlushBytes {
			return sent
		}
		n = max(0, n)
		var flags http2.Flags
		if last && sent+n == len(p) {
			flags = http2.FlagDataEndStream
		}
		h.out = append(h.frame(n, http2.FrameData, flags, id), p[sent:sent+n]...)
		*window -= int64(n)
		h.window -= int64(n)
		if sent += n; sent == len(p) {
			return sent
		}
	}
}

// flush sends what is to be sent, in order, and tells what became of the hits in it. Who
// has to wait for another does so until that one, or the next, has sent it for him: others
// may go on and on.
func (h *h2) flush() error {
	h.mu.Lock()
	for mine := h.sends + 1; h.sending; h.sent.Wait() {
		if h.sends > mine {
			defer h.mu.Unlock()
			return h.failed
		}
	}
	out, told := h.out, h.told
	h.out, h.told = nil, nil
	if h.sending = len(out) > 0; h.sending {
		h.sends++
	}
	failed := h.failed
	h.mu.Unlock()
	if len(out) == 0 {
		return failed
	}
	began := time.Now()
	_, err := h.c.rwc.Write(out)
	if err != nil {
		h.c.out.Close() // nobody can send any more
	}
	if cap(out) == h2FlushBytes+2*h2MaxFrame {
		h2Buffers.Put((*[h2FlushBytes + 2*h2MaxFrame]byte)(out[:cap(out)]))
	}
	for _, n := range told {
		h.tell(n, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sending, h.failed = false, err
	now := time.Now()
	if h.moved = h.moved.Add(now.Sub(began)); h.moved.After(now) { // he was taking something
		h.moved = now
	}
	if !h.ended {
		h.arm()
	}
	h.sent.Broadcast()
	return err
}

// push has what is to be sent sent by a goroutine of its own. It needs mu, and is for
// the one that reads.
func (h *h2) push() {
	if h.pushing {
		return
	}
	h.pushing = true
	h.pushes.Add(1)
	go h.send()
}

// send sends until there is nothing to be sent.
func (h *h2) send() {
	defer h.pushes.Done()
	for {
		err := h.flush()
		h.mu.Lock()
		h.pump()
		over := err != nil || len(h.out) == 0
		if over {
			h.pushing = false
			h.arm()
		}
		h.mu.Unlock()
		if over {
			return
		}
	}
}

// tell tells the Finisher what became of a hit.
func (h *h2) tell(n note, err error) {
	if f := h.c.server.finisher; f != nil && n.what != nil {
		f.Sent(n.what, n.bytes, err)
	}
}

// pump sends what the windows let through of the hits that wait. It needs mu.
func (h *h2) pump() {
	kept := h.queue[:0]
	for i, st := range h.queue {
		if len(h.out) >= h2FlushBytes {
			kept = append(kept, h.queue[i:]...)
			break
		}
		h.took(h.sendRest(st))
		if len(st.rest) > 0 {
			kept = append(kept, st)
			continue
		}
		h.answered(st.note)
		h.drop(st)
	}
	clear(h.queue[len(kept):])
	h.queue = kept
}

// answered takes note of a hit all of which is in out. It needs mu.
func (h *h2) answered(n note) {
	h.resets = max(0, h.resets-1)
	h.told = append(h.told, n)
}

// sendRest sends what the windows let through of a hit, and says how much of the body
// that was. It needs mu.
func (h *h2) sendRest(st *h2stream) int {
	if st.head != nil {
		h.headers(st.id, len(st.rest) == 0, func(b []byte) []byte { return appendHead(b, st.head) })
		st.note.bytes += int64(len(st.head))
		st.head = nil
	}
	n := 0
	if len(st.rest) > 0 {
		n = h.data(st.id, &st.window, st.rest, true)
	}
	st.note.bytes += int64(n)
	st.rest = st.rest[n:]
	return n
}
