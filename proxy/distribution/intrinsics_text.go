package distribution

import (
	"strconv"
	"strings"
)

// sub is Fn::Sub: a text, or a text and variables of its own.
func (t *template) sub(n, arg *node, path string) *node {
	form, variables := arg, (*node)(nil)
	if arg.kind == listKind {
		args := t.arguments(n, "Fn::Sub", arg, 2, 2, "a text, or a list of a text and a map of variables")
		if args == nil {
			return nil
		}
		form, variables = args[0], args[1]
		if variables.kind != objectKind {
			t.refuse(variables, "", "is %s, want a map of variables", variables.kind)
			return nil
		}
	}
	if form.kind != textKind {
		t.refuse(form, "", "Fn::Sub takes a text, not %s", form.kind)
		return nil
	}
	var b strings.Builder
	rest := form.text
	for {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		switch {
		case !closed:
			t.refuse(form, "write ${!"+"…} for a text with ${", "${ without }")
			return nil
		case strings.HasPrefix(name, "!"): // ${!literal} is ${literal}
			b.WriteString("${" + name[1:] + "}")
		default:
			s, ok := t.variable(form, name, variables)
			if !ok {
				return nil
			}
			if b.Len()+len(s) > maxTextBytes {
				t.refuse(form, "", "Fn::Sub makes a text of more than %d bytes", maxTextBytes)
				return nil
			}
			b.WriteString(s)
		}
		rest = tail
	}
	return t.scalar(n, path, b.String())
}

// variable is what ${name} stands for: a variable of the function's own, a
// reference, or with a dot an attribute.
func (t *template) variable(form *node, name string, variables *node) (string, bool) {
	if v := variables.at(name); v != nil {
		return t.text(v)
	}
	if name == "" || !onlyOf(name, "_.:") {
		t.refuse(form, "write ${!"+name+"} if it is no variable", "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons, not %q", name)
		return "", false
	}
	at := text(form, name)
	if strings.Contains(name, ".") {
		return t.text(mapOf(form, field{"Fn::GetAtt", at}))
	}
	return t.text(mapOf(form, field{"Ref", at}))
}

// list is the list that n is when worked out; a mistake is reported.
func (t *template) list(n *node) ([]*node, bool) {
	begun := len(t.r.found)
	v := t.eval(n, n.path)
	switch {
	case len(t.r.found) > begun || t.budget.over:
		return nil, false
	case v == nil || v.kind != listKind:
		t.refuse(n, "", "want a list")
		return nil, false
	}
	return v.items, true
}

// join is Fn::Join.
func (t *template) join(n, arg *node, path string) *node {
	args := t.arguments(n, "Fn::Join", arg, 2, 2, "a list of a delimiter and a list of texts")
	if args == nil {
		return nil
	}
	delimiter, ok := t.text(args[0])
	items, listed := t.list(args[1])
	if !ok || !listed {
		return nil
	}
	var parts []string
	size := 0
	for _, item := range items {
		if item.kind == listKind || item.kind == objectKind || item.kind == nullKind {
			t.refuse(item, "", "is %s, want text to join", item.kind)
			return nil
		}
		parts = append(parts, item.text)
		if size += len(item.text) + len(delimiter); size > maxTextBytes+len(delimiter) {
			t.refuse(n, "", "Fn::Join makes a text of more than %d bytes", maxTextBytes)
			return nil
		}
	}
	return t.scalar(n, path, strings.Join(parts, delimiter))
}

// split is Fn::Split.
func (t *template) split(n, arg *node, path string) *node {
	args := t.arguments(n, "Fn::Split", arg, 2, 2, "a list of a delimiter and a text")
	if args == nil {
		return nil
	}
	delimiter, ok := t.text(args[0])
	source, ok2 := t.text(args[1])
	switch {
	case !ok || !ok2:
		return nil
	case delimiter == "":
		t.refuse(args[0], "", "the delimiter is empty")
		return nil
	case strings.Count(source, delimiter) > maxSteps:
		t.refuse(n, "", "more than %d parts", maxSteps)
		return nil
	}
	return t.texts(n, path, strings.Split(source, delimiter))
}

// selected is Fn::Select.
func (t *template) selected(n, arg *node, path string) *node {
	args := t.arguments(n, "Fn::Select", arg, 2, 2, "a list of an index and a list")
	if args == nil {
		return nil
	}
	at, ok := t.text(args[0])
	items, listed := t.list(args[1])
	if !ok || !listed {
		return nil
	}
	i, err := strconv.Atoi(at)
	if err != nil || i < 0 || i >= len(items) {
		t.refuse(n, "", "Fn::Select cannot select nonexistent value at index %s of %d", at, len(items))
		return nil
	}
	return moved(items[i], n, path)
}

// moved is a value with the place of n instead of its own.
func moved(v, n *node, path string) *node {
	out := *v
	out.file, out.line, out.path = n.file, n.line, path
	return &out
}
