package audit

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	maxDiffBytes = 4 << 20 // larger files are not compared line by line
	maxDiffLines = 3       // of each file
	maxDiffRunes = 100     // of one line
)

// difference shows how two texts differ, between what they begin and end with alike.
// It is nil when one of them is no text, or there is none.
func difference(before, after []byte) []string {
	if !isText(before) || !isText(after) {
		return nil
	}
	a, b := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	at := 0 // where the first lines that differ begin to
	if len(a) > 0 && len(b) > 0 {
		at = alike(a[0], b[0])
	}
	return append(excerpt("- ", a, at), excerpt("+ ", b, at)...)
}

func isText(b []byte) bool {
	return b != nil && utf8.Valid(b) && bytes.IndexByte(b, 0) < 0
}

// alike is how many bytes two lines have in common at their beginning.
func alike(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// excerpt is the first few lines, the first of them around the byte at: a minified
// script is one line.
func excerpt(sign string, lines []string, at int) []string {
	var out []string
	for i, l := range lines {
		if i == maxDiffLines {
			return append(out, sign+"…")
		}
		if i == 0 && at > maxDiffRunes/2 {
			from := at - maxDiffRunes/4
			for !utf8.RuneStart(l[from]) {
				from--
			}
			l = "…" + l[from:]
		}
		if r := []rune(l); len(r) > maxDiffRunes {
			l = string(r[:maxDiffRunes]) + "…"
		}
		out = append(out, sign+strings.TrimSuffix(l, "\r"))
	}
	return out
}
