package origin

import (
	"bufio"
	"context"
	"errors"
	"net/http"
)

// sendPlain sends a plain request once. When the origin has closed an idle link in
// the meantime it goes out on another one, as if that link had not been there; on a
// fresh one if the origin may have seen it, so that it is not sent on each idle link in
// turn. RFC 9110 §9.2.2
func (t *Transport) sendPlain(req *http.Request, o *outgoing) (*http.Response, error) {
	for fresh := false; ; {
		l, err := t.links.take(req.Context(), o.server, fresh)
		if err != nil {
			return nil, t.plainError(req.Context(), err)
		}
		res, stale, err := t.ask(l, req, o.head)
		if !stale {
			return res, err
		}
		fresh = fresh || err != nil
	}
}

// received is a response and its body in one piece.
type received struct {
	res  http.Response
	body linkBody
}

// ask sends head over l and reads the head of the response. Stale says that the
// origin may never have seen the request, because l had been idle; without an error, that
// nothing was sent.
func (t *Transport) ask(l *link, req *http.Request, head []byte) (res *http.Response, stale bool, err error) {
	ctx := req.Context()
	old := l.used
	r := &received{body: linkBody{t: t, link: l, ctx: ctx}}
	b := &r.body
	b.abort.Watch(ctx, l.abort)
	if err = l.ask(head); err != nil {
		b.finish(false)
		if err == errUnsound {
			return nil, true, nil
		}
		return nil, old && ctx.Err() == nil && !timedOut(err), t.plainError(ctx, err)
	}
	res = &r.res
	if n := readPlain(l.unread(), req.Method, res); n > 0 {
		l.from += n
		b.left = res.ContentLength
	} else if res, err = b.readOdd(req); err != nil {
		b.finish(false)
		return nil, false, t.plainError(ctx, err)
	}
	res.Request, b.last = req, res.Close
	if res.Body == http.NoBody {
		b.finish(true)
		return res, false, nil
	}
	res.Body = b
	return res, false, nil
}

// readOdd lets net/http read a head that is not plain, with those of 1xx before it.
func (b *linkBody) readOdd(req *http.Request) (*http.Response, error) {
	in := &headReader{link: b.link, left: maxHeadBytes}
	b.odd = bufio.NewReader(in)
	hundred := false
	for {
		res, err := http.ReadResponse(b.odd, req)
		switch {
		case err != nil && in.left <= 0:
			return nil, ErrHeadTooBig
		case err != nil:
			return nil, err
		case res.StatusCode < 100: // net/http lets it pass
			return nil, errors.New("a status below 100")
		case res.StatusCode == http.StatusSwitchingProtocols:
			return nil, errSwitch
		case res.StatusCode == http.StatusContinue && hundred: // [PROT-06]
			return nil, errors.New("a second 100 Continue")
		case res.StatusCode >= 200:
			in.left = -1
			b.src = res.Body
			return res, asSent(res.Header)
		}
		hundred = hundred || res.StatusCode == http.StatusContinue
	}
}

// headReader reads from a link, but not more than left bytes; below 0: as much as
// there is.
type headReader struct {
	link *link
	left int
}

func (r *headReader) Read(p []byte) (int, error) {
	switch {
	case r.left == 0:
		return 0, ErrHeadTooBig
	case r.left > 0:
		p = p[:min(len(p), r.left)]
	}
	n, err := r.link.Read(p)
	if r.left > 0 {
		r.left -= n
	}
	return n, err
}

// plainError names what kept the head of a plain response from being read.
func (t *Transport) plainError(ctx context.Context, err error) error {
	var e *Error
	switch {
	case errors.As(err, &e): // dialling
		return e
	case err == errBusy:
		return t.fail(Connect, err, true)
	case ctx.Err() != nil:
		return t.fail(Head, ctx.Err(), false) // the viewer's doing
	case errors.Is(err, ErrWrite):
		return t.fail(Head, err, timedOut(err))
	case timedOut(err):
		return t.fail(Head, errSilent, true)
	case errors.Is(err, ErrHeadTooBig):
		return t.fail(Head, ErrHeadTooBig, false)
	case closed(err):
		return t.fail(Head, because{ErrClosed, err}, false)
	}
	return t.fail(Head, because{ErrMalformed, err}, false)
}
