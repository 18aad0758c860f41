package distribution

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"
)

// maxPlanBytes is how much is read of what terraform show -json prints: most of it
// is of other resources, or says the same once more, and is passed over.
const maxPlanBytes = 32 << 20

const planHead = 64 // bytes that tell

// isPlan reports whether JSON begins as Terraform's does.
func isPlan(b []byte) bool {
	head := b[:min(len(b), planHead)]
	return bytes.HasPrefix(bytes.Join(bytes.Fields(head), nil), []byte(`{"format_version":`))
}

// mostOf is how much is read of a file, by how it begins.
func mostOf(f io.Reader) (io.Reader, int64) {
	r := bufio.NewReaderSize(f, planHead)
	if head, _ := r.Peek(planHead); isPlan(head) {
		return r, maxPlanBytes
	}
	return r, maxJSONBytes
}

// planKeys are the parts of a plan or a state that are read.
var planKeys = []string{"format_version", "terraform_version", "planned_values", "values", "resource_changes", "configuration", "prior_state", "variables"}

// passedOver reports whether a member of a plan need not be read. What is before it
// in the same object is known.
func passedOver(n *node, key string) bool {
	if n.path == "" {
		return !slices.Contains(planKeys, key)
	}
	switch key {
	case "sensitive_values":
		return n.word("address") != ""
	case "before", "after", "before_sensitive", "after_sensitive", "replace_paths", "importing":
		return strings.HasPrefix(n.path, "resource_changes[") && strings.HasSuffix(n.path, ".change")
	case "values", "expressions", "change":
		kind := n.word("type")
		return kind != "" && resourceWords()[kind].words == nil && !referredToWords[kind] ||
			n.word("mode") == "managed" && strings.HasPrefix(n.path, "prior_state.")
	}
	return false
}
