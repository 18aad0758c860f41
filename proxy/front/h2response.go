package front

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// h2CollectBytes is how long a body may be and still get a Content-Length when the
// handler gave none. [net/http: handlerChunkWriteSize]
const h2CollectBytes = 4 << 10

var errGone = errors.New("front: the viewer has left")

// h2response is the http.ResponseWriter of a stream. What it sends is what net/http
// would over HTTP/2.
type h2response struct {
	h      *h2
	st     *h2stream
	isHead bool
	done   bool

	header    http.Header
	sent      http.Header // as it was at WriteHeader
	status    int
	length    int64 // declared; -1: not
	written   int64
	committed bool
	ended     bool   // with its head
	body      []byte // collected, at most h2CollectBytes
	err       error  // of the stream
}

func newH2Response(h *h2, st *h2stream, isHead bool) *h2response {
	return &h2response{h: h, st: st, isHead: isHead, header: http.Header{}, length: -1}
}

// Header is the header that WriteHeader will send.
func (w *h2response) Header() http.Header { return w.header }

// TakeHeader makes it h.
func (w *h2response) TakeHeader(h http.Header) { w.header = h }

// WriteHeader settles the status and the handler's fields. A status of 1xx is sent
// at once, and another may follow.
func (w *h2response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("front: invalid status %d", status))
	}
	if w.status != 0 || w.done {
		w.h.c.server.logf("front: superfluous WriteHeader(%d) after %d", status, w.status)
		return
	}
	if status < 200 {
		w.sendBlock(status, w.header, false, nil)
		w.flush()
		return
	}
	w.status, w.sent = status, w.header.Clone()
	if v := w.sent.Get("Content-Length"); v != "" {
		n, err := strconv.ParseUint(v, 10, 63)
		if err != nil {
			w.h.c.server.logf("front: invalid Content-Length %q", v)
			delete(w.sent, "Content-Length")
		} else {
			w.length = int64(n)
		}
	}
}

// Write takes a piece of the body. Small pieces are collected until the handler
// returns or calls Flush.
func (w *h2response) Write(p []byte) (int, error) {
	if w.done {
		return 0, errFinished
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if w.written += int64(len(p)); w.length >= 0 && w.written > w.length {
		return 0, http.ErrContentLength
	}
	if w.isHead {
		w.body = append(w.body, p[:min(len(p), 512-min(512, len(w.body)))]...)
		return len(p), nil
	}
	if len(w.body)+len(p) <= h2CollectBytes {
		w.body = append(w.body, p...)
		return len(p), nil
	}
	if w.emit(p, false); w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// WriteString is Write.
func (w *h2response) WriteString(s string) (int, error) {
	return w.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// Flush sends what has been written so far.
func (w *h2response) Flush() { w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *h2response) FlushError() error {
	if w.done {
		return errFinished
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.emit(nil, false)
	w.flush()
	return w.err
}

// finish sends what is left, and says whether that is all of the answer.
func (w *h2response) finish() bool {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.committed && w.length < 0 && bodyAllowed(w.status) && (!w.isHead || w.written > 0) &&
		w.written <= h2CollectBytes && w.sent["Content-Length"] == nil {
		w.sent["Content-Length"] = []string{strconv.FormatInt(w.written, 10)}
		w.length = w.written
	}
	short := w.length >= 0 && w.written != w.length && !w.isHead && bodyAllowed(w.status)
	if w.written <= w.length || !short || w.committed {
		w.emit(nil, !short)
	}
	w.done = true
	return !short
}

// emit sends the head, the body collected, and large behind it.
func (w *h2response) emit(large []byte, last bool) {
	body := w.body
	if w.isHead {
		body, last = nil, true
	}
	if !w.committed {
		w.commit(last && len(body)+len(large) == 0, large)
	}
	if w.isHead || w.err != nil {
		return
	}
	if len(body) > 0 {
		w.err = w.h.sendData(w.st, body, last && len(large) == 0)
		w.body = w.body[:0]
	}
	if w.err == nil && len(large) > 0 {
		w.err = w.h.sendData(w.st, large, last)
	}
	if w.err == nil && last && len(body)+len(large) == 0 && !w.ended {
		w.err = w.h.sendData(w.st, nil, true)
	}
}

// commit sends the head. The body so far, with next behind it, tells the type of
// content if the handler did not.
func (w *h2response) commit(end bool, next []byte) {
	w.committed, w.ended = true, end
	sample := w.body
	if len(sample) == 0 {
		sample = next
	}
	w.sendBlock(w.status, w.sent, end, sample)
}

// sendBlock sends a status and fields.
func (w *h2response) sendBlock(status int, header http.Header, end bool, sample []byte) {
	err := w.h.sendHeaders(w.st, end, func(b []byte) []byte {
		w.st.answered = status >= 200
		b = appendStatus(b, status)
		names := make([]string, 0, len(header))
		for name := range header {
			if w.goesOut(name, status) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			for _, v := range header[name] {
				if !strings.ContainsAny(v, "\r\n\x00") {
					b = appendField(b, name, v)
				}
			}
		}
		if status < 200 {
			return b
		}
		if _, ok := header["Content-Type"]; !ok && bodyAllowed(status) && len(sample) > 0 && header.Get("Content-Encoding") == "" {
			b = appendField(b, "Content-Type", http.DetectContentType(sample))
		}
		if _, ok := header["Date"]; !ok {
			b = appendField(b, "Date", time.Now().UTC().Format(http.TimeFormat))
		}
		return b
	})
	if w.err == nil {
		w.err = err
	}
}

// goesOut reports whether a field of the handler's is sent: those of a connection
// are not (RFC 9113 §8.2.2), nor those that the status forbids.
func (w *h2response) goesOut(name string, status int) bool {
	switch {
	case ofConnection(name):
		return false
	case name == "Content-Length":
		return bodyAllowed(status)
	}
	return !strings.HasPrefix(name, http.TrailerPrefix) && isToken([]byte(name))
}

func (w *h2response) flush() {
	if err := w.h.flush(); err != nil && w.err == nil {
		w.err = err
	}
}
