package front

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unsafe"

	"staleproof/proxy/ending"
)

// response is the http.ResponseWriter. What it sends is what net/http would: the
// fields in the same order, a length when the body is short and the handler gave
// none, chunks otherwise.
type response struct {
	c      *conn
	life   *ending.Context // of the request
	isHead bool
	close  bool // the connection, after this
	done   bool // finished or aborted

	header    http.Header
	status    int   // 0: WriteHeader was not called
	length    int64 // declared; -1: not
	written   int64 // by the handler
	has       present
	committed bool // the head is settled
	chunked   bool
	err       error // of the socket

	*pending
}

// present says which fields the handler has given.
type present struct{ date, contentType, contentEncoding, coding, connection bool }

// autoLength is how long a body may be and still get a Content-Length when the
// handler gave none. [net/http: bufferBeforeChunkingSize]
const autoLength = 2048

var errFinished = errors.New("front: the handler has returned")

func newResponse(c *conn, life *ending.Context, isHead, closing bool) *response {
	return &response{
		c: c, life: life, isHead: isHead, close: closing,
		length: -1, pending: takePending(),
	}
}

// Header is the header that WriteHeader will send.
func (w *response) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// TakeHeader makes it h.
func (w *response) TakeHeader(h http.Header) { w.header = h }

// WriteHeader settles the status and the handler's fields. A status of 1xx is sent
// at once, and another may follow.
func (w *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("front: invalid status %d", status))
	}
	if w.status != 0 || w.done {
		w.c.server.logf("front: superfluous WriteHeader(%d) after %d", status, w.status)
		return
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.out = appendStatusLine(w.out, status)
		w.header.WriteSubset(&w.out, hiddenNoBody)
		w.out = append(w.out, "\r\n"...)
		w.emit(nil)
		return
	}
	w.status = status
	w.settle()
}

// Write takes a piece of the body. Small pieces are collected until the handler
// returns or calls Flush.
func (w *response) Write(p []byte) (int, error) {
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
	if len(w.body)+len(p) > collectBytes {
		if !w.committed {
			w.commit(p)
		}
		w.emit(p)
	} else if w.body = append(w.body, p...); len(w.body) > autoLength && !w.committed {
		w.commit(nil)
	}
	if w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// WriteString is Write.
func (w *response) WriteString(s string) (int, error) {
	return w.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// Room is memory for the head of Answer.
func (w *response) Room() []byte { return w.out }

// Answer takes a whole answer of status 200.
func (w *response) Answer(head, body []byte) error {
	if w.done {
		return errFinished
	}
	w.status, w.committed, w.length = http.StatusOK, true, int64(len(body))
	w.close = w.close || w.c.server.closing.Load()
	w.out = w.endHead(head)
	_, err := w.Write(body)
	return err
}

// Flush sends what has been written so far.
func (w *response) Flush() { w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *response) FlushError() error {
	if w.done {
		return errFinished
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.committed {
		w.commit(nil)
	}
	w.emit(nil)
	return w.err
}

// finish sends what is left, and says whether the connection goes on.
func (w *response) finish() (again bool) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.committed {
		if w.length < 0 && !w.has.coding && bodyAllowed(w.status) && (!w.isHead || len(w.body) > 0) {
			w.length, w.added = int64(len(w.body)), true
		}
		w.commit(nil)
	}
	w.last = w.chunked
	w.emit(nil)
	short := w.length >= 0 && w.written != w.length && !w.isHead && bodyAllowed(w.status)
	w.letGo()
	return w.err == nil && !w.close && !short
}

// abort is finish after a panic: what the viewer has begun to get is not completed.
func (w *response) abort() {
	if w.committed {
		w.emit(nil)
	}
	w.letGo()
}

func (w *response) letGo() {
	w.done = true
	w.pending.release()
	w.pending = nil
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// declareLength takes the handler's Content-Length at its word, if it is one.
func (w *response) declareLength() {
	cl := w.header.Get("Content-Length")
	if cl == "" {
		return
	}
	n, err := strconv.ParseInt(cl, 10, 64)
	if err != nil || n < 0 {
		w.c.server.logf("front: invalid Content-Length %q", cl)
		w.header.Del("Content-Length")
		return
	}
	w.length = n
}
