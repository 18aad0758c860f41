package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"staleproof/cachepolicy"
	"staleproof/proxy/store"
)

// takeWhole takes the body if all of it came together with the head, as that of a
// small response nearly always does: then nobody has to wait for it, and there is no
// body that grows. It reports whether it did.
func (f *flight) takeWhole(x *exchange, res *http.Response, coding string) bool {
	at, ok := res.Body.(interface{ Whole() []byte })
	if !ok {
		return false
	}
	bytes := at.Whole()
	if bytes == nil {
		return false
	}
	f.length = int64(len(bytes))
	if coding != "" {
		f.length = -1 // what the head says, which goes out before it is known
		bytes = compressBytes(bytes, coding)
	}
	f.whole = store.BytesBody(bytes)
	if cause := f.life.Cause(); cause != nil {
		x.emit(Event{Kind: Refused, Status: f.reply.Status, Detail: cause.Error()})
		return true
	}
	if f.out.Store != nil {
		kept := f.keep(x, f.out.Store, f.whole)
		if kept.Plain && coding == "" && f.sendsWhatItKeeps() {
			f.packed = kept
		}
		x.warnEcho(f.out.Store, f.whole)
	}
	return true
}

// sendsWhatItKeeps reports whether the answer has the very fields that were stored: all
// of them, a Set-Cookie that is not stored [CK-10] and an Age that only a miss passes on
// [XC-06] included.
func (f *flight) sendsWhatItKeeps() bool {
	return f.out.Result == cachepolicy.Miss && f.out.Header["Age"] == nil && len(f.out.Header) == len(f.out.Store.Header)
}

// openBytes reads a body in memory, which cannot fail.
func openBytes(b store.Body) io.ReadCloser {
	r, err := b.Open()
	if err != nil {
		panic(errors.New("a body in memory: " + err.Error()))
	}
	return r
}

// compressBytes compresses a whole body.
func compressBytes(b []byte, coding string) []byte {
	var out bytes.Buffer
	enc := encoder(&out, coding)
	enc.Write(b) // a buffer takes everything
	enc.Close()
	return bytes.Clone(out.Bytes())
}
