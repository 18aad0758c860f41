package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// DefaultSpoolBytes is how much of a growing body is kept in memory: 1 MiB.
const DefaultSpoolBytes = 1 << 20

// Spool is a body that is still growing. One goroutine writes it, any number read
// it from its start while it grows, and when it is whole it becomes a [Body].
//
// It begins in memory and moves to a file when it outgrows its limit. How long it
// may become is the writer's business.
type Spool struct {
	limit int64
	dir   func() (string, error)

	mu      sync.Mutex // protects all below; the writer reads its own fields without
	buf     []byte     // the body, append-only, until it moves to the file
	file    *os.File
	name    *fileName
	size    int64 // written
	visible int64 // of it, what readers may have
	body    Body  // all of it, once asked for
	done    bool
	err     error         // why it was aborted
	readers int           // open
	more    chan struct{} // closed when there is more to read or it ended; nil: nobody waits
}

// NewSpool makes a Spool that keeps limitBytes in memory, 0 for
// [DefaultSpoolBytes], less than 0 for none. Larger bodies go to a file in dir,
// which must exist; "" is the system's directory for temporary files.
func NewSpool(limitBytes int64, dir string) *Spool {
	return newSpool(limitBytes, func() (string, error) { return dir, nil })
}

func newSpool(limitBytes int64, dir func() (string, error)) *Spool {
	if limitBytes == 0 {
		limitBytes = DefaultSpoolBytes
	}
	return &Spool{limit: limitBytes, dir: dir}
}

var errSpoolEnded = errors.New("spool: written after its end")

// Grow makes room for n bytes at once, when the length is known beforehand. It
// takes no more than the limit.
func (s *Spool) Grow(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil && 0 < n && n <= s.limit {
		s.buf = slices.Grow(s.buf, int(n))
	}
}

// Write appends p and lets the readers have it, together with what was held.
func (s *Spool) Write(p []byte) (int, error) {
	if err := s.append(p); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.show()
	return len(p), nil
}

// Hold appends p but keeps it from the readers until the next Write or Finish. So
// the last piece of a body can wait until the whole is stored.
func (s *Spool) Hold(p []byte) error { return s.append(p) }

// append leaves readers alone while the file is written: they look at what is
// visible only.
func (s *Spool) append(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return s.err
	case s.done, s.body != nil:
		return errSpoolEnded
	case s.file == nil && s.size+int64(len(p)) <= s.limit:
		s.buf = append(s.buf, p...)
		s.size += int64(len(p))
		return nil
	case len(p) == 0:
		return nil
	case s.file == nil:
		if err := s.spill(); err != nil {
			return err
		}
	}
	file, at := s.file, s.size
	s.mu.Unlock()
	_, err := file.WriteAt(p, at)
	s.mu.Lock()
	switch {
	case s.err != nil: // aborted meanwhile
		return s.err
	case err != nil:
		return fmt.Errorf("spool: %w", err)
	}
	s.size += int64(len(p))
	return nil
}

// spill moves the body to a file. It needs mu.
func (s *Spool) spill() error {
	dir, err := s.dir()
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	f, err := os.CreateTemp(dir, growing)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	name := &fileName{path: f.Name()}
	if _, err := f.WriteAt(s.buf, 0); err != nil {
		f.Close()
		name.removeUnused()
		return fmt.Errorf("spool: %w", err)
	}
	s.file, s.name, s.buf = f, name, nil
	return nil
}

// show lets readers have all that is written. It needs mu.
func (s *Spool) show() {
	s.visible = s.size
	s.wake()
}

func (s *Spool) wake() {
	if s.more != nil {
		close(s.more)
		s.more = nil
	}
}

// Body is all that was written and held, as a Body; nil after Abort. Nothing can
// be written after. Readers still wait for Finish: whoever stores the body before
// that knows that no reader is through before it is stored.
func (s *Spool) Body() Body {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whole()
}

func (s *Spool) whole() Body {
	switch {
	case s.err != nil:
		return nil
	case s.body != nil:
	case s.file != nil:
		s.body = newFileBody(s.file, s.name, s.size)
	default:
		if spare := cap(s.buf) - len(s.buf); spare > len(s.buf)/8 {
			s.buf = slices.Clone(s.buf) // it is kept for long
		}
		s.body = BytesBody(slices.Clip(s.buf))
	}
	return s.body
}

// Finish says that the body is whole and returns it. The error is that of an
// earlier Abort.
func (s *Spool) Finish() (Body, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := s.whole()
	if !s.done {
		s.done = true
		s.show()
	}
	return body, s.err
}

// Abort says that the rest will not come, because of err, or
// io.ErrUnexpectedEOF if that is nil. Readers get what they were let have, and
// then err: never an end that looks like the body's. After Finish it does nothing.
func (s *Spool) Abort(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	s.done, s.err = true, err
	s.wake()
	s.discard()
}

// discard lets go of the file of an aborted body when nobody reads it, unless the
// body was handed out before. It needs mu.
func (s *Spool) discard() {
	if s.err == nil || s.file == nil || s.body != nil {
		return
	}
	s.name.release()
	if s.readers == 0 {
		s.file.Close()
		s.file, s.visible = nil, 0
	}
}

// NewReader reads the body from its start. A Read waits for more until ctx is
// done, and then returns the cause; Close ends it, too.
func (s *Spool) NewReader(ctx context.Context) io.ReadCloser {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers++
	return &spoolReader{spool: s, ctx: ctx, cancel: cancel}
}

// spoolReader implements io.WriterTo: what is in memory is not copied on its way.
type spoolReader struct {
	spool  *Spool
	ctx    context.Context
	cancel context.CancelCauseFunc
	once   sync.Once
	at     int64
}

// Close may be called while another goroutine reads.
func (r *spoolReader) Close() error {
	r.once.Do(func() {
		r.cancel(os.ErrClosed)
		r.spool.mu.Lock()
		defer r.spool.mu.Unlock()
		r.spool.readers--
		r.spool.discard()
	})
	return nil
}

// wait returns when there is something at r.at: bytes in memory, or n bytes in the
// file. It copies nothing, since the bytes that are there never change.
func (r *spoolReader) wait() (buf []byte, file *os.File, n int64, err error) {
	s := r.spool
	for {
		s.mu.Lock()
		n = s.visible - r.at
		switch {
		case r.ctx.Err() != nil:
			err = context.Cause(r.ctx)
		case n > 0 && s.file == nil:
			buf = s.buf[r.at:s.visible]
		case n > 0:
			file = s.file
		case s.done && s.err != nil:
			err = s.err
		case s.done:
			err = io.EOF
		default:
			if s.more == nil {
				s.more = make(chan struct{})
			}
			more := s.more
			s.mu.Unlock()
			select {
			case <-more:
			case <-r.ctx.Done():
			}
			continue
		}
		s.mu.Unlock()
		return buf, file, n, err
	}
}

func (r *spoolReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	buf, file, n, err := r.wait()
	if err != nil {
		return 0, err
	}
	if file == nil {
		got := copy(p, buf)
		r.at += int64(got)
		return got, nil
	}
	got, err := file.ReadAt(p[:min(n, int64(len(p)))], r.at)
	r.at += int64(got)
	if got > 0 {
		return got, nil
	}
	return 0, fmt.Errorf("spool: %w", err)
}

func (r *spoolReader) WriteTo(w io.Writer) (int64, error) {
	start := r.at
	var scratch []byte
	for {
		buf, file, n, err := r.wait()
		if err == io.EOF {
			return r.at - start, nil
		}
		if err == nil && file != nil {
			if scratch == nil {
				scratch = make([]byte, 64<<10)
			}
			buf = scratch[:min(n, int64(len(scratch)))]
			_, err = file.ReadAt(buf, r.at)
		}
		if err != nil {
			return r.at - start, err
		}
		got, err := w.Write(buf)
		r.at += int64(got)
		if err != nil {
			return r.at - start, err
		}
	}
}

var _ io.WriterTo = (*spoolReader)(nil)
