package store

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"staleproof/cachepolicy"
)

// Response is a stored response, ready to be served. It is shared by all who
// answer with it: nothing in it is ever written to, but for what Spare notes.
type Response struct {
	Stored *cachepolicy.Stored
	// Head is what of the head is the same in every answer, ready for the wire:
	// "Name: value\r\n" for each line, sorted by name, without the status line and
	// the empty line at the end. Date is the origin's [XC-06] and in it;
	// Content-Length is that of Body. What is added for each answer [XC-19] or
	// belongs to a connection [XC-22] is not.
	Head []byte
	Body Body
	// Plain says that as a hit it goes out as it is: a whole 200 that the origin gave to a
	// GET, with a Date, for every Vary, its body in memory, and no field that has to be
	// joined with one of the edge's.
	Plain bool

	ownLength bool      // the Content-Length in Head is not one of the header
	aside     string    // lines of the header fields that are not in Head
	kept      *Response // what memory keeps of it; nil: that is itself, without a header
	spared    uint64    // see Spared; atomic
}

// Spared is the mark up to which r is known not to be covered by an invalidation: its
// own, or a later one that Spare noted. It lets whoever asks look at younger
// invalidations only.
func (r *Response) Spared() uint64 {
	return max(r.Stored.Mark, atomic.LoadUint64(&r.of().spared))
}

// Spare notes that no invalidation up to mark covers r. It may be called by many at
// once: whoever is right about an older mark only costs a second look.
func (r *Response) Spare(mark uint64) { atomic.StoreUint64(&r.of().spared, mark) }

// of is what memory keeps of r.
func (r *Response) of() *Response {
	if r.kept != nil {
		return r.kept
	}
	return r
}

// NewResponse is the stored response with head s and body b. It keeps a copy of s,
// with BodyBytes set, whose strings lie in one block of memory together with Head:
// a stored response outlives the connection its head was read from, and must not
// hold on to that connection's buffers.
func NewResponse(s *cachepolicy.Stored, b Body) *Response { return Pack(s, b).Whole() }

// Pack is NewResponse without a Header in Stored: what memory keeps. It is for who
// stores a response and does not look at it any more.
func Pack(s *cachepolicy.Stored, b Body) *Response {
	e := &entry{stored: *s}
	own := &e.stored
	own.Header, own.BodyBytes = nil, b.Len()
	if m, ok := b.(*memoryBody); ok {
		e.body = *m
		b = &e.body // b may be a piece of another entry, which must not be held
	}
	e.Response = Response{Stored: own, Body: b, Plain: plain(s, b)}
	e.pack(s)
	return &e.Response
}

func plain(s *cachepolicy.Stored, b Body) bool {
	for name := range s.Header {
		if !onWire(name) && !replaced(name) {
			return false
		}
	}
	return s.Status == http.StatusOK && !s.Head && !s.Generated && s.Part == "" && s.Header["Date"] != nil &&
		!slices.ContainsFunc(s.Header["Vary"], func(v string) bool { return strings.Contains(v, "*") }) && b.Bytes() != nil
}

// replaced reports whether a hit has a field of its own in the place of this one of the
// origin's; beside the others, those of the edge may stand. [XC-14], [XC-18]
func replaced(name string) bool { return name == "Age" || name == "X-Cache" || name == "X-Amz-Cf-Id" }

// Whole is r with its Header, which is read from its lines.
func (r *Response) Whole() *Response {
	if r.kept != nil {
		return r
	}
	s := *r.Stored
	s.Header = r.header()
	return &Response{Stored: &s, Head: r.Head, Body: r.Body, Plain: r.Plain, aside: r.aside, ownLength: r.ownLength, kept: r}
}

func (r *Response) header() http.Header {
	head := alias(r.Head)
	count := strings.Count(head, "\n") + strings.Count(r.aside, "\n")
	h := make(http.Header, count)
	values := make([]string, 0, count)
	for i, lines := range [...]string{head, r.aside} {
		for lines != "" {
			var line string
			line, lines, _ = strings.Cut(lines, "\r\n")
			name, value, _ := strings.Cut(line, ": ")
			if i == 0 && r.ownLength && name == "Content-Length" {
				continue
			}
			values = append(values, value)
			if seen := h[name]; seen != nil {
				h[name] = append(seen, value)
			} else {
				n := len(values)
				h[name] = values[n-1 : n : n]
			}
		}
	}
	return h
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
func contentLength(s *cachepolicy.Stored, bodyBytes int64) string {
	switch {
	case s.Head:
		return s.Header.Get("Content-Length")
	case s.Status < 200, s.Status == http.StatusNoContent, s.Status == http.StatusNotModified:
		return ""
	}
	return strconv.FormatInt(bodyBytes, 10)
}

// costBytes is about how much memory r holds on to, its entry in memory included.
// A body in a file counts nothing. [TestCostIsWhatAnEntryTakes]
func (r *Response) costBytes() int64 {
	s := r.Stored
	n := entryBytes + int64(len(r.Head)+len(r.aside)+len(s.Key)+len(s.Part)) + int64(len(r.Body.Bytes()))
	if !strings.Contains(s.Key, s.URI) {
		n += int64(len(s.URI))
	}
	for _, tag := range s.Tags {
		n += int64(len(tag)) + 16
	}
	return n
}

// entryBytes is what an entry takes besides its strings and the bytes of its body:
// the entry itself, and ristretto's own, measured.
const entryBytes = 352 + 80
