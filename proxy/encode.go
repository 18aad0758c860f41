package proxy

import (
	"compress/gzip"
	"io"

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
		return brotli.NewWriterLevel(w, brotliLevel)
	case "gzip":
		return gzip.NewWriter(w)
	}
	return nil
}
