package front

import (
	"net"
	"sync"
)

const (
	smallBytes = 4 << 10  // holds nearly every request
	joinBytes  = 16 << 10 // a body up to this is copied behind its head, for one write
)

// smallBuffers are those that connections read into.
var smallBuffers = sync.Pool{New: func() any { return new([smallBytes]byte) }}

// scratch is what reading one head and writing one answer take. It has no owner
// between two requests.
type scratch struct {
	head
	out   []byte // the answer
	parts [2][]byte
	vec   net.Buffers // of parts
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// release gives s back, unless a large request or answer has made it large.
func (s *scratch) release() {
	if s.chattered || cap(s.out) > 2*joinBytes {
		return
	}
	s.Request = Request{}
	s.line = requestLine{}
	s.parts = [2][]byte{}
	scratches.Put(s)
}
