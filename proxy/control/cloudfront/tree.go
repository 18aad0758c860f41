package cloudfront

import (
	"encoding/json"
	"strconv"
)

// tree is a document in the shape that the AWS command line prints: maps, lists,
// texts, flags and numbers. [CFG-02] A tree that was kept is never changed.
type tree = map[string]any

// text is the text at the end of a path; "" if there is none.
func text(t tree, path ...string) string {
	s, _ := at(t, path...).(string)
	return s
}

// flag is the flag at the end of a path; false if there is none.
func flag(t tree, path ...string) bool {
	b, _ := at(t, path...).(bool)
	return b
}

// sub is the map at the end of a path; nil if there is none.
func sub(t tree, path ...string) tree {
	m, _ := at(t, path...).(tree)
	return m
}

// items are those of the wrapped list at the end of a path.
func items(t tree, path ...string) []any {
	list, _ := at(sub(t, path...), "Items").([]any)
	return list
}

func at(t tree, path ...string) any {
	var v any = t
	for _, name := range path {
		m, ok := v.(tree)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// list wraps values as the API does. [API-06]
func list[T any](values ...T) tree {
	t := tree{"Quantity": number(len(values))}
	if len(values) > 0 {
		all := make([]any, len(values))
		for i, v := range values {
			all[i] = v
		}
		t["Items"] = all
	}
	return t
}

func number[T int | int64](n T) json.Number { return json.Number(strconv.FormatInt(int64(n), 10)) }

// behaviors are the cache behaviors of a configuration, the default last.
func behaviors(config tree) (all []tree) {
	for _, b := range items(config, "CacheBehaviors") {
		if b, ok := b.(tree); ok {
			all = append(all, b)
		}
	}
	return append(all, sub(config, "DefaultCacheBehavior"))
}

// copied is a copy of a value of a tree that shares nothing with it.
func copied[T any](v T) T {
	switch v := any(v).(type) {
	case tree:
		out := make(tree, len(v))
		for k, in := range v {
			out[k] = copied(in)
		}
		return any(out).(T)
	case []any:
		out := make([]any, len(v))
		for i, in := range v {
			out[i] = copied(in)
		}
		return any(out).(T)
	}
	return v
}
