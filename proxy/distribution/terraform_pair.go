package distribution

import (
	"cmp"
	"slices"
)

// pair gives each block the expressions it is written as. Those of a set stand in
// another order there, and dynamic blocks are not told at all: a block goes with
// expressions that can have given it what is known of it. Where several could, the
// blocks do not differ in what is known, so that any will do.
func pair(blocks []nested, written []*node) {
	type choice struct {
		block int
		from  []int
	}
	var choices []choice
	for i, b := range blocks {
		c := choice{block: i}
		for j, w := range written {
			if gives(w, b) {
				c.from = append(c.from, j)
			}
		}
		if at := slices.Index(c.from, i); at >= 0 { // the same place comes first: lists keep their order
			c.from = slices.Insert(slices.Delete(c.from, at, at+1), 0, i)
		}
		choices = append(choices, c)
	}
	slices.SortStableFunc(choices, func(a, b choice) int { return cmp.Compare(len(a.from), len(b.from)) })
	taken := make([]bool, len(written))
	for _, c := range choices {
		for _, j := range c.from {
			if !taken[j] {
				taken[j] = true
				blocks[c.block].written = written[j]
				break
			}
		}
	}
}

// gives reports whether expressions can have given a block what is known of it.
func gives(written *node, b nested) bool {
	b.written = written
	for _, f := range written.fields {
		in := b.at(f.key)
		if f.value.kind == listKind { // nested blocks
			if in.values != nil && len(in.values.items) != len(f.value.items) {
				return false
			}
			continue
		}
		if constant := f.value.at("constant_value"); constant != nil && (in.allUnknown() || in.values != nil && !alike(constant, in.values)) {
			return false
		}
	}
	for _, name := range members(b.values, b.unknown) {
		in := b.at(name)
		if in.written != nil {
			continue
		}
		if b.values.at(name) == nil && in.allUnknown() && !mayBeComputed[name] {
			return false // somebody gave it a value
		}
	}
	return true
}

// mayBeComputed are attributes of blocks that are unknown without being given: the
// provider's choice.
var mayBeComputed = map[string]bool{
	"default_ttl": true, "max_ttl": true, "headers": true, "query_string_cache_keys": true, "whitelisted_names": true,
	"trusted_key_groups": true, "trusted_signers": true, "grpc_config": true, "locations": true, "enabled": true,
}

// alike compares scalars; what is no scalar is taken to be.
func alike(a, b *node) bool {
	scalar := func(n *node) bool { return n.kind != listKind && n.kind != objectKind && n.kind != nullKind }
	return !scalar(a) || !scalar(b) || a.text == b.text
}
