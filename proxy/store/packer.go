package store

import (
	"slices"
	"strings"
	"unsafe"

	"staleproof/cachepolicy"
)

// packer lays the strings of a head out in one block: the lines for the wire
// first, then the lines that are not, then the other strings.
type packer struct{ block []byte }

// pack makes Head and aside of r, and the strings of its head, out of s.
func (r *Response) pack(s *cachepolicy.Stored) {
	length := contentLength(s, r.Stored.BodyBytes)
	p := packer{make([]byte, 0, packedBytes(s, length))}
	var room [32]string
	names := room[:0]
	for name := range s.Header {
		names = append(names, name)
	}
	said := s.Header["Content-Length"]
	if said == nil && length != "" {
		names = append(names, "Content-Length")
	}
	slices.Sort(names)
	asSaid := len(said) == 1 && said[0] == length
	for _, name := range names {
		switch {
		case name == "Content-Length" && length != "":
			p.line(name, length)
		case onWire(name):
			p.field(name, s.Header[name])
		}
	}
	head := len(p.block)
	for _, name := range names {
		if name == "Content-Length" && length != "" {
			if !asSaid {
				p.field(name, said)
			}
		} else if !onWire(name) {
			p.field(name, s.Header[name])
		}
	}
	r.Head, r.aside = p.block[:head:head], alias(p.block[head:])
	r.ownLength = length != "" && !asSaid
	p.strings(r.Stored)
}

// packedBytes is what pack needs, where length is the value of the Content-Length
// line, or "" for none.
func packedBytes(s *cachepolicy.Stored, length string) int {
	n := len(s.Key) + len(s.Part)
	if !strings.Contains(s.Key, s.URI) {
		n += len(s.URI)
	}
	for _, tag := range s.Tags {
		n += len(tag)
	}
	if length != "" {
		n += len("Content-Length: \r\n") + len(length)
	}
	for name, values := range s.Header {
		if name == "Content-Length" && len(values) == 1 && values[0] == length {
			continue // the line has it
		}
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// put appends s and returns it as a piece of the block. Nobody writes to the block
// once it is packed, which is what makes this conversion sound; if it had to grow,
// the pieces of the old block would stay valid, too.
func (p *packer) put(s string) string {
	if s == "" {
		return ""
	}
	at := len(p.block)
	p.block = append(p.block, s...)
	return unsafe.String(&p.block[at], len(s))
}

// alias is b as a string; nobody writes to b any more.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// field appends a header field as lines.
func (p *packer) field(name string, values []string) {
	for _, v := range values {
		p.line(name, oneLine(v))
	}
}

func (p *packer) line(name, value string) {
	b := append(append(p.block, name...), ": "...)
	p.block = append(append(b, value...), "\r\n"...)
}

// strings moves the other strings of a head into the block. The URI is a piece of
// the key in all but odd cases.
func (p *packer) strings(s *cachepolicy.Stored) {
	uri := s.URI
	s.Key, s.Part = p.put(s.Key), p.put(s.Part)
	if i := strings.Index(s.Key, uri); i >= 0 {
		s.URI = s.Key[i : i+len(uri)]
	} else {
		s.URI = p.put(uri)
	}
	if len(s.Tags) > 0 {
		tags := make([]string, len(s.Tags))
		for i, tag := range s.Tags {
			tags[i] = p.put(tag)
		}
		s.Tags = tags
	}
}

// oneLine keeps a value from ending its line.
func oneLine(v string) string {
	if !strings.ContainsAny(v, "\r\n") {
		return v
	}
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(v)
}

// token reports whether name can be a field name (RFC 9110 §5.6.2).
func token(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return name != ""
}
