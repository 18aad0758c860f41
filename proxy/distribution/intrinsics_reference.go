package distribution

import (
	"slices"
	"strings"
)

// ref is Ref: of a pseudo parameter, a parameter or a resource.
func (t *template) ref(n, arg *node, path string) *node {
	if arg.kind != textKind {
		t.refuse(n, "", "Ref takes a name, not %s", arg.kind)
		return nil
	}
	name := arg.text
	switch {
	case name == "AWS::NoValue": // [CFG-12]
		return nil
	case name == "AWS::NotificationARNs":
		return t.texts(n, path, nil)
	case slices.Contains(pseudoParameters, name):
		return t.scalar(n, path, t.pseudo(name))
	case t.parameters[name] != nil:
		return t.parameter(n, name, path)
	}
	if resource := t.named(n, name); resource != nil {
		return t.scalar(n, path, t.physical(name, resource))
	}
	return nil
}

// named is a resource that is referred to; nil, and a mistake, if there is none.
func (t *template) named(n *node, name string) *node {
	resource := t.resources[name]
	switch {
	case resource == nil && t.hasMacros():
		return t.madeByMacro(n, name)
	case resource == nil:
		t.refuse(n, "it is no parameter, no pseudo parameter and no resource of the template", "unresolved resource dependencies [%s]", name)
		return nil
	case !t.exists(name, resource):
		t.refuse(n, "its condition does not hold", "unresolved resource dependencies [%s]", name)
		return nil
	}
	return resource
}

// getAtt is Fn::GetAtt: [resource, attribute], or both in one text.
func (t *template) getAtt(n, arg *node, path string) *node {
	name, attribute := "", ""
	if arg.kind == textKind {
		name, attribute, _ = strings.Cut(arg.text, ".")
	} else if args := t.arguments(n, "Fn::GetAtt", arg, 2, 2, "a list of a resource and an attribute"); args != nil {
		var ok bool
		if attribute, ok = t.text(args[1]); !ok {
			return nil
		}
		name = args[0].text
	} else {
		return nil
	}
	if name == "" || attribute == "" {
		t.refuse(n, "RESOURCE.ATTRIBUTE", "Fn::GetAtt takes a resource and an attribute")
		return nil
	}
	if resource := t.named(n, name); resource != nil {
		if v, ok := t.attribute(n, name, resource, attribute); ok {
			return t.scalar(n, path, v)
		}
	}
	return nil
}

// choice is Fn::If. Only what is chosen is worked out.
func (t *template) choice(n, arg *node, path string) *node {
	args := t.arguments(n, "Fn::If", arg, 3, 3, "a list of a condition, a value if it holds and a value if not")
	if args == nil {
		return nil
	}
	if args[0].kind != textKind {
		t.refuse(args[0], "", "is %s, want the name of a condition", args[0].kind)
		return nil
	}
	begun := len(t.r.found)
	chosen := args[2]
	if t.holds(args[0].text, args[0]) {
		chosen = args[1]
	}
	if len(t.r.found) > begun {
		return nil
	}
	return t.eval(chosen, path)
}

// findInMap is Fn::FindInMap.
func (t *template) findInMap(n, arg *node, path string) *node {
	args := t.arguments(n, "Fn::FindInMap", arg, 3, 4, "a list of a map and two keys")
	if args == nil {
		return nil
	}
	var keys [3]string
	for i := range keys {
		var ok bool
		if keys[i], ok = t.text(args[i]); !ok {
			return nil
		}
	}
	found := t.mappings[keys[0]].at(keys[1]).at(keys[2])
	switch {
	case found == nil && len(args) == 4 && args[3].at("DefaultValue") != nil:
		return t.eval(args[3].at("DefaultValue"), path)
	case found == nil:
		t.refuse(n, "", "unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
		return nil
	case found.kind == listKind:
		return t.texts(n, path, t.r.names(found))
	}
	return t.scalar(n, path, t.r.text(found))
}

// export is an output that other stacks may import, worked out once.
type export struct {
	of               *template
	value            *node
	open, done, well bool
	text             string
}

// importValue is Fn::ImportValue: of the exports given, or of another template that
// is read.
func (t *template) importValue(n, arg *node, path string) *node {
	name, ok := t.text(arg)
	if !ok {
		return nil
	}
	if v, ok := t.stacks.options.Imports[name]; ok {
		return t.scalar(n, path, v)
	}
	e := t.stacks.exported()[name]
	if e == nil || e.of == t {
		t.refuse(n, "give it in the file of --imports, or the template that exports it", "no export named %s found", name)
		return nil
	}
	if e.open {
		t.refuse(n, "", "circular dependency between stacks: the export %s leads back to itself", name)
		return nil
	}
	again := e.done
	if !again {
		e.open = true
		depth := t.budget.depth
		e.of.budget.depth += depth // a chain of stacks is a chain, too
		e.text, e.well = e.of.text(e.value)
		e.of.budget.depth -= depth
		e.open, e.done = false, true
	}
	switch {
	case e.well:
		return t.scalar(n, path, e.text)
	case again: // else the mistake has just been reported
		t.refuse(n, "", "the export %s could not be worked out", name)
	}
	return nil
}

// exported are the exports of all templates. A name that cannot be worked out is
// reported.
func (s *stacks) exported() map[string]*export {
	if s.exports != nil {
		return s.exports
	}
	s.exports = map[string]*export{}
	for _, t := range s.list {
		for _, f := range t.section("Outputs") {
			as, value := f.value.at("Export").at("Name"), f.value.at("Value")
			if as == nil || value == nil || !t.outputs(f.value) {
				continue
			}
			if name, ok := t.text(as); ok {
				s.exports[name] = &export{of: t, value: value}
			}
		}
	}
	return s.exports
}

// outputs reports whether the condition of an output holds.
func (t *template) outputs(output *node) bool { return t.exists("", output) }
