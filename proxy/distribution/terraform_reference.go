package distribution

import (
	"slices"
	"strings"
)

// maxHops is through how many variables and outputs a reference is followed.
const maxHops = 32

// origin of a value is the attribute of a resource that it comes from; resource is
// nil where the plan does not tell: a local value.
type source struct {
	resource  *resource
	attribute string // "id"; "" where only the resource is told
	reference string // as it is written
}

// references are those of an expression, each in full: Terraform lists
// `a.b["k"].id`, `a.b["k"]` and `a.b` for one.
func references(expression *node) (out []string) {
	full := ""
	for _, item := range listed(expression.at("references")) {
		rest, part := strings.CutPrefix(full, item.text)
		if part && (rest == "" || rest[0] == '.' || rest[0] == '[') && rest != "" {
			continue
		}
		full = item.text
		out = append(out, full)
	}
	return out
}

// steps splits a reference at its dots and brackets, the quotes taken off:
// `module.site["docs"].id` is module, site, [docs, id.
func steps(reference string) (out []string) {
	for reference != "" {
		if rest, ok := strings.CutPrefix(reference, "["); ok {
			end := indexEnd(rest)
			out = append(out, "["+unquoted(rest[:end]))
			reference = strings.TrimPrefix(strings.TrimPrefix(rest[end:], "]"), ".")
			continue
		}
		end := strings.IndexAny(reference, ".[")
		if end < 0 {
			end = len(reference)
		}
		out = append(out, reference[:end])
		reference = strings.TrimPrefix(reference[end:], ".")
	}
	return out
}

// indexEnd is where the bracket closes, outside of quotes.
func indexEnd(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ']' && !quoted:
			return i
		}
	}
	return len(s)
}

// scope is where an expression stands.
type scope struct {
	in   *module
	key  string // each.key there
	each *node  // the expression of for_each
}

// follow finds what an expression comes from, through variables and outputs.
func (p *plan) follow(expression *node, at scope, hops int) (out []source) {
	if hops > maxHops {
		return nil
	}
	for _, ref := range references(expression) {
		if !p.spend(1) {
			return nil
		}
		out = append(out, p.source(ref, at, hops)...)
	}
	return out
}

func (p *plan) source(ref string, at scope, hops int) []source {
	way := steps(ref)
	if len(way) == 0 {
		return nil
	}
	switch way[0] {
	case "count", "path", "terraform", "self":
		return nil // known
	case "local":
		return []source{{reference: ref}} // a plan does not have the expressions of local values
	case "each":
		return p.follow(at.each, scope{in: at.in}, hops+1)
	case "var":
		m := at.in
		if m.parent == nil || len(way) < 2 {
			return nil
		}
		outer := scope{in: m.parent, key: m.key, each: m.call.at("for_each_expression")}
		return p.follow(m.call.at("expressions").at(way[1]), outer, hops+1)
	case "module":
		return p.output(way, ref, at, hops)
	case "data":
		return p.instance(way[1:], true, ref, at)
	}
	return p.instance(way, false, ref, at)
}

// output follows module.NAME[KEY].OUTPUT.
func (p *plan) output(way []string, ref string, at scope, hops int) (out []source) {
	if len(way) < 2 {
		return nil
	}
	key, output, keyed := "", "", false
	for _, step := range way[2:] {
		if k, ok := strings.CutPrefix(step, "["); ok && output == "" {
			key, keyed = k, true
		} else if output == "" {
			output = step
		}
	}
	var children []*module
	if !p.spend(len(at.in.children)) {
		return nil
	}
	for _, m := range at.in.children {
		if m.name == way[1] && (!keyed || m.key == key) {
			children = append(children, m)
		}
	}
	if i := slices.IndexFunc(children, func(m *module) bool { return m.key == at.key }); i >= 0 && len(children) > 1 {
		children = children[i : i+1] // module.NAME[each.key]
	}
	for _, m := range children {
		if output == "" { // module.NAME[each.key].OUTPUT tells no output
			out = append(out, source{reference: ref})
			continue
		}
		out = append(out, p.follow(m.config.at("outputs").at(output).at("expression"), scope{in: m}, hops+1)...)
	}
	return out
}

// instance finds TYPE.NAME[KEY].ATTRIBUTE. Without a key, as for
// TYPE.NAME[each.key], it is the instance of the key where the expression stands.
func (p *plan) instance(way []string, data bool, ref string, at scope) (out []source) {
	if len(way) < 2 {
		return []source{{reference: ref}}
	}
	attribute, key, keyed := "", "", false
	for _, step := range way[2:] {
		if k, ok := strings.CutPrefix(step, "["); ok && attribute == "" && !keyed {
			key, keyed = k, true
		} else if attribute == "" && step[0] != '[' {
			attribute = step
		}
	}
	instances := p.named[blockName{at.in, data, way[0], way[1]}]
	if !p.spend(len(instances)) {
		return nil
	}
	for _, res := range instances {
		if !keyed || res.key == key {
			out = append(out, source{res, attribute, ref})
		}
	}
	if i := slices.IndexFunc(out, func(s source) bool { return s.resource.key == at.key }); i >= 0 && len(out) > 1 {
		out = out[i : i+1]
	}
	if len(out) == 0 {
		return []source{{reference: ref}}
	}
	return out
}
