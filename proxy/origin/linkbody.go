package origin

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"sync/atomic"

	"staleproof/proxy/ending"
)

// linkBody reads the body of a plain request's response off its link, and names
// what cuts it, as body does. At its end the link goes back to the pool.
type linkBody struct {
	t    *Transport
	link *link
	ctx  context.Context
	last bool          // the origin closes the link after this
	src  io.Reader     // of net/http's; nil: the next left bytes of the link
	odd  *bufio.Reader // what src reads from
	left int64
	end  error // what the last Read said, once it was not nil

	abort ending.Watcher // of ctx
	let   atomic.Bool    // the link is no longer ours
}

func (b *linkBody) Read(p []byte) (n int, err error) {
	switch {
	case b.end != nil:
		return 0, b.end
	case b.src != nil:
		n, err = b.src.Read(p)
	case len(p) > 0:
		n, err = b.link.Read(p[:min(int64(len(p)), b.left)])
		if b.left -= int64(n); b.left == 0 {
			err = io.EOF
		} else if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
	}
	if err != nil {
		b.end = b.name(err)
		b.finish(err == io.EOF)
	}
	return n, b.end
}

// Whole is all of the body if it came together with the head, and the end of the
// request; else nil, and nothing has happened. It belongs to the caller.
func (b *linkBody) Whole() []byte {
	here := b.link.unread() // Close may be called meanwhile, but it leaves the buffer alone
	if b.end != nil || b.src != nil || int64(len(here)) < b.left {
		return nil
	}
	all := bytes.Clone(here[:b.left])
	b.link.from += int(b.left)
	b.left, b.end = 0, io.EOF
	b.finish(true)
	return all
}

func (b *linkBody) name(err error) error {
	switch {
	case err == io.EOF:
		return io.EOF
	case b.ctx.Err() != nil:
		return b.t.fail(Body, b.ctx.Err(), false)
	case timedOut(err):
		return b.t.fail(Body, errSilent, true)
	}
	return b.t.fail(Body, err, false)
}

// finish lets go of the link, for whoever reads it. A link with something left that
// nobody asked for is not used again.
func (b *linkBody) finish(whole bool) {
	if b.let.Swap(true) {
		return
	}
	l := b.link
	again := whole && !b.last && len(l.unread()) == 0 && (b.odd == nil || b.odd.Buffered() == 0)
	if !b.abort.Stop() { // it is running
		again = false
	}
	l.dropBuffer()
	if again {
		b.t.links.put(l)
	} else {
		b.t.links.drop(l)
	}
}

// Close ends the request, also one whose body was not read to its end, and also
// while another goroutine reads.
func (b *linkBody) Close() error {
	if b.let.Swap(true) {
		return nil
	}
	b.abort.Stop()
	b.t.links.drop(b.link) // its buffer may be in use
	return nil
}
