package distribution

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Bounds on what working out one template may take, beside those on its size.
const (
	maxTextBytes  = 1 << 20  // of one value: the size of the largest template
	maxTotalBytes = 16 << 20 // of all values together
	maxSteps      = maxNodes
	maxReferences = 200 // one through another
)

// budget is what has been spent of those bounds.
type budget struct {
	steps, bytes, depth int
	over                bool
}

// enter counts a step at n, one level deeper, and reports whether there is budget
// left for it.
func (t *template) enter(n *node) bool {
	b := &t.budget
	if b.over {
		return false
	}
	b.steps++
	if b.depth++; b.steps > maxSteps {
		b.over = true
		t.refuse(n, "", "more than %d values", maxSteps)
	} else if b.depth > maxReferences {
		b.over = true
		t.refuse(n, "", "more than %d functions and values lead through one another", maxReferences)
	}
	if b.over {
		b.depth--
	}
	return !b.over
}

func (t *template) leave() { t.budget.depth-- }

// eval is the value that n has once every function in it is worked out, with the
// place of n and the path given; nil if it has none, because of AWS::NoValue or of a
// mistake, which has been reported.
func (t *template) eval(n *node, path string) *node {
	if !t.enter(n) {
		return nil
	}
	defer t.leave()
	switch n.kind {
	case listKind:
		out := &node{kind: listKind, file: n.file, line: n.line, path: path}
		for i, item := range n.items {
			if v := t.eval(item, index(path, i)); v != nil {
				out.items = append(out.items, v)
			}
		}
		return out
	case objectKind:
		return t.evalMap(n, path)
	case numberKind:
		return &node{kind: numberKind, file: n.file, line: n.line, path: path, text: plainNumber(n.text)}
	case textKind:
		return t.scalar(n, path, n.text)
	}
	return &node{kind: n.kind, file: n.file, line: n.line, path: path, text: n.text}
}

// evalMap is eval of a map: a function, or settings.
func (t *template) evalMap(n *node, path string) *node {
	name, arg := call(n)
	if name == "Ref" || strings.HasPrefix(name, "Fn::") {
		return t.call(n, name, arg, path)
	}
	out := &node{kind: objectKind, file: n.file, line: n.line, path: path}
	for _, f := range n.fields {
		if strings.HasPrefix(f.key, "Fn::") {
			t.refuse(f.value, "", "a function stands alone, and this map has other keys")
			return nil
		}
		if v := t.eval(f.value, join(path, f.key)); v != nil {
			out.fields = append(out.fields, field{f.key, v})
		}
	}
	return out
}

// call works out one function.
func (t *template) call(n *node, name string, arg *node, path string) *node {
	switch name {
	case "Ref":
		return t.ref(n, arg, path)
	case "Fn::GetAtt":
		return t.getAtt(n, arg, path)
	case "Fn::Sub":
		return t.sub(n, arg, path)
	case "Fn::Join":
		return t.join(n, arg, path)
	case "Fn::Split":
		return t.split(n, arg, path)
	case "Fn::Select":
		return t.selected(n, arg, path)
	case "Fn::If":
		return t.choice(n, arg, path)
	case "Fn::FindInMap":
		return t.findInMap(n, arg, path)
	case "Fn::ImportValue":
		return t.importValue(n, arg, path)
	case "Fn::Base64":
		if s, ok := t.text(arg); ok {
			return t.scalar(n, path, base64.StdEncoding.EncodeToString([]byte(s)))
		}
		return nil
	case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals":
		t.refuse(n, "", "%s gives a condition and stands under Conditions only", name)
		return nil
	}
	short := strings.TrimPrefix(name, "Fn::")
	if reason, known := foreign[strings.SplitN(short, "::", 2)[0]]; known {
		what, do, _ := strings.Cut(reason, "; ")
		t.refuse(n, do, "%s: %s", name, what)
		return nil
	}
	t.refuse(n, knownFunctions, "unknown intrinsic function %s", name)
	return nil
}

// scalar is a text with the place of n.
func (t *template) scalar(n *node, path, s string) *node {
	if t.budget.over {
		return nil
	}
	t.budget.bytes += len(s)
	if len(s) > maxTextBytes || t.budget.bytes > maxTotalBytes {
		t.budget.over = true
		t.refuse(n, "", "the functions of the template make more text than the %d MiB that are worked out", maxTotalBytes>>20)
		return nil
	}
	if strings.Contains(s, "{{resolve:") && !t.guessed[s] {
		t.guessed[s] = true
		t.r.note(&node{path: path}, "a dynamic reference is not looked up, and stands as it is written")
	}
	return &node{kind: textKind, file: n.file, line: n.line, path: path, text: s}
}

// texts is a list of texts with the place of n.
func (t *template) texts(n *node, path string, list []string) *node {
	out := &node{kind: listKind, file: n.file, line: n.line, path: path}
	for i, s := range list {
		if !t.enter(n) {
			return nil
		}
		t.leave()
		if v := t.scalar(n, index(path, i), s); v != nil {
			out.items = append(out.items, v)
		}
	}
	return out
}

// text is the text that n is when worked out; a mistake is reported.
func (t *template) text(n *node) (string, bool) {
	begun := len(t.r.found)
	v := t.eval(n, n.path)
	switch {
	case len(t.r.found) > begun || t.budget.over:
		return "", false
	case v == nil:
		t.refuse(n, "", "AWS::NoValue is no text")
		return "", false
	case v.kind == listKind || v.kind == objectKind || v.kind == nullKind:
		t.refuse(n, "", "is %s, want text", v.kind)
		return "", false
	}
	return v.text, true
}

// arguments are those of a function that takes a list of so many.
func (t *template) arguments(n *node, name string, arg *node, least, most int, want string) []*node {
	if arg.kind != listKind || len(arg.items) < least || len(arg.items) > most {
		t.refuse(n, "", "%s takes %s", name, want)
		return nil
	}
	return arg.items
}

// plainNumber writes a whole number without a fraction or an exponent: 86400.0 is
// 86400.
func plainNumber(s string) string {
	if !strings.ContainsAny(s, ".eE") || strings.HasPrefix(s, "0x") {
		return s
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f == float64(int64(f)) {
		return fmt.Sprint(int64(f))
	}
	return s
}
