package distribution

import (
	"cmp"
	"slices"
	"strings"
)

// unknown works out an attribute that is known after apply only: what it refers to
// says what it will be. [CFG-19] nil: there is none, or it was refused.
func (tr *translation) unknown(a attribute, name string, b nested) *node {
	at := &node{kind: textKind, file: tr.res.values.file, line: cmp.Or(b.unknown.line, tr.res.values.line), path: b.path, text: afterApply}
	res := tr.res
	where := scope{in: res.in, key: res.key, each: res.config.at("for_each_expression")}
	if where.key == "" {
		where.key = res.in.key
	}
	found := tr.plan.follow(b.written, where, 0)
	switch {
	case a.computed && len(found) == 0:
		return nil // the provider's choice
	case !a.kept:
		return at
	}
	var n *node
	if a.from != "" {
		n = tr.policy(a, name, at, found)
	} else {
		n = tr.plan.valueOf(at, found)
	}
	if n == nil {
		tr.plan.r.refuse(at, "", "apply it and give terraform show -json of the state, or write the value itself", "known after apply only%s", told(found))
	}
	return n
}

// told names what a value comes from.
func told(found []source) string {
	var out []string
	for _, s := range found {
		if !slices.Contains(out, s.reference) && len(out) < 3 {
			out = append(out, s.reference)
		}
	}
	if len(out) == 0 {
		return ", and the plan does not tell from what"
	}
	return ": it is of " + strings.Join(out, ", ")
}

// policy is the id or the name of a policy that an attribute refers to. Without a
// reference, in a dynamic block, it is told by what the module is given.
func (tr *translation) policy(a attribute, name string, at *node, found []source) *node {
	only := func(found []source) (out []*resource) {
		for _, s := range found {
			if s.resource != nil && s.resource.kind == a.from && !slices.Contains(out, s.resource) {
				out = append(out, s.resource)
			}
		}
		return out
	}
	if candidates := only(found); len(candidates) == 1 {
		return candidates[0].named(at)
	} else if len(candidates) > 1 {
		return nil
	}
	if n := tr.byOrder(a, name, at); n != nil {
		return n
	}
	var candidates []*resource // the plan's, if there is but one that is not known
	for _, res := range tr.plan.resources {
		if res.kind == a.from && res.values.word("id") == "" {
			candidates = append(candidates, res)
		}
	}
	if len(candidates) != 1 {
		return nil
	}
	tr.plan.r.note(at, "known after apply only; taken to be that of %s, the only one it can be", candidates[0].address)
	return candidates[0].named(at)
}

// byOrder tells the policies of dynamic blocks, of which a plan has no expressions:
// where a module's variable has the block's name, the policies that the variable is
// given come in the order of the blocks that need them.
func (tr *translation) byOrder(a attribute, name string, at *node) *node {
	m := tr.res.in
	expression := m.call.at("expressions").at(tr.top)
	if expression == nil || tr.res.config.at("expressions").at(tr.top) != nil {
		return nil
	}
	outer := scope{in: m.parent, key: m.key, each: m.call.at("for_each_expression")}
	var given []*resource
	for _, s := range tr.plan.follow(expression, outer, 0) {
		if s.resource != nil && s.resource.kind == a.from && s.resource.values.word("id") == "" {
			given = append(given, s.resource)
		}
	}
	needed := 0
	for _, u := range listed(tr.res.unknown.at(tr.top)) {
		if u.word(name) == "true" {
			needed++
		}
	}
	if len(given) == 0 || len(given) != needed {
		return nil
	}
	key := tr.top + "." + name
	res := given[tr.res.guessed[key]%needed]
	tr.res.guessed[key]++
	tr.plan.r.note(at, "known after apply only; taken to be that of %s, by the order in which the module is given them", res.address)
	return res.named(at)
}

// named is what the shelf knows a policy by.
func (res *resource) named(at *node) *node {
	n := *at
	if n.text = cmp.Or(res.values.word("id"), res.values.word("name")); n.text == "" {
		return nil
	}
	return &n
}

// valueOf is the attribute of the one resource that a value comes from, where that
// can be told before apply.
func (p *plan) valueOf(at *node, found []source) *node {
	var open []source
	for _, s := range found {
		known := s.resource != nil && s.attribute != "" && s.resource.values.word(s.attribute) != ""
		if !known && !slices.ContainsFunc(open, func(o source) bool { return o.resource == s.resource && o.attribute == s.attribute }) {
			open = append(open, s)
		}
	}
	if len(open) != 1 || open[0].resource == nil {
		return nil
	}
	n := *at
	if n.text = p.bucketAttribute(open[0], &n); n.text == "" {
		return nil
	}
	return &n
}
