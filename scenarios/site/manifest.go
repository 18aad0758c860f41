package site

import (
	"bytes"
	"encoding/json"
)

// manifest finds the icons and screenshots of a web manifest: every member "src".
func (s *scanner) manifest() {
	s.jsonStrings(0, s.src, func(path []string) bool { return path[len(path)-1] == "src" }, "manifest src")
}

// jsonStrings records the strings of the JSON text at offset at whose path of member
// names wanted accepts. Positions in arrays are not part of a path.
func (s *scanner) jsonStrings(at int, text []byte, wanted func(path []string) bool, via string) {
	d := json.NewDecoder(bytes.NewReader(text))
	var stack []jsonLevel
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			return // at the end, or no JSON: then it names nothing
		}
		top := len(stack) - 1
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				stack = append(stack, jsonLevel{object: v == '{'})
				continue
			}
			if stack = stack[:top]; len(stack) > 0 {
				stack[len(stack)-1].named = false
			}
			continue
		case string:
			if top >= 0 && stack[top].object && !stack[top].named {
				stack[top].name, stack[top].named = v, true
				continue
			}
			if path := names(stack); len(path) > 0 && wanted(path) {
				end := int(d.InputOffset()) - 1
				start := int(before) + bytes.IndexByte(text[before:], '"') + 1
				s.add(found{start: at + start, end: at + end, raw: v, kind: Lazy, via: via})
			}
		}
		if top >= 0 {
			stack[top].named = false
		}
	}
}

// jsonLevel is one object or array that is open.
type jsonLevel struct {
	object bool
	name   string // of the member being read
	named  bool   // the name has been read, the value has not
}

func names(stack []jsonLevel) []string {
	var path []string
	for _, l := range stack {
		if l.named {
			path = append(path, l.name)
		}
	}
	return path
}
