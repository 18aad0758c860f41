package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"staleproof/cachepolicy"
)

// A value is what the byte seam holds for one stored response:
//
//	1 byte   valueVersion
//	4 bytes  CRC-32C of all that follows, big endian
//	4 bytes  length of the head, big endian
//	         the head: valueHead as JSON
//	         the body; none if the head names a file
const (
	valueVersion = 1
	valuePrefix  = 9
)

// smallBody is what is copied out of a value: holding on to the JSON of the head
// costs more than the copy.
const smallBody = 16 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type valueHead struct {
	Epoch uint64
	File  string `json:",omitempty"` // name of the body's file
	// Latin1 says that the strings are bytes, each written as the character with
	// its number: paths and header values need not be UTF-8, JSON has to be.
	Latin1 bool `json:",omitempty"`
	Stored *cachepolicy.Stored
}

// frame begins a value with its head and has room for the body; seal ends it.
func frame(head []byte, body int64) []byte {
	b := make([]byte, valuePrefix, valuePrefix+int64(len(head))+body)
	b[0] = valueVersion
	binary.BigEndian.PutUint32(b[5:], uint32(len(head)))
	return append(b, head...)
}

func seal(b []byte) []byte {
	binary.BigEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b
}

// unframe cuts a value of that version into head and body.
func unframe(b []byte, version byte) (head, body []byte, ok bool) {
	if len(b) < valuePrefix || b[0] != version ||
		binary.BigEndian.Uint32(b[1:]) != crc32.Checksum(b[5:], castagnoli) {
		return nil, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(b[5:]))
	b = b[valuePrefix:]
	if n > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

// encode is the value for r; with a file name it holds no body.
func encode(epoch uint64, r *Response, file string) ([]byte, error) {
	h := valueHead{Epoch: epoch, File: file, Stored: r.Stored}
	if !everyString(h.Stored, utf8.ValidString) {
		h.Latin1, h.Stored = true, mapStrings(h.Stored, fromLatin1)
	}
	head, err := json.Marshal(&h)
	if err != nil {
		return nil, fmt.Errorf("encode stored response: %w", err)
	}
	if file != "" {
		return seal(frame(head, 0)), nil
	}
	b := frame(head, r.Body.Len())
	if bytes := r.Body.Bytes(); bytes != nil {
		return seal(append(b, bytes...)), nil
	}
	f, err := r.Body.Open()
	if err != nil {
		return nil, fmt.Errorf("encode stored response: open body: %w", err)
	}
	defer f.Close()
	at := len(b)
	b = b[:cap(b)]
	if _, err := io.ReadFull(f, b[at:]); err != nil {
		return nil, fmt.Errorf("encode stored response: read body: %w", err)
	}
	return seal(b), nil
}

var errNotThisOne = errors.New("not a value for this key")

// decode reads a value for key in the given epoch. It returns the name of the
// body's file, or "" and the body, which may be a part of b. Whatever is wrong
// with b is an error and means a miss; b is foreign bytes.
func decode(b []byte, key string, epoch uint64) (s *cachepolicy.Stored, file string, body []byte, err error) {
	head, body, ok := unframe(b, valueVersion)
	if !ok {
		return nil, "", nil, errNotThisOne
	}
	var h valueHead
	if err := json.Unmarshal(head, &h); err != nil {
		return nil, "", nil, err
	}
	if h.Stored == nil || h.Epoch != epoch {
		return nil, "", nil, errNotThisOne
	}
	if h.Latin1 {
		if !everyString(h.Stored, isLatin1) {
			return nil, "", nil, errNotThisOne
		}
		h.Stored = mapStrings(h.Stored, toLatin1)
	}
	s = h.Stored
	if s.Key != key || s.Status < 100 || s.Status > 999 || !wireSafe(s.Header) {
		return nil, "", nil, errNotThisOne
	}
	switch {
	case h.File != "":
		if len(body) > 0 || s.BodyBytes < 0 {
			return nil, "", nil, errNotThisOne
		}
		return s, h.File, nil, nil
	case int64(len(body)) != s.BodyBytes:
		return nil, "", nil, errNotThisOne
	case len(body) < smallBody:
		body = slices.Clone(body)
	}
	return s, "", body, nil
}

// wireSafe reports whether h can be written out without becoming something else.
func wireSafe(h http.Header) bool {
	for name, values := range h {
		if !token(name) || http.CanonicalHeaderKey(name) != name {
			return false
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				return false
			}
		}
	}
	return true
}

// mapStrings is s with each string that comes from outside replaced.
func mapStrings(s *cachepolicy.Stored, f func(string) string) *cachepolicy.Stored {
	out := *s
	out.Key, out.URI, out.Part = f(s.Key), f(s.URI), f(s.Part)
	out.Tags = mapAll(s.Tags, f)
	if s.Header != nil {
		out.Header = make(http.Header, len(s.Header))
	}
	for name, values := range s.Header {
		out.Header[f(name)] = mapAll(values, f)
	}
	return &out
}

func mapAll(in []string, f func(string) string) []string {
	if in == nil {
		return nil
	}
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = f(s)
	}
	return out
}

func everyString(s *cachepolicy.Stored, ok func(string) bool) bool {
	all := true
	mapStrings(s, func(v string) string {
		all = all && ok(v)
		return v
	})
	return all
}

// fromLatin1 writes each byte as the character with its number.
func fromLatin1(s string) string {
	b := make([]rune, len(s))
	for i := range len(s) {
		b[i] = rune(s[i])
	}
	return string(b)
}

func isLatin1(s string) bool {
	for _, r := range s {
		if r > 0xff {
			return false
		}
	}
	return true
}

func toLatin1(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}
