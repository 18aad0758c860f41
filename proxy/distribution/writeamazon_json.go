package distribution

import (
	"bytes"
	"encoding/json"
)

const jsonIndent = "    " // as the AWS command line

// renderJSON appends what a section may hold as JSON; lines after the first begin
// with indent.
func renderJSON(b []byte, value any, indent string) []byte {
	switch v := value.(type) {
	case section:
		return renderMembers(b, '{', '}', len(v), indent, func(b []byte, i int) []byte {
			b = append(renderScalar(b, v[i].key), ": "...)
			return renderJSON(b, v[i].value, indent+jsonIndent)
		})
	case []section:
		return renderMembers(b, '[', ']', len(v), indent, func(b []byte, i int) []byte { return renderJSON(b, v[i], indent+jsonIndent) })
	case []string:
		return renderMembers(b, '[', ']', len(v), indent, func(b []byte, i int) []byte { return renderScalar(b, v[i]) })
	case []int:
		return renderMembers(b, '[', ']', len(v), indent, func(b []byte, i int) []byte { return renderScalar(b, v[i]) })
	}
	return renderScalar(b, value)
}

func renderMembers(b []byte, open, end byte, n int, indent string, member func([]byte, int) []byte) []byte {
	b = append(b, open)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, '\n'), indent+jsonIndent...)
		b = member(b, i)
	}
	if n > 0 {
		b = append(append(b, '\n'), indent...)
	}
	return append(b, end)
}

// renderScalar leaves <, > and & as they are.
func renderScalar(b []byte, v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // a section holds nothing that cannot be written
	}
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}
