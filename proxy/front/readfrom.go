package front

import (
	"io"
	"net/http"
	"syscall"
	"time"
)

// ReadFrom is Write for all that src has. A file goes to a plain TCP connection without
// passing through the program.
func (w *response) ReadFrom(src io.Reader) (n int64, err error) {
	if w.status == 0 && !w.done {
		w.WriteHeader(http.StatusOK)
	}
	if file := w.file(src); file != nil {
		if !w.committed {
			w.commit(nil)
		}
		if w.emit(nil); w.err == nil {
			n, w.err = w.c.out.sendFile(time.Now(), file)
			w.written += n
			w.noteError()
		}
		if w.err != nil {
			return n, w.err
		}
		if limited, ok := src.(*io.LimitedReader); ok {
			limited.N -= n
		}
	}
	more, err := io.Copy(struct{ io.Writer }{w}, src) // and if there is more than the head says, an error
	return n + more, err
}

// file is what is left of the answer, in a file; nil: src is none, or has to be read.
func (w *response) file(src io.Reader) *io.LimitedReader {
	left := w.length - w.written
	if limited, ok := src.(*io.LimitedReader); ok {
		src, left = limited.R, min(left, limited.N)
	}
	_, isFile := src.(syscall.Conn)
	_, isTCP := w.c.out.Conn.(io.ReaderFrom)
	switch {
	case !isFile || !isTCP || w.c.tls != nil:
	case w.done || w.isHead || left <= 0 || !bodyAllowed(w.status):
	case !w.has.contentType: // which the first bytes tell
	default:
		return &io.LimitedReader{R: src, N: left}
	}
	return nil
}
