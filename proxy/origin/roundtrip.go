package origin

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// RoundTrip sends req to the origin. Of req.URL only the scheme, which is the
// viewer's, the path and the query count; RawPath, if set, is sent as it is.
// Req.Host is the forwarded Host; empty: the origin's own.
//
// GET and HEAD are sent again when the origin stays silent, up to its connection
// attempts [ORG-15]; other methods once [ORG-16]. Errors, also those of the body,
// are an [Error].
//
// A plain request, without a body or anything unusual, goes over connections of our
// own; the rest is net/http's.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	tries := 1
	if (req.Method == http.MethodGet || req.Method == http.MethodHead) && (req.Body == nil || req.Body == http.NoBody) {
		tries = t.origin.ConnectionAttempts
	}
	o, plain := t.plain(req)
	var out *http.Request
	if plain {
		defer o.release()
	} else {
		out = t.prepare(req)
	}
	for try := 1; ; try++ {
		var res *http.Response
		var err error
		if plain {
			res, err = t.sendPlain(req, o)
		} else {
			res, err = t.send(out)
		}
		var e *Error
		if err == nil || try == tries || !errors.As(err, &e) || e.Phase != Head || !e.Timeout {
			return res, err
		}
	}
}

// send sends a prepared request once.
func (t *Transport) send(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	f := &fetch{t: t, cancel: cancel, silence: silence{limit: t.origin.ReadTimeout, end: cancel}}
	req = req.WithContext(httptrace.WithClientTrace(ctx, f.trace()))
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = requestBody{req.Body}
	}
	res, err := t.http.RoundTrip(req)
	f.silence.settle()
	f.connected()
	if err != nil {
		f.leave()
		cancel(nil)
		return nil, f.headError(err)
	}
	err = asSent(res.Header)
	if res.StatusCode == http.StatusSwitchingProtocols && req.Header["Upgrade"] == nil {
		err = errSwitch
	}
	if err != nil {
		res.Body.Close()
		f.leave()
		cancel(nil)
		return nil, t.fail(Head, because{ErrMalformed, err}, false)
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		f.leave() // the connection belongs to the caller now; its body can be written to
		return res, nil
	}
	if res.Body == http.NoBody {
		f.leave()
		cancel(nil)
		return res, nil
	}
	res.Body = &body{ReadCloser: res.Body, fetch: f}
	return res, nil
}

// fetch is one request on its way.
type fetch struct {
	t       *Transport
	cancel  context.CancelCauseFunc
	silence silence
	busy    atomic.Bool // no connection was to be had
	conn    *conn

	mu      sync.Mutex
	queue   *time.Timer // while it waits for a connection, or for it to be opened; guarded by mu
	hundred bool        // a 100 was seen
	interim int         // bytes of the heads of 1xx
}

// trace learns which connection is used, and when the request is out and the
// waiting begins.
func (f *fetch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { f.connecting() },
		GotConn: func(info httptrace.GotConnInfo) {
			f.connected()
			f.leave()
			if c, ok := info.Conn.(*conn); ok {
				f.conn = c
				c.silence.Store(&f.silence)
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				f.silence.sent()
			}
		},
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			if f.interim += headBytes(h); f.interim > maxHeadBytes { // net/http counts each by itself
				return ErrHeadTooBig
			}
			if code == http.StatusContinue && f.hundred { // [PROT-06]
				return errors.New("a second 100 Continue")
			}
			f.hundred = f.hundred || code == http.StatusContinue
			return nil
		},
	}
}

// headBytes is about how long a head is.
func headBytes(h textproto.MIMEHeader) int {
	n := len("HTTP/1.1 100 Continue\r\n\r\n")
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// connecting gives the request its time to get a connection: as long as may be waited
// for one, and for one to be opened.
func (f *fetch) connecting() {
	f.connected()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = time.AfterFunc(2*connectTime(&f.t.origin), func() {
		f.busy.Store(true)
		f.cancel(errBusy)
	})
}

// connected ends that time.
func (f *fetch) connected() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queue != nil {
		f.queue.Stop()
		f.queue = nil
	}
}

// leave lets go of the connection, unless the next request has it already.
func (f *fetch) leave() {
	if f.conn != nil {
		f.conn.silence.CompareAndSwap(&f.silence, nil)
	}
}

// headError names what kept the head of the response from being read.
func (f *fetch) headError(err error) error {
	var e *Error
	switch {
	case errors.As(err, &e): // dialling
		return e
	case errors.Is(err, ErrRequest): // net/http tells of it before all else
		return f.t.fail(Head, err, false)
	case f.busy.Load():
		return f.t.fail(Connect, errBusy, true)
	case f.silence.over():
		return f.t.fail(Head, errSilent, true)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return f.t.fail(Head, err, false) // the viewer's doing
	case errors.Is(err, ErrWrite):
		return f.t.fail(Head, err, timedOut(err))
	case errors.Is(err, ErrHeadTooBig), strings.Contains(err.Error(), "server response headers exceeded"):
		return f.t.fail(Head, ErrHeadTooBig, false)
	case closed(err), strings.Contains(err.Error(), "server closed idle connection"):
		return f.t.fail(Head, because{ErrClosed, err}, false)
	}
	return f.t.fail(Head, because{ErrMalformed, err}, false)
}

// closed reports whether err says that the connection has ended.
func closed(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.As(err, &network)
}

// because is an error and its cause; errors.Is finds both.
type because struct{ what, cause error }

func (b because) Error() string   { return b.what.Error() + ": " + b.cause.Error() }
func (b because) Unwrap() []error { return []error{b.what, b.cause} }
