package origin

import (
	"context"
	"errors"
	"io"
)

// requestBody is the body of a request. When it cannot be read, that is not the origin's doing.
type requestBody struct{ io.ReadCloser }

func (s requestBody) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = because{ErrRequest, err}
	}
	return n, err
}

// body reads a response body and names what cuts it: a Content-Length that is not
// reached, chunks without their end [ORG-21], silence [ORG-14]. A body that ends
// with the connection just ends [ORG-22], [COND-12].
type body struct {
	io.ReadCloser
	fetch *fetch
	end   error // what the last Read said, once it was not nil
}

func (b *body) Read(p []byte) (int, error) {
	if b.end != nil {
		return 0, b.end
	}
	f := b.fetch
	f.silence.wait()
	n, err := b.ReadCloser.Read(p)
	f.silence.stop()
	if err == nil {
		return n, nil
	}
	switch {
	case f.silence.over():
		b.end = f.t.fail(Body, errSilent, true)
	case err == io.EOF:
		b.end = io.EOF
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		b.end = f.t.fail(Body, err, false)
	default:
		b.end = f.t.fail(Body, err, timedOut(err))
	}
	f.leave()
	f.cancel(nil)
	return n, b.end
}

// Close ends the request, also one whose body was not read to its end.
func (b *body) Close() error {
	b.fetch.silence.stop()
	b.fetch.leave()
	b.fetch.cancel(nil)
	return b.ReadCloser.Close()
}
