package site

import (
	"bytes"
	"slices"
	"sort"
	"strings"
)

// scanner gathers the references of one file.
type scanner struct {
	src     []byte
	found   []found
	notes   []Note
	imports importMap
	base    string // <base href> of a page
}

// add records a reference unless it names nothing that is fetched.
func (s *scanner) add(f found) {
	f.raw = strings.Trim(f.raw, " \t\r\n\f")
	if f.raw == "" || strings.HasPrefix(f.raw, "#") {
		return
	}
	if scheme, _, ok := strings.Cut(f.raw, ":"); ok {
		switch strings.ToLower(scheme) {
		case "data", "blob", "javascript", "mailto", "tel", "sms", "about":
			return
		}
	}
	s.found = append(s.found, f)
}

func (s *scanner) note(offset int, text string) {
	s.notes = append(s.notes, Note{Line: s.lineAt(offset), Text: text})
}

func (s *scanner) lineAt(offset int) int {
	return 1 + bytes.Count(s.src[:offset], []byte("\n"))
}

// number puts the references in order and gives each its line.
func (s *scanner) number() {
	sort.SliceStable(s.found, func(i, j int) bool {
		a, b := s.found[i], s.found[j]
		return a.start < b.start || a.start == b.start && !a.guess && b.guess
	})
	s.found = slices.CompactFunc(s.found, func(a, b found) bool { return a.start == b.start && (a.guess || b.guess) })
	line, last := 1, 0
	for i := range s.found {
		f := &s.found[i]
		line += bytes.Count(s.src[last:f.start], []byte("\n"))
		last, f.line = f.start, line
	}
}

// demote makes eager references nested: what an image names is one step further from
// the page than the image.
func (s *scanner) demote() {
	for i := range s.found {
		if s.found[i].kind == Eager {
			s.found[i].kind = Nested
		}
	}
}
