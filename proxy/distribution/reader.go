package distribution

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// reader collects what is found while files are read.
type reader struct {
	found []*Error
	notes []Note
	// shelved is how many mistakes were found before the first distribution: in
	// policies. From begun on they are of the distribution being read.
	shelved, begun int
	// where is the place of a setting, named by its path in our dialect, when the
	// file has it elsewhere: in Amazon's words, or in a policy that is referred to.
	where map[string]*node
}

// refuse reports a mistake at n.
func (r *reader) refuse(n *node, code, hint, format string, args ...any) {
	r.found = append(r.found, &Error{File: n.file, Line: n.line, Path: n.path, Code: code, Hint: hint, What: fmt.Sprintf(format, args...)})
}

func (r *reader) note(n *node, format string, args ...any) {
	r.notes = append(r.notes, Note{Path: n.path, Message: fmt.Sprintf(format, args...)})
}

// place gives mistakes found in a distribution's values the place where they are
// written. The path of ours becomes the file's own.
func (r *reader) place(root *node, found []*Error) {
	before := append(slices.Clone(r.found[:r.shelved]), r.found[r.begun:]...)
	for _, e := range found {
		at, path := root, e.Path
		best := -1
		if n := r.where[""]; n != nil {
			best, at = 0, n
		}
		for prefix, n := range r.where {
			rest, ok := strings.CutPrefix(e.Path, prefix)
			if ok && prefix != "" && len(prefix) > best && (rest == "" || rest[0] == '.' || rest[0] == '[') {
				best, at, path = len(prefix), n, rest
			}
		}
		n := at.find(path)
		e.File, e.Line = n.file, n.line
		if best >= 0 && n.path != "" {
			e.Path = n.path
		}
		if !reported(before, e) {
			r.found = append(r.found, e)
		}
	}
}

// reported reports whether something was wrong with the place of e before: what
// could not be read has no value to speak of.
func reported(before []*Error, e *Error) bool {
	return slices.ContainsFunc(before, func(f *Error) bool {
		return f.File == e.File && f.Line > 0 && (within(e.Path, f.Path) || within(f.Path, e.Path))
	})
}

// within reports whether a setting is part of another, or the same.
func within(path, of string) bool {
	rest, ok := strings.CutPrefix(path, of)
	return ok && of != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// object is a map being read. Keys that nobody asked for are mistakes.
type object struct {
	r     *reader
	n     *node
	asked []string
}

// object begins to read n as a map.
func (r *reader) object(n *node) *object {
	if n.kind != objectKind && n.kind != nullKind {
		r.refuse(n, "", "", "is %s, want a map", n.kind)
		n = &node{file: n.file, line: n.line, path: n.path}
	}
	return &object{r: r, n: n}
}

// take is the value of key; nil when it is absent or null.
func (o *object) take(key string) *node {
	o.asked = append(o.asked, key)
	if v := o.n.at(key); v != nil && v.kind != nullKind {
		return v
	}
	return nil
}

// close refuses the keys that nobody asked for.
func (o *object) close() {
	for _, f := range o.n.fields {
		if !slices.Contains(o.asked, f.key) {
			o.r.refuse(f.value, "", "known here: "+strings.Join(o.asked, ", "), "unknown setting")
		}
	}
}

func (o *object) text(key string, into *string) {
	if v := o.take(key); v != nil {
		*into = o.r.text(v)
	}
}

func (r *reader) text(v *node) string {
	if v.kind == listKind || v.kind == objectKind || v.kind == nullKind {
		r.refuse(v, "", "", "is %s, want text", v.kind)
		return ""
	}
	return v.text
}

func (o *object) flag(key string, into *bool) {
	v := o.take(key)
	switch {
	case v == nil:
	case v.kind == boolKind, v.kind == textKind && (v.text == "true" || v.text == "false"):
		*into = v.text == "true"
	default:
		o.r.refuse(v, "", "", "is %s, want true or false", v.kind)
	}
}

func (o *object) count(key string, into *int) {
	if v := o.take(key); v != nil {
		*into = o.r.count(v)
	}
}

func (r *reader) count(v *node) int {
	if v.kind == numberKind || v.kind == textKind {
		if i, err := strconv.ParseInt(v.text, 0, 32); err == nil {
			return int(i)
		}
	}
	r.refuse(v, "", "", "want a whole number")
	return 0
}

func (o *object) duration(key string, into *time.Duration) {
	if v := o.take(key); v != nil {
		*into = o.r.duration(v)
	}
}

func (r *reader) duration(v *node) time.Duration {
	if v.kind == numberKind || v.kind == textKind {
		d, err := ParseDuration(v.text)
		if err != nil {
			r.refuse(v, "", "", "%v", err)
		}
		return d
	}
	r.refuse(v, "", "", "is %s, want a duration like 60s, 24h or 365d", v.kind)
	return 0
}

func (o *object) names(key string, into *[]string) {
	if v := o.take(key); v != nil {
		*into = o.r.names(v)
	}
}

func (r *reader) names(v *node) []string {
	if v.kind != listKind {
		r.refuse(v, "", "", "is %s, want a list", v.kind)
		return nil
	}
	var out []string
	for _, item := range v.items {
		out = append(out, r.text(item))
	}
	return out
}

func (o *object) selection(key string, into *cachepolicy.Selection) {
	if v := o.take(key); v != nil {
		*into = o.r.selection(v)
	}
}

// selection reads none, all, [a, b] or {allExcept: [a]}.
func (r *reader) selection(v *node) (s cachepolicy.Selection) {
	switch v.kind {
	case listKind:
		if s.Names = r.names(v); len(s.Names) > 0 {
			s.Mode = cachepolicy.Only
		}
	case objectKind:
		o := r.object(v)
		o.names("allExcept", &s.Names)
		o.close()
		s.Mode = cachepolicy.AllBut
		if len(s.Names) == 0 {
			s.Mode = cachepolicy.All
		}
	case textKind:
		switch v.text {
		case "none":
			return s
		case "all":
			s.Mode = cachepolicy.All
			return s
		}
		fallthrough
	default:
		r.refuse(v, "", "write one name as ["+v.text+"]", "want none, all, a list of names, or {allExcept: [names]}")
	}
	return s
}
