package distribution

// condition is one of a template's conditions, worked out once.
type condition struct{ open, holds bool }

// holds reports whether a condition of the template does; n is where it is asked.
func (t *template) holds(name string, n *node) bool {
	decl := t.declared[name]
	if decl == nil {
		t.refuse(n, "", "unresolved condition dependency %s", name)
		return false
	}
	c := t.conditions[name]
	switch {
	case c == nil:
		c = &condition{open: true}
		t.conditions[name] = c
		c.holds = t.condition(decl)
		c.open = false
	case c.open:
		t.refuse(decl, "", "circular dependency between conditions: %s leads back to itself", name)
	}
	return c.holds
}

// condition works out And, Or, Not, Equals and Condition.
func (t *template) condition(n *node) bool {
	if !t.enter(n) {
		return false
	}
	defer t.leave()
	name, arg := call(n)
	switch name {
	case "Condition":
		if arg.kind == textKind {
			return t.holds(arg.text, arg)
		}
	case "Fn::And", "Fn::Or":
		if arg.kind == listKind && len(arg.items) >= 2 && len(arg.items) <= 10 {
			holds := name == "Fn::And"
			for _, item := range arg.items {
				if t.condition(item) != (name == "Fn::And") {
					holds = !(name == "Fn::And")
				}
			}
			return holds
		}
		t.refuse(n, "", "%s takes a list of 2 to 10 conditions", name)
		return false
	case "Fn::Not":
		if arg.kind == listKind && len(arg.items) == 1 {
			return !t.condition(arg.items[0])
		}
		t.refuse(n, "", "Fn::Not takes a list of one condition")
		return false
	case "Fn::Equals":
		if arg.kind == listKind && len(arg.items) == 2 {
			a, _ := t.text(arg.items[0])
			b, _ := t.text(arg.items[1])
			return a == b
		}
		t.refuse(n, "", "Fn::Equals takes a list of two values")
		return false
	}
	t.refuse(n, "Fn::And, Fn::Or, Fn::Not, Fn::Equals or Condition", "is not a condition")
	return false
}

// call is the function that a map is, and what it is called with; "" if it is none.
// Condition is one only where a condition is wanted.
func call(n *node) (name string, arg *node) {
	if n.kind == objectKind && len(n.fields) == 1 {
		return n.fields[0].key, n.fields[0].value
	}
	return "", nil
}
