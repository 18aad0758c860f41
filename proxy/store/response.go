package store

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"staleproof/cachepolicy"
)

// Response is a stored response, ready to be served. It is shared by all who
// answer with it: nothing in it is ever written to.
type Response struct {
	Stored *cachepolicy.Stored
	// Head is what of the head is the same in every answer, ready for the wire:
	// "Name: value\r\n" for each line, sorted by name, without the status line and
	// the empty line at the end. Date is the origin's [XC-06] and in it;
	// Content-Length is that of Body. What is added for each answer [XC-19] or
	// belongs to a connection [XC-22] is not.
	Head []byte
	Body Body
}

// NewResponse is the stored response with head s and body b. It keeps a copy of s,
// with BodyBytes set, whose strings lie in one block of memory together with Head:
// a stored response outlives the connection its head was read from, and must not
// hold on to that connection's buffers.
func NewResponse(s *cachepolicy.Stored, b Body) *Response {
	e := &entry{stored: *s}
	own := &e.stored
	own.BodyBytes = b.Len()
	if m, ok := b.(*memoryBody); ok {
		e.body = *m
		b = &e.body // b may be a piece of another entry, which must not be held
	}
	length := contentLength(own)
	p := newPacker(own, length)
	names := slices.Sorted(maps.Keys(own.Header))
	if _, ok := own.Header["Content-Length"]; !ok && length != "" {
		i, _ := slices.BinarySearch(names, "Content-Length")
		names = slices.Insert(names, i, "Content-Length")
	}
	for _, name := range names {
		switch {
		case name == "Content-Length" && length != "":
			p.length(length, own.Header[name])
		case onWire(name):
			p.field(name, own.Header[name])
		}
	}
	head := p.block[:len(p.block):len(p.block)]
	for _, name := range names {
		if values, ok := own.Header[name]; ok && p.header[name] == nil {
			p.aside(name, values)
		}
	}
	own.Header = p.header
	p.strings(own)
	e.Response = Response{Stored: own, Head: head, Body: b}
	return &e.Response
}

// entry is a Response and what it points to, in one piece.
type entry struct {
	Response
	stored cachepolicy.Stored
	body   memoryBody
}

// onWire reports whether a header field is the same in every answer.
func onWire(name string) bool {
	switch name {
	case "Age", "X-Cache", "Via", "Connection", "Transfer-Encoding":
		return false
	}
	return !strings.HasPrefix(name, "X-Amz-Cf-") && token(name)
}

// contentLength is what to send, or "" for none: the length of the body; what the
// origin said if this is the answer to a HEAD; and nothing where RFC 9110 §8.6
// forbids it.
func contentLength(s *cachepolicy.Stored) string {
	switch {
	case s.Head:
		return s.Header.Get("Content-Length")
	case s.Status < 200, s.Status == http.StatusNoContent, s.Status == http.StatusNotModified:
		return ""
	}
	return strconv.FormatInt(s.BodyBytes, 10)
}

// costBytes is about how much memory r holds on to, its entry in memory included.
// A body in a file counts nothing. [TestCostIsWhatAnEntryTakes]
func (r *Response) costBytes() int64 {
	s := r.Stored
	n := entryBytes + int64(len(s.Key)+len(s.Part)) + int64(len(r.Body.Bytes()))
	if !strings.Contains(s.Key, s.URI) {
		n += int64(len(s.URI))
	}
	for _, tag := range s.Tags {
		n += int64(len(tag)) + 16
	}
	if len(s.Header) > 8 {
		n += 64 * int64(len(s.Header))
	}
	for name, values := range s.Header {
		n += int64(len(name))
		for _, v := range values {
			n += int64(len(v)) + 24
		}
	}
	return n
}

// entryBytes is what an entry takes besides its strings and the bytes of its body:
// the entry itself, the smallest header map, and ristretto's own, measured.
const entryBytes = 320 + 400 + 110
