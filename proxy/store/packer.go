package store

import (
	"net/http"
	"strings"
	"unsafe"

	"staleproof/cachepolicy"
)

// packer lays the strings of a head out in one block: the lines for the wire
// first, then what is not in them. The header's names and values are pieces of
// those lines, which saves keeping them twice and forty small allocations.
type packer struct {
	block  []byte // lines for the wire, lines that are not, the other strings
	header http.Header
	values []string // what is left of one array for all header values
}

// newPacker makes a packer with exactly the room that s needs, where length is the
// value of the Content-Length line, or "" for none.
func newPacker(s *cachepolicy.Stored, length string) *packer {
	n, count := len(s.Key)+len(s.Part), 0
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
		count += len(values)
		switch {
		case name == "Content-Length" && length != "":
			if len(values) == 1 && values[0] == length {
				continue // a piece of the line
			}
		}
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return &packer{
		block:  make([]byte, 0, n),
		header: make(http.Header, len(s.Header)),
		values: make([]string, 0, count),
	}
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

// length appends the Content-Length line, and keeps the field if the origin said
// the same.
func (p *packer) length(length string, said []string) {
	if len(said) == 1 && said[0] == length {
		p.field("Content-Length", said)
		return
	}
	p.put("Content-Length: ")
	p.put(length)
	p.put("\r\n")
}

// alias is b as a string; nobody writes to b any more.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// field appends a header field as lines, and keeps it.
func (p *packer) field(name string, values []string) {
	from := len(p.values)
	for i, v := range values {
		n := p.put(name)
		if i == 0 {
			name = n
		}
		p.put(": ")
		p.values = append(p.values, p.put(oneLine(v)))
		p.put("\r\n")
	}
	p.header[name] = p.values[from:len(p.values):len(p.values)]
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
