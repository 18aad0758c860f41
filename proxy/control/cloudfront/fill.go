package cloudfront

import "encoding/json"

// fill puts what CloudFront puts where a member was left out, all the way down.
// [API-262]
func fill(t tree, s *shape) {
	for _, m := range s.members {
		v, given := t[m.name]
		if !given && m.hasUsual {
			v = m.value()
			t[m.name] = v
		}
		fillForm(v, m.form)
	}
}

func fillForm(v any, f form) {
	switch v := v.(type) {
	case tree:
		if s := shapeOf(f.shape); s != nil {
			fill(v, s)
		}
	case []any:
		if f.item != nil {
			for _, item := range v {
				fillForm(item, f.item.form)
			}
		}
	}
}

// value is what stands where m was left out.
func (m *member) value() any {
	switch {
	case m.usual == "{}":
		return tree{}
	case m.form.word == "flag":
		return m.usual == "true"
	case m.form.word == "int":
		return json.Number(m.usual)
	}
	return m.usual
}
