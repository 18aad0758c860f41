package proxy

import (
	"compress/gzip"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// brotliLevel is between speed and size, as a server that compresses on the fly
// has it; gzip has its usual one.
const brotliLevel = 5

// compressed is a body compressed as it is read. Its goroutine ends when all is
// read, or with the first write after the reader was closed.
func compressed(body io.ReadCloser, coding string) io.ReadCloser {
	pr, pw := io.Pipe()
	go func() {
		enc := encoder(pw, coding)
		_, err := io.Copy(enc, body)
		if err == nil {
			err = enc.Close()
		}
		pw.CloseWithError(err)
	}()
	return bothClosed{pr, body}
}

// encoder compresses what is written to it into w; nil when coding is empty. The
// origin's own pieces are not flushed: only bodies of known, moderate length are
// compressed [CMP-03].
func encoder(w io.Writer, coding string) io.WriteCloser {
	switch coding {
	case "br":
		return takeEncoder(&brotlis, w)
	case "gzip":
		return takeEncoder(&gzips, w)
	}
	return nil
}

// An encoder takes a megabyte, and a millisecond to set up: both are kept for the
// next body.
var (
	brotlis = sync.Pool{New: func() any { return brotli.NewWriterLevel(nil, brotliLevel) }}
	gzips   = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
)

// resetter is a *brotli.Writer or a *gzip.Writer.
type resetter interface {
	io.WriteCloser
	Reset(io.Writer)
}

func takeEncoder(pool *sync.Pool, w io.Writer) io.WriteCloser {
	enc := pool.Get().(resetter)
	enc.Reset(w)
	return &pooledEncoder{enc, pool}
}

// pooledEncoder goes back to its pool when the body is whole. One whose body broke
// off is left to the garbage collector, in whatever state it is.
type pooledEncoder struct {
	resetter
	pool *sync.Pool
}

// Close writes what is left. Nothing can be written after.
func (e *pooledEncoder) Close() error {
	enc := e.resetter
	err := enc.Close()
	if err == nil {
		enc.Reset(nil) // or the pool would hold the body
		e.pool.Put(enc)
		e.resetter = nil
	}
	return err
}
