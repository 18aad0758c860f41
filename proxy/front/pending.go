package front

import (
	"net"
	"strconv"
	"sync"
	"time"
)

// pending is what a response has not sent yet.
type pending struct {
	out   appender // head and framing
	body  []byte   // at most collectBytes
	added bool     // the length is ours to write
	last  bool     // the next chunk is the last
	parts [3][]byte
}

var pendings = sync.Pool{New: func() any { return new(pending) }}

func takePending() *pending { return pendings.Get().(*pending) }

func (p *pending) release() {
	if cap(p.out) > 4*collectBytes { // a head as large as a body
		return
	}
	*p = pending{out: p.out[:0], body: p.body[:0]}
	pendings.Put(p)
}

// appender is an io.Writer and io.StringWriter over a slice.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func (a *appender) WriteString(s string) (int, error) {
	*a = append(*a, s...)
	return len(s), nil
}

// emit sends the head, the body collected, and large behind it.
func (w *response) emit(large []byte) {
	if w.isHead {
		w.body, large = w.body[:0], nil
	}
	n := len(w.body) + len(large)
	var end string
	if w.chunked && n > 0 {
		w.out = strconv.AppendInt(w.out, int64(n), 16)
		w.out = append(w.out, "\r\n"...)
		end = "\r\n"
	}
	if w.last {
		end += "0\r\n\r\n"
	}
	w.out = append(w.out, w.body...)
	w.body = w.body[:0]
	if len(large) > 0 {
		w.sendParts(large, end)
	} else {
		w.out = append(w.out, end...)
		w.sendOut()
	}
}

func (w *response) sendOut() {
	if len(w.out) > 0 && w.err == nil {
		_, w.err = w.c.send(time.Now(), w.out)
	}
	w.out = w.out[:0]
	w.noteError()
}

// sendParts sends what is pending and large without copying it.
func (w *response) sendParts(large []byte, end string) {
	if w.c.tls != nil || w.err != nil {
		w.sendOut()
		if w.err == nil {
			_, w.err = w.c.send(time.Now(), large)
		}
		w.out = append(w.out, end...)
		w.sendOut()
		return
	}
	w.parts = [3][]byte{w.out, large, []byte(end)}
	vec := net.Buffers(w.parts[:])
	_, w.err = w.c.out.writeBoth(time.Now(), &vec)
	w.out = w.out[:0]
	w.noteError()
}

// noteError tells the handler that nobody listens any more.
func (w *response) noteError() {
	if w.err != nil {
		w.life.End(nil)
	}
}
