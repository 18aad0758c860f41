package distribution

import (
	"slices"
	"strconv"
	"strings"
)

// kind is what a node is written as.
type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	textKind
	listKind
	objectKind
)

var kinds = [...]string{"nothing", "a boolean", "a number", "text", "a list", "a map"}

func (k kind) String() string { return kinds[k] }

// node is one value of a configuration file, YAML or JSON, and where it stands.
type node struct {
	kind   kind
	file   string
	line   int    // 1-based; 0: unknown
	path   string // "cacheBehaviors[2].policy"
	text   string // of a scalar
	items  []*node
	fields []field
}

type field struct {
	key   string
	value *node
}

// at is the value of key, nil if there is none.
func (n *node) at(key string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// find goes down a path like "cacheBehaviors[2].policy.minTTL" from n as far as
// it leads, without regard to case: the settings of Amazon's JSON and ours mostly
// differ in the first letter only.
func (n *node) find(path string) *node {
	for path != "" {
		var step string
		path = strings.TrimPrefix(path, ".")
		if quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(path, "[")); err == nil && path[0] == '[' {
			step, _ = strconv.Unquote(quoted)
			path = strings.TrimPrefix(path[1+len(quoted):], "]")
		} else if rest, ok := strings.CutPrefix(path, "["); ok {
			step, path, _ = strings.Cut(rest, "]")
			at, err := strconv.Atoi(step)
			if wrapped := n.at("Items"); wrapped != nil {
				n = wrapped
			}
			if err != nil || at < 0 || at >= len(n.items) {
				return n
			}
			n = n.items[at]
			continue
		} else {
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			step, path = path[:end], path[end:]
		}
		i := slices.IndexFunc(n.fields, func(f field) bool { return strings.EqualFold(f.key, step) })
		if i < 0 {
			return n
		}
		n = n.fields[i].value
	}
	return n
}

// asksNothing reports whether a setting is written but left off: null, false,
// zero, empty, a switch Enabled or a Quantity at nought, or only such members.
func (n *node) asksNothing() bool {
	switch n.kind {
	case nullKind:
		return true
	case boolKind:
		return n.text == "false"
	case numberKind:
		return n.text == "0"
	case textKind:
		return n.text == "" || n.text == "none" || n.text == "default" || n.text == "PriceClass_All"
	case listKind:
		return len(n.items) == 0
	}
	for _, off := range []string{"Enabled", "Quantity"} {
		if v := n.at(off); v != nil && v.kind != objectKind && v.asksNothing() {
			return true
		}
	}
	for _, f := range n.fields {
		if !f.value.asksNothing() {
			return false
		}
	}
	return true
}

// join makes the path of a member. Keys with dots or brackets stand in brackets.
func join(path, key string) string {
	if key == "" || strings.ContainsAny(key, ".[]\" \n") {
		return path + "[" + strconv.Quote(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
