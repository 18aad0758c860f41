package distribution

import (
	"maps"
	"slices"
)

// afterApply stands for a value that is known after apply only and is not needed.
const afterApply = "(known after apply)"

// translate is the configuration of a resource in the words of the AWS command
// line. Each value keeps its place: the resource's address and the attribute's
// path.
func (p *plan) translate(res *resource, words block) *node {
	tr := translation{plan: p, res: res}
	top := maps.Clone(words)
	for name, a := range terraforms() {
		if _, ok := top[name]; !ok {
			top[name] = a
		}
	}
	n := tr.block(top, nested{res.values, res.unknown, res.config.at("expressions"), res.address})
	switch res.kind {
	case "aws_cloudfront_distribution":
		asProviderSends(n)
	}
	return n
}

// translation is the work on one resource.
type translation struct {
	plan *plan
	res  *resource
	top  string // the attribute or block of the resource that is being worked on
}

// nested is a block: its values, what is unknown of them, the expressions it is
// written as, nil if they are not told, and its path.
type nested struct {
	values, unknown, written *node
	path                     string
}

func (b nested) at(name string) nested {
	return nested{b.values.at(name), b.unknown.at(name), b.written.at(name), join(b.path, name)}
}

// anyUnknown reports whether nothing is known of b but that it is there.
func (b nested) allUnknown() bool {
	return b.unknown != nil && b.unknown.kind == boolKind && b.unknown.text == "true"
}

func (tr *translation) block(words block, b nested) *node {
	out := mapOf(b.values)
	out.path = b.path
	for _, name := range members(b.values, b.unknown) {
		if b.path == tr.res.address {
			tr.top = name
		}
		a, known := words[name]
		in := b.at(name)
		switch {
		case known && a.to == "":
		case !known:
			if in.values != nil && !in.values.asksNothing() {
				out.fields = append(out.fields, field{name, placed(in.values, in.path)})
			}
		default:
			if n := tr.attribute(a, name, in); n != nil {
				out.fields = append(out.fields, field{a.to, n})
			}
		}
	}
	return out
}

// members are the names of what a block has, known or not, in order.
func members(known, unknown *node) (names []string) {
	for _, n := range []*node{known, unknown} {
		if n == nil {
			continue
		}
		for _, f := range n.fields {
			if n == known || known.at(f.key) == nil {
				names = append(names, f.key)
			}
		}
	}
	return names
}

// attribute is the value of an attribute or a block; nil: there is none.
func (tr *translation) attribute(a attribute, name string, b nested) *node {
	if b.allUnknown() {
		if a.in != nil || a.items {
			return nil // the provider's choice: blocks of the configuration are known to be there
		}
		return tr.unknown(a, name, b)
	}
	if b.values == nil || b.values.kind == nullKind {
		return nil
	}
	if a.items {
		blocks := tr.blocks(b)
		if len(blocks) == 0 {
			return nil
		}
		if b = blocks[0].at("items"); b.values == nil || b.values.kind == nullKind {
			return nil
		}
	}
	switch {
	case a.in == nil:
		return tr.value(a, b)
	case a.many:
		list := placed(b.values, b.path)
		list.kind, list.items = listKind, nil
		for _, in := range tr.blocks(b) {
			list.items = append(list.items, tr.block(a.in, in))
		}
		return list
	}
	if blocks := tr.blocks(b); len(blocks) > 0 {
		in := blocks[0]
		in.path = b.path // as Terraform's documentation has it
		return tr.block(a.in, in)
	}
	return nil
}

// blocks are those of one name, each with the expressions it is written as.
func (tr *translation) blocks(b nested) []nested {
	if len(b.values.items) > maxBlocks {
		tr.plan.r.refuse(placed(b.values, b.path), "", "", "%d blocks are more than %d", len(b.values.items), maxBlocks)
		return nil
	}
	out := make([]nested, 0, len(b.values.items))
	for i, v := range b.values.items {
		in := nested{values: v, path: index(b.path, i)}
		if b.unknown != nil && i < len(b.unknown.items) {
			in.unknown = b.unknown.items[i]
		}
		if v.kind == nullKind { // an empty block
			in.values = mapOf(v)
		}
		out = append(out, in)
	}
	if written := listed(b.written); tr.plan.spend(len(out) * len(written)) {
		pair(out, written)
	}
	return out
}

// value is what is known, with what is not known within a list worked out.
func (tr *translation) value(a attribute, b nested) *node {
	n := placed(b.values, b.path)
	if b.unknown == nil || n.kind != listKind {
		return n
	}
	for i, u := range b.unknown.items {
		if u.kind != boolKind || u.text != "true" || i >= len(n.items) {
			continue
		}
		in := nested{unknown: u, written: b.written, path: index(b.path, i)}
		if item := tr.unknown(a, "", in); item != nil {
			n.items[i] = item
		}
	}
	return n
}

// placed is a copy of a value with another path.
func placed(n *node, path string) *node {
	out := *n
	out.path = path
	out.items, out.fields = nil, nil
	for i, item := range n.items {
		out.items = append(out.items, placed(item, index(path, i)))
	}
	for _, f := range n.fields {
		out.fields = append(out.fields, field{f.key, placed(f.value, join(path, f.key))})
	}
	return &out
}

// asProviderSends makes of a distribution what the provider sends to the API of it,
// as seen of version 5.100. [CFG-23]
func asProviderSends(config *node) {
	for _, o := range listed(config.at("Origins")) {
		if o.at("CustomOriginConfig") == nil && o.at("S3OriginConfig") == nil && o.at("VpcOriginConfig") == nil {
			o.fields = append(o.fields, field{"S3OriginConfig", mapOf(o, field{"OriginAccessIdentity", text(o, "")})})
		}
	}
	for _, e := range listed(config.at("CustomErrorResponses")) {
		zero(e, "ErrorCachingMinTTL")
	}
	for _, b := range append(listed(config.at("CacheBehaviors")), config.at("DefaultCacheBehavior")) {
		if b == nil {
			continue
		}
		cachedWithin(b)
		if b.word("CachePolicyId") == "" {
			zero(b, "MinTTL", "DefaultTTL", "MaxTTL")
			continue
		}
		b.fields = slices.DeleteFunc(b.fields, func(f field) bool {
			return f.key == "MinTTL" || f.key == "DefaultTTL" || f.key == "MaxTTL"
		})
	}
}

// zero puts a 0 where there is nothing.
func zero(n *node, keys ...string) {
	for _, key := range keys {
		if v := n.at(key); v == nil || v.kind == nullKind {
			n.fields = slices.DeleteFunc(n.fields, func(f field) bool { return f.key == key })
			n.fields = append(n.fields, field{key, &node{kind: numberKind, file: n.file, line: n.line, path: n.path, text: "0"}})
		}
	}
}
