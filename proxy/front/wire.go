package front

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// wire is a viewer's socket whose writes fail when they make no progress to speak of:
// a viewer that does not read is let go, and one that reads slowly is not. It stands under
// TLS and under net/http, so that both are bounded alike.
type wire struct {
	net.Conn
	patience time.Duration // with less than leastRate; 0: for ever
	slack    time.Duration // a deadline may be this much late, so that few are set

	armed atomic.Int64 // when the deadline was set last, Unix nanoseconds
	own   atomic.Bool  // somebody above has set a deadline
}

// Write sends all of p. It fails when less than leastRate has gone for patience; as the
// deadline is set before the first byte, a write that stops half-way may take
// twice that.
func (w *wire) Write(p []byte) (int, error) {
	if w.patience <= 0 {
		return w.Conn.Write(p)
	}
	return w.writeAt(time.Now(), p)
}

// writeAt is Write for callers who know the time.
func (w *wire) writeAt(now time.Time, p []byte) (n int, err error) {
	own := w.arm(now, false)
	for {
		var m int
		m, err = w.Conn.Write(p[n:])
		n += m
		if err == nil || own || w.stalled(int64(m)) || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		own = w.arm(time.Now(), true)
	}
}

// writeBoth sends a and then b, in one system call where there is one for it. Its
// argument is used up.
func (w *wire) writeBoth(now time.Time, v *net.Buffers) (n int64, err error) {
	own := w.arm(now, false)
	for {
		var m int64
		m, err = v.WriteTo(w.Conn)
		n += m
		if err == nil || own || w.stalled(m) || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		own = w.arm(time.Now(), true)
	}
}

// sendFile sends a file, or what the limit lets through of it.
func (w *wire) sendFile(now time.Time, file *io.LimitedReader) (n int64, err error) {
	own := w.arm(now, false)
	for {
		var m int64
		m, err = w.Conn.(io.ReaderFrom).ReadFrom(file)
		n += m
		if err == nil || own || w.stalled(m) || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		own = w.arm(time.Now(), true)
	}
}

// stalled reports whether n bytes are too few for a deadline's time.
func (w *wire) stalled(n int64) bool { return n == 0 || n < leastBytes(w.patience) }

// arm sets the deadline, unless that was done a moment ago, and says whether it is
// somebody else's.
func (w *wire) arm(now time.Time, again bool) (own bool) {
	if w.patience <= 0 {
		return true
	}
	if w.own.Load() {
		return true
	}
	since := time.Duration(now.UnixNano() - w.armed.Load())
	if again || since < 0 || since >= w.slack { // before 0: the clock was set
		w.Conn.SetWriteDeadline(now.Add(w.patience + w.slack))
		w.armed.Store(now.UnixNano())
	}
	return false
}

// SetWriteDeadline puts a deadline in place of ours, until it is taken away.
func (w *wire) SetWriteDeadline(t time.Time) error {
	w.own.Store(!t.IsZero())
	w.armed.Store(0)
	return w.Conn.SetWriteDeadline(t)
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (w *wire) SetDeadline(t time.Time) error {
	if err := w.Conn.SetReadDeadline(t); err != nil {
		return err
	}
	return w.SetWriteDeadline(t)
}

// CloseWrite tells the viewer that nothing more comes.
func (w *wire) CloseWrite() error {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}
