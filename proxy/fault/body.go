package fault

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"staleproof/proxy/origin"
)

// spoiled is a body that does not come as the origin sent it.
type spoiled struct {
	io.ReadCloser
	ctx      context.Context
	harm     *harm
	fail     func(timeout bool, err error) error
	patience time.Duration

	read int64 // bytes handed on
	end  error // what the last Read said, once it was not nil
}

// spoil puts the harm that is done to bodies into res.
func (h *harm) spoil(res *http.Response, to Target, ctx context.Context, patience time.Duration) {
	if h.short != nil { // nothing tells that it is short [COND-12]
		if res.ContentLength < 0 || res.ContentLength > h.shortAt {
			res.ContentLength = -1
			res.Header = res.Header.Clone()
			res.Header.Del("Content-Length")
		}
	}
	if res.Body == nil || res.Body == http.NoBody {
		return
	}
	if res.ContentLength >= 0 {
		known := *h
		known.linger = 0 // whoever knows the length does not wait for the end
		h = &known
	}
	res.Body = &spoiled{
		ReadCloser: res.Body, ctx: ctx, harm: h, patience: patience,
		fail: func(timeout bool, err error) error {
			return &origin.Error{Origin: to.Origin.ID, Phase: origin.Body, Timeout: timeout, Err: err}
		},
	}
}

// pace is how much a throttled body hands on at a time, in seconds' worth: a tenth.
const pace = 10

func (b *spoiled) Read(p []byte) (int, error) {
	if b.end != nil {
		return 0, b.end
	}
	n, err := b.next(p)
	b.read += int64(n)
	b.end = err
	return n, err
}

// next reads a piece. A limit is noticed only when there is more than it allows: a
// body that is as long as the limit comes whole. Of a limit and an end the smaller
// counts, however much a read brings.
func (b *spoiled) next(p []byte) (int, error) {
	h := b.harm
	if h.rate > 0 {
		p = p[:min(int64(len(p)), max(1, h.rate/pace))]
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case h.cut != nil && b.read+int64(n) > h.cutAt && (h.short == nil || h.cutAt < h.shortAt):
		return int(h.cutAt - b.read), b.fail(false, fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, h.cut.failure("connection closed")))
	case h.short != nil && b.read+int64(n) >= h.shortAt:
		n, err = int(h.shortAt-b.read), io.EOF
	}
	if h.rate > 0 && n > 0 {
		if err := wait(b.ctx, time.Duration(int64(n)*int64(time.Second)/h.rate), nil); err != nil {
			return 0, b.fail(false, err)
		}
	}
	if err == io.EOF && h.linger > 0 {
		if err := wait(b.ctx, min(h.linger, b.patience), nil); err != nil {
			return n, b.fail(false, err)
		}
		if h.linger >= b.patience {
			return n, b.fail(true, fmt.Errorf("%w (fault %s)", errSilent, h))
		}
	}
	return n, err
}
