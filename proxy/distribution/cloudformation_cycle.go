package distribution

import (
	"slices"
	"strings"
)

// checkFunctions refuses functions that CloudFormation does not have, in every
// resource: a misspelled one is a mistake wherever it stands.
func (t *template) checkFunctions() {
	var look func(n *node)
	look = func(n *node) {
		for _, item := range n.items {
			look(item)
		}
		for _, f := range n.fields {
			if name, ok := strings.CutPrefix(f.key, "Fn::"); ok {
				base, _, _ := strings.Cut(name, "::")
				if _, other := foreign[base]; !other && !slices.Contains(functions, name) {
					t.refuse(f.value, knownFunctions, "unknown intrinsic function %s", f.key)
				}
			}
			look(f.value)
		}
	}
	for _, name := range []string{"Conditions", "Resources", "Outputs"} {
		if n := t.root.at(name); n != nil {
			look(n)
		}
	}
}

// checkCycles refuses resources that cannot be made one after the other. References
// in the branch of Fn::If that is not chosen do not count.
func (t *template) checkCycles() {
	const open, done = 1, 2
	state := map[string]int{}
	var way []string
	var visit func(name string) bool
	visit = func(name string) bool {
		switch state[name] {
		case done:
			return false
		case open:
			cycle := way[slices.Index(way, name):]
			t.refuse(t.resources[name], "", "circular dependency between resources: [%s]", strings.Join(cycle[:min(len(cycle), 10)], ", "))
			return true
		}
		state[name] = open
		way = append(way, name)
		for _, next := range t.references(t.resources[name]) {
			if visit(next) {
				return true
			}
		}
		way = way[:len(way)-1]
		state[name] = done
		return false
	}
	for _, f := range t.section("Resources") {
		if visit(f.key) {
			return
		}
	}
}

// references are the resources that one refers to, in order.
func (t *template) references(resource *node) (names []string) {
	seen := map[string]bool{}
	add := func(name string) {
		name, _, _ = strings.Cut(name, ".")
		if t.resources[name] != nil && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	var look func(n *node)
	look = func(n *node) {
		name, arg := call(n)
		switch {
		case name == "Ref" || name == "Fn::GetAtt" && arg.kind == textKind:
			add(arg.text)
			return
		case name == "Fn::GetAtt" && len(arg.items) > 0:
			add(arg.items[0].text)
		case name == "Fn::Sub":
			substituted(arg, add)
		case name == "Fn::If" && len(arg.items) == 3:
			if c := t.conditions[arg.items[0].text]; c != nil && c.holds {
				look(arg.items[1])
			} else if c != nil {
				look(arg.items[2])
			}
			return
		}
		for _, item := range n.items {
			look(item)
		}
		for _, f := range n.fields {
			look(f.value)
		}
	}
	for _, f := range resource.fields {
		switch f.key {
		case "Properties":
			look(f.value)
		case "DependsOn":
			add(f.value.text)
			for _, item := range f.value.items {
				add(item.text)
			}
		}
	}
	return names
}

// substituted names what the text of Fn::Sub refers to, but for variables of its
// own.
func substituted(arg *node, add func(string)) {
	form, own := arg, (*node)(nil)
	if len(arg.items) == 2 {
		form, own = arg.items[0], arg.items[1]
	}
	for i, part := range strings.Split(form.text, "${") {
		if name, _, ok := strings.Cut(part, "}"); ok && i > 0 && own.at(name) == nil {
			add(name)
		}
	}
}
