package cloudfront

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
)

// namespace of every document. [API-02]
const namespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/"

// encode writes a document in the order of its shape.
func encode(root string, t tree) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?>\n<" + root + ` xmlns="` + namespace + `">`)
	writeMembers(&b, t, shapeOf(root))
	b.WriteString("</" + root + ">")
	return b.Bytes()
}

func writeMembers(b *bytes.Buffer, t tree, s *shape) {
	for _, m := range s.members {
		if v, ok := t[m.name]; ok {
			writeElement(b, m.name, v, m.form)
		}
	}
	writeUnknown(b, t, s)
}

// writeUnknown writes what was sent and no shape knows, after the rest.
func writeUnknown(b *bytes.Buffer, t tree, s *shape) {
	var names []string
	for name := range t {
		if s.member(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		writeElement(b, name, t[name], form{})
	}
}

func writeElement(b *bytes.Buffer, name string, v any, f form) {
	if l, ok := v.([]any); ok && len(l) == 0 {
		return // [API-06]
	}
	b.WriteString("<" + name + ">")
	switch v := v.(type) {
	case tree:
		s := shapeOf(f.shape)
		if s == nil {
			s = &shape{}
		}
		writeMembers(b, v, s)
	case []any:
		item := f.item
		if item == nil {
			item = &listItem{name: "member"}
		}
		for _, in := range v {
			writeElement(b, item.name, in, item.form)
		}
	case string:
		xml.EscapeText(b, []byte(v)) // a buffer takes everything
	case json.Number:
		b.WriteString(v.String())
	case bool:
		fmt.Fprint(b, v)
	}
	b.WriteString("</" + name + ">")
}
