package front

import (
	"encoding/binary"
	"unsafe"
)

// Classes of the bytes of a field name; 0 is no token byte. RFC 9110 §5.6.2
const (
	tokenOther = iota + 1
	tokenLower
	tokenUpper
	tokenDash
)

var tokenClass = func() (t [256]uint8) {
	for _, c := range "!#$%&'*+.^_`|~0123456789" {
		t[c] = tokenOther
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = tokenLower, tokenUpper
	}
	t['-'] = tokenDash
	return t
}()

// hostBytes are those of a Host field: net/http's table.
var hostBytes = func() (t [256]bool) {
	for _, c := range "!$%&()*+,-.:;=['_]~0123456789" {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	return t
}()

func isToken(b []byte) bool {
	for _, c := range b {
		if tokenClass[c] == 0 {
			return false
		}
	}
	return len(b) > 0
}

func isHost(s string) bool {
	for i := range len(s) {
		if !hostBytes[s[i]] {
			return false
		}
	}
	return len(s) > 0
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// hasControl reports whether b has a byte below 0x20 other than a tab, or 0x7f.
// It looks at eight bytes at a time, since values are most of a head.
func hasControl(b []byte) bool {
	for len(b) >= 8 {
		x := binary.LittleEndian.Uint64(b)
		low := (x - 0x20*ones) &^ x
		del := x ^ 0x7f*ones
		if (low|(del-ones)&^del)&highs != 0 && hasControlByte(b[:8]) {
			return true
		}
		b = b[8:]
	}
	return hasControlByte(b)
}

func hasControlByte(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// trim cuts spaces and tabs off both ends. RFC 9112 §5
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// alias is b as a string that changes with it.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) > 0
}
