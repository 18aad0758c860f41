package front

import (
	"sync"
)

const (
	smallBytes   = 4 << 10  // of a buffer that holds nearly every request
	joinBytes    = 4 << 10  // a body up to this is copied behind its head; measured against writev
	recordBytes  = 16 << 10 // of a TLS record
	collectBytes = 16 << 10 // of a Handler's body, before it is sent
)

// smallBuffers are those that connections read into.
var smallBuffers = sync.Pool{New: func() any { return new([smallBytes]byte) }}

// scratch is what reading one head and writing one answer take. It has no owner
// between two requests.
type scratch struct {
	head
	out     []byte // the answer
	vectors vectors
}

var scratches = sync.Pool{New: func() any { return &scratch{out: make([]byte, 0, joinBytes)} }}

// release gives s back, unless a large request or answer has made it large.
func (s *scratch) release() {
	if s.chattered || cap(s.out) > 2*recordBytes {
		return
	}
	s.Request = Request{}
	s.line = requestLine{}
	scratches.Put(s)
}
