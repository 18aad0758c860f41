package proxy

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/front"
	"staleproof/proxy/origin"
	"staleproof/proxy/store"
)

// errClosed ends what is under way when the edge is closed.
var errClosed = errors.New("the edge was closed")

// answer is what the viewer gets. Its header belongs to it and may be changed;
// header values are shared and may not.
type answer struct {
	status  int
	header  http.Header
	body    io.ReadCloser // nil: none
	length  int64         // of body; -1: not known yet
	result  cachepolicy.Result
	why     cachepolicy.Reason
	age     time.Duration // to send as Age, if hasAge
	hasAge  bool
	message string // of an error page
	detail  string // of an error, for the log [LOG-04]

	generated bool            // the edge made it
	stored    *store.Response // it is this, whole
	packed    *store.Response // it is this, which was just fetched, with a head that is ready to be sent
	whole     bool            // its body was there with its head
	received  time.Time       // when the origin gave it; zero if the edge made it
	flight    *flight         // its body still grows in this flight; may be nil
	left      func()          // tells the flight that this viewer has gone; may be nil
}

type stringBody struct{ *strings.Reader }

func (stringBody) Close() error { return nil }

func bytesBody(s string) io.ReadCloser { return stringBody{strings.NewReader(s)} }

// close lets go of the body and of the flight it came from.
func (a *answer) close() {
	if a.body != nil {
		a.body.Close()
	}
	if a.left != nil {
		a.left()
		a.left = nil
	}
}

// writeTo sends a to a viewer on a socket. A body that breaks off aborts the
// connection, so that a short body never looks whole.
func (x *exchange) writeTo(w http.ResponseWriter, a *answer) {
	defer a.close()
	if a.packed != nil {
		x.sendPacked(a)
		return
	}
	h := a.header
	if t, ok := w.(front.HeaderTaker); ok {
		t.TakeHeader(h)
	} else {
		h = w.Header()
		maps.Copy(h, a.header)
	}
	if a.header["Content-Type"] == nil {
		h["Content-Type"] = nil // net/http would guess one
	}
	if a.header["Date"] == nil {
		h["Date"] = []string{x.now().UTC().Format(http.TimeFormat)}
	}
	if a.length >= 0 && h["Content-Length"] == nil && bodyAllowed(a.status) {
		h["Content-Length"] = []string{strconv.FormatInt(a.length, 10)}
	}
	w.WriteHeader(a.status)
	var n int64
	var err error
	if a.body != nil && x.in.Method != http.MethodHead {
		n, err = copyFlushing(w, a)
	}
	x.answered(a, n, err)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// copyFlushing copies the body to w. While the body grows, what has come is
// flushed at once, so that viewers see it as it arrives.
func copyFlushing(w http.ResponseWriter, a *answer) (int64, error) {
	flusher := http.NewResponseController(w)
	if a.stored != nil || a.generated || a.whole {
		var src io.Reader = a.body
		if cut, ok := src.(limitedBody); ok {
			src = cut.Reader // of a file, perhaps, which a server knows how to send
		}
		n, err := io.Copy(w, src)
		if a.whole && a.length < 0 && err == nil {
			flusher.Flush() // as if it had come bit by bit
		}
		return n, err
	}
	pooled := pieces.Get().(*[pieceBytes]byte)
	defer pieces.Put(pooled)
	buf := pooled[:]
	var n int64
	for {
		got, err := a.body.Read(buf)
		if got > 0 {
			m, werr := w.Write(buf[:got])
			n += int64(m)
			if werr != nil {
				return n, werr
			}
			if err == nil {
				flusher.Flush()
			}
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

func (x *exchange) answered(a *answer, n int64, err error) {
	x.edge.tallies.of(x.dist, x.rule).count(a.result, a.why)
	if !x.edge.watched() {
		return
	}
	ev := Event{
		Kind: Answered, Status: a.status, Result: a.result, Response: a.result, Detailed: a.detailed(),
		Reason: a.why, Bytes: n, Took: time.Since(x.began),
	}
	if a.hasAge {
		ev.Age = a.age
	}
	if err != nil {
		ev.Result, ev.Detail, ev.Detailed = cachepolicy.Error, err.Error(), brokenOff(err) // [LOG-02]
	}
	x.emit(ev)
}

// detailed is x-edge-detailed-result-type. An error that was stored says no more
// than Error. [LOG-03] to [LOG-05]
func (a *answer) detailed() string {
	switch {
	case a.result != cachepolicy.Error:
	case a.detail != "":
		return a.detail
	case !a.generated:
	case a.why == cachepolicy.MethodNotAllowed:
		return "InvalidRequestMethod"
	case a.why == cachepolicy.BadRequest, a.why == cachepolicy.BodyNotAllowed, a.why == cachepolicy.TooLong:
		return "InvalidRequest"
	}
	return string(a.result)
}

// brokenOff is the detail of a body that did not arrive: the viewer left, or the
// origin did.
func brokenOff(err error) string {
	var failed *origin.Error
	switch {
	case errors.As(err, &failed):
		return origin.AnswerTo(err).Detail
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "OriginReadError"
	}
	return "ClientCommError"
}

// response is a as a viewer in the same process gets it.
func (x *exchange) response(r *http.Request, a *answer, cancel context.CancelFunc) *http.Response {
	if a.header["Date"] == nil {
		a.header["Date"] = []string{x.now().UTC().Format(http.TimeFormat)}
	}
	if a.length >= 0 && a.header["Content-Length"] == nil && bodyAllowed(a.status) {
		a.header["Content-Length"] = []string{strconv.FormatInt(a.length, 10)}
	}
	res := &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, ContentLength: a.length, Request: r,
	}
	if r.Method == http.MethodHead || a.body == nil {
		x.answered(a, 0, nil)
		a.close()
		cancel()
		res.Body = http.NoBody
		if x.inner {
			res.Body = &viewerBody{x: x, a: &answer{received: a.received, age: a.age, hasAge: a.hasAge}, done: true, cancel: cancel}
		}
		return res
	}
	res.Body = &viewerBody{x: x, a: a, cancel: cancel}
	return res
}

// viewerBody is the body that a viewer in the same process reads.
type viewerBody struct {
	x      *exchange
	a      *answer
	cancel context.CancelFunc
	n      int64
	done   bool
}

func (b *viewerBody) Read(p []byte) (int, error) {
	if b.done {
		return 0, io.EOF
	}
	n, err := b.a.body.Read(p)
	b.n += int64(n)
	if err != nil {
		b.finish(err)
	}
	return n, err
}

func (b *viewerBody) Close() error {
	b.finish(context.Canceled)
	return nil
}

func (b *viewerBody) finish(err error) {
	if b.done {
		return
	}
	b.done = true
	if err == io.EOF {
		err = nil
	}
	b.x.answered(b.a, b.n, err)
	b.a.close()
	b.cancel()
}
