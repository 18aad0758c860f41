package cloudfront

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Bounds of a request's document. The deepest one of the API has ten levels, and
// 75 cache behaviors with all they can hold have some 5,000 elements.
const (
	maxBodyBytes = 1 << 20
	maxDepth     = 32
	maxElements  = 50_000
)

// element is one element of a document, without its namespace. [API-02]
type element struct {
	name     string
	text     []byte
	children []*element
}

// parse reads a whole document.
func parse(body []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	var open []*element
	var root *element
	count := 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local}
			if count++; count > maxElements {
				return nil, fmt.Errorf("more than %d elements", maxElements)
			}
			switch n := len(open); {
			case n >= maxDepth:
				return nil, fmt.Errorf("elements more than %d deep", maxDepth)
			case n > 0:
				open[n-1].children = append(open[n-1].children, e)
			case root != nil:
				return nil, errors.New("a second root element")
			default:
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 0 && len(open[n-1].children) == 0 {
				open[n-1].text = append(open[n-1].text, token...)
			} else if strings.TrimSpace(string(token)) != "" {
				return nil, errors.New("text between elements")
			}
		case xml.Directive:
			return nil, errors.New("a document type declaration")
		}
	}
}

// decode reads a request's document, whatever the order of its elements. [API-04]
// Elements that the shape does not know are kept as they are: the API grows.
func decode(body []byte, root string) (tree, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, refusal("MissingBody", "")
	}
	e, err := parse(body)
	if err != nil {
		return nil, refusal("MalformedInput", err.Error())
	}
	if e.name != root {
		return nil, refusal("MalformedInput", fmt.Sprintf("the document is a %s, want a %s", e.name, root))
	}
	d := &decoder{}
	t := d.object(e, shapeOf(root), lowered(root))
	switch {
	case len(d.violations) > 0:
		return nil, &Failure{Code: "MalformedXML", Message: d.message()}
	case d.quantity != "":
		return nil, refusal("InconsistentQuantities", d.quantity)
	}
	return t, nil
}

// decoder collects what is wrong with a document.
type decoder struct {
	violations []string
	quantity   string // the first list whose Quantity is another number than that of its Items
}

// maxViolations is how many are told of.
const maxViolations = 10

// message is AWS's form for elements that are not as the API wants them. [API-28]
func (d *decoder) message() string {
	n := len(d.violations)
	word := "errors"
	if n == 1 {
		word = "error"
	}
	return fmt.Sprintf("%d validation %s detected: %s", n, word, strings.Join(d.violations, "; "))
}

func (d *decoder) violate(value, path, constraint string) {
	if len(d.violations) >= maxViolations {
		return
	}
	d.violations = append(d.violations, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, path, constraint))
}

func (d *decoder) object(e *element, s *shape, path string) tree {
	t, given := tree{}, map[string]bool{}
	for _, c := range e.children {
		if given[c.name] {
			d.violate("'"+shortened(c.name)+"'", path, "Member must be given once")
			continue
		}
		given[c.name] = true
		m := s.member(c.name)
		if m == nil {
			t[c.name] = loose(c)
			continue
		}
		if v := d.value(c, m.form, path+"."+lowered(c.name)); v != nil {
			t[c.name] = v
		}
	}
	for _, m := range s.members {
		if m.required && !given[m.name] && m.name != "Items" {
			d.violate("null", path+"."+lowered(m.name), "Member must not be null")
		}
	}
	d.count(t, s, path)
	return t
}

// count compares a Quantity with the number of items. [API-280]
func (d *decoder) count(t tree, s *shape, path string) {
	q, given := t["Quantity"].(json.Number)
	if s.member("Items") == nil || !given || d.quantity != "" {
		return
	}
	list, _ := t["Items"].([]any)
	if string(q) != strconv.Itoa(len(list)) {
		d.quantity = fmt.Sprintf("%s: Quantity is %s, but there are %d items", path, q, len(list))
	}
}

func (d *decoder) value(e *element, f form, path string) any {
	switch {
	case f.item != nil:
		var list []any
		for i, c := range e.children {
			if v := d.value(c, f.item.form, fmt.Sprintf("%s.%d.member", path, i+1)); v != nil {
				list = append(list, v)
			}
		}
		if list == nil {
			return nil // an empty Items is none [API-06]
		}
		return list
	case f.shape != "":
		if len(e.children) == 0 && len(bytes.TrimSpace(e.text)) > 0 {
			d.violate("'"+shortened(string(e.text))+"'", path, "Member must be a structure")
			return nil
		}
		return d.object(e, shapeOf(f.shape), path)
	case len(e.children) > 0:
		d.violate("'"+e.children[0].name+"'", path, "Member must be a "+f.word)
		return nil
	}
	return d.scalar(string(e.text), f, path)
}

func (d *decoder) scalar(s string, f form, path string) any {
	switch f.word {
	case "flag":
		if s = strings.TrimSpace(s); s == "true" || s == "false" {
			return s == "true"
		}
		d.violate("'"+shortened(s)+"'", path, "Member must be a boolean")
	case "int":
		s = strings.TrimSpace(s)
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return number(n)
		}
		d.violate("'"+shortened(s)+"'", path, "Member must be a number")
	case "float":
		s = strings.TrimSpace(s)
		if _, err := strconv.ParseFloat(s, 64); err == nil && json.Valid([]byte(s)) {
			return json.Number(s)
		}
		d.violate("'"+shortened(s)+"'", path, "Member must be a number")
	default:
		if f.among != nil && !contains(f.among, s) { // [API-304]
			d.violate("'"+shortened(s)+"'", path, "Member must satisfy value set: ["+strings.Join(f.among, ", ")+"]")
			return nil
		}
		return s
	}
	return nil
}

// loose reads an element that no shape knows.
func loose(e *element) any {
	if len(e.children) == 0 {
		return string(e.text)
	}
	if e.name == "Items" {
		var list []any
		for _, c := range e.children {
			list = append(list, loose(c))
		}
		return list
	}
	t := tree{}
	for _, c := range e.children {
		t[c.name] = loose(c)
	}
	return t
}

// lowered is a member's name as violations have it.
func lowered(name string) string {
	if name == "" {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// shortened keeps a message short.
func shortened(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}
